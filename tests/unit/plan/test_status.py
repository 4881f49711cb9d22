from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mlgitops.manifest import Manifest, identity
from mlgitops.plan.health import Health, State
from mlgitops.plan.ledger import started
from mlgitops.plan.status import EnvironmentStatus, Found, Running, TargetStatus, in_order, status_of
from mlgitops.targets import Inventory, InventoryEntry, Live, owner_of

Make = Callable[..., Manifest]
TIME = "2026-01-01T00:00:00Z"
KSERVE = "serving.kserve.io/v1beta1"


def running(desired: list[Manifest], live: list[Manifest], applied: Inventory, **more: Any) -> dict[str, Running]:
    there = {identity(manifest): Live.of(manifest) for manifest in live}
    target = status_of("aws", Found(applied, desired, there, **more), rendered=False)
    return {one.owner: one for one in target.running}


def service(make: Make, ready: str = "True", **annotations: str) -> Manifest:
    condition = {"type": "Ready", "status": ready, "message": "why", "lastTransitionTime": TIME}
    manifest = make("iris", "InferenceService", KSERVE, status={"conditions": [condition]})
    manifest["metadata"]["labels"]["mlgitops.dev/release"] = "1.4"
    manifest["metadata"]["annotations"] = {f"mlgitops.dev/{key.replace('_', '-')}": v for key, v in annotations.items()}
    return manifest


def test_it_is_what_runs_that_is_told(make: Make, applied: Callable[..., Inventory]) -> None:
    live = service(make, release_digest="sha256:abc", source_commit="c1")
    newer = service(make, release_digest="sha256:new", source_commit="c2")
    one = running([newer], [live, make("iris", "PodMonitor", "monitoring.coreos.com/v1")], applied(live))["Model/iris"]
    assert (one.release, one.digest, one.commit) == ("1.4", "sha256:abc", "c1")
    assert (one.health.state, one.health.since, one.objects) == (State.READY, TIME, ())


def test_the_worst_object_decides(make: Make, applied: Callable[..., Inventory]) -> None:
    widget = make("iris", "Widget", "example.com/v1")
    one = running([], [service(make, "False"), widget], applied(service(make), widget))["Model/iris"]
    assert (one.health.state, one.health.reason) == (State.PROGRESSING, "Ready: why")
    assert [(o.identity.kind, o.health.state) for o in one.objects] == [
        ("InferenceService", State.PROGRESSING), ("Widget", State.UNKNOWN)
    ]  # fmt: skip


def test_an_object_that_is_gone_has_failed_and_so_has_one_that_never_came(make: Make) -> None:
    reasons = {}
    for uid in ("u1", ""):
        entry = InventoryEntry(identity(service(make)), "d", "Model/iris", uid)
        one = running([service(make)], [], Inventory("shop/dev/aws", {entry.identity: entry}))["Model/iris"]
        assert one.health.state == State.FAILED
        reasons[uid] = one.health.reason
    assert reasons == {"u1": "it was applied and is gone", "": "it was to be applied and is not there"}


def test_what_was_never_applied_says_so(make: Make, applied: Callable[..., Inventory]) -> None:
    one = running([service(make)], [], applied(), pending={"Model/iris"})["Model/iris"]
    assert (one.applied, one.pending, one.drifted, one.release) == (False, True, False, "")
    part = running([service(make), make("iris")], [service(make)], applied(service(make)))["Model/iris"]
    assert (part.applied, part.health.state) == (True, State.READY)


def test_a_run_that_removed_itself_is_well_unless_it_failed(make: Make) -> None:
    run = make("train", "TrainJob", "trainer.kubeflow.org/v1alpha1", owner="Pipeline/train")
    entry = started(InventoryEntry(identity(run), "d", owner_of(run)), run)
    digest = entry.run.partition(" ")[2]
    said = {}
    for state in ("started", "succeeded", "failed"):
        marked = InventoryEntry(entry.identity, "d", entry.owner, run=f"{state} {digest}")
        inventory = Inventory("shop/dev/aws", {entry.identity: marked})
        said[state] = running([run], [], inventory)["Pipeline/train"].health.state
    assert said == {"started": State.READY, "succeeded": State.READY, "failed": State.FAILED}


def test_drift_and_what_is_pending_are_by_owner(make: Make, applied: Callable[..., Inventory]) -> None:
    both = [service(make), make("x", owner="Model/other")]
    found = running(both, both, applied(*both), drifted={"Model/iris"}, pending={"Model/other"})
    assert [(one.drifted, one.pending) for one in found.values()] == [(True, False), (False, True)]


def test_files_tell_nothing_about_health(make: Make, applied: Callable[..., Inventory]) -> None:
    live = service(make, "False")
    found = Found(applied(live), [live], {identity(live): Live.of(live)})
    target = status_of("aws", found, rendered=True)
    (one,) = target.running
    assert (target.rendered, one.health.state, one.health.since, one.objects) == (True, State.UNKNOWN, TIME, ())


def test_what_is_not_well_comes_first() -> None:
    target = TargetStatus("aws")
    states = [State.READY, State.UNKNOWN, State.SUSPENDED, State.PROGRESSING, State.FAILED]
    rows = [(target, Running(f"Model/{state}", Health(state))) for state in states]
    rows.append((target, Running("Model/z-drifted", Health(State.READY), drifted=True)))
    assert [one.owner.removeprefix("Model/") for _, one in in_order(rows)] == [
        "failed", "progressing", "suspended", "unknown", "z-drifted", "ready"
    ]  # fmt: skip


def test_an_environment_fails_with_any_object_or_target() -> None:
    good = TargetStatus("aws", (Running("Model/a", Health(State.PROGRESSING)),))
    bad = TargetStatus("gcp", (Running("Model/a", Health(State.FAILED)),))
    assert not EnvironmentStatus("dev", (good,)).failing
    assert EnvironmentStatus("dev", (good, bad)).failing
    assert EnvironmentStatus("dev", (good, TargetStatus("azure", error="no route to host"))).failing
