from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any

import pytest

from mlgitops.manifest import ANNOTATION_DEPENDS_ON, Identity, Manifest, identity
from mlgitops.plan.change import Plan
from mlgitops.plan.compare import plan_target
from mlgitops.plan.outcome import Outcome, Result
from mlgitops.plan.waited import Readiness
from mlgitops.targets import InventoryEntry, Live
from mlgitops.targets.directory import DirectoryConnection
from mlgitops.workflows.apply import apply
from mlgitops.workflows.wait import Clock, Patience, Terms, wait

CLUSTER = {"kubernetes": {"context": "x"}}
FILES = {"directory": {"path": "out"}}
READY = {"observedGeneration": 1, "updatedReplicas": 1, "availableReplicas": 1, "replicas": 1}
LATE = {"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded", "message": "no GPU is free"}
Statuses = Callable[[str, float], Mapping[str, Any]]
Make = Callable[..., "Cluster"]


class Cluster(DirectoryConnection):
    """Files that stand for a cluster's objects, whose status is a function of their name and of the time."""

    def __init__(self, folder: Path, status: Statuses) -> None:
        super().__init__(folder, "shop/dev/aws")
        self.status = status
        self.seconds = 0.0
        self.written: list[tuple[str, float]] = []
        self.looked: list[set[str]] = []

    def live(self, wanted: Collection[Identity], *, exact: bool = False) -> Mapping[Identity, Live]:
        self.looked.append({one.name for one in wanted})
        return {one: self._with_status(one, live) for one, live in super().live(wanted).items()}

    def put(self, manifest: Manifest, expected: str, *, force: bool = False) -> InventoryEntry:
        self.written.append((manifest["metadata"]["name"], self.seconds))
        return super().put(manifest, expected, force=force)

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds

    def _with_status(self, one: Identity, live: Live) -> Live:
        manifest = {**live.manifest, "status": self.status(one.name, self.seconds)}
        manifest["metadata"] = {**manifest["metadata"], "generation": 1}
        return Live(live.digest, lambda: manifest, live.version)


def model(name: str, *depends_on: str, kind: str = "Deployment", image: str = "") -> Manifest:
    labels = {
        "mlgitops.dev/project": "shop",
        "mlgitops.dev/environment": "dev",
        "mlgitops.dev/target": "aws",
        "mlgitops.dev/model": name,
    }
    annotations = {ANNOTATION_DEPENDS_ON: ",".join(depends_on)} if depends_on else {}
    metadata = {"name": name, "namespace": "ml", "labels": labels, "annotations": annotations}
    api = "apps/v1" if kind == "Deployment" else "v1"
    return {"apiVersion": api, "kind": kind, "metadata": metadata, **({"spec": {"image": image}} if image else {})}


def ready_after(**seconds: float) -> Statuses:
    """Objects are ready after so many seconds, those that are not named at once."""
    return lambda name, now: READY if now >= seconds.get(name, 0) else {}


@pytest.fixture
def cluster(tmp_path: Path) -> Make:
    return lambda status: Cluster(tmp_path / "out", status)


def plan(cluster: Cluster, *desired: Manifest, connection: Mapping[str, Any] = CLUSTER) -> Plan:
    live = cluster.live([identity(one) for one in desired])
    return Plan("shop", "dev", "c1", "", (plan_target("aws", connection, desired, live, cluster.inventory()),))


def patience(cluster: Cluster, timeout: float = 60) -> Patience:
    return Patience(Clock(lambda: cluster.seconds, cluster.sleep), Terms(timeout), lambda *_: None)


def run(cluster: Cluster, made: Plan, timeout: float | None = 60) -> Outcome:
    cluster.looked.clear()
    waiting = None if timeout is None else patience(cluster, timeout)
    return apply(made, {"aws": cluster}, lambda: "2026-01-01T00:00:00Z", lambda change: None, patience=waiting)


def results(outcome: Outcome) -> dict[str, Result]:
    return {one.identity.name: one.result for one in outcome.targets[0].objects}


def reasons(outcome: Outcome) -> dict[str, str]:
    return {one.identity.name: one.reason for one in outcome.targets[0].objects if one.reason}


def test_what_depends_on_a_model_is_written_once_that_is_ready(cluster: Make) -> None:
    here = cluster(ready_after(a=4))
    outcome = run(here, plan(here, model("a"), model("b", "a"), model("c")))
    assert outcome.succeeded
    assert [name for name, _ in here.written] == ["a", "c", "b"]
    times = dict(here.written)
    assert times["a"] == times["c"] == 0
    assert 4 <= times["b"] < 10
    assert [(one.identity.name, one.readiness) for one in outcome.targets[0].waited] == [("a", Readiness.READY)]


def test_a_chain_waits_link_by_link_and_not_for_its_last(cluster: Make) -> None:
    here = cluster(ready_after(a=4, b=20, c=1000))
    assert run(here, plan(here, model("a"), model("b", "a"), model("c", "b"))).succeeded
    times = dict(here.written)
    assert 4 <= times["b"] < 20 <= times["c"] < 40


def test_only_what_something_ahead_depends_on_is_waited_for(cluster: Make) -> None:
    here = cluster(ready_after(slow=1000))
    outcome = run(here, plan(here, model("a"), model("b", "a"), model("slow")))
    assert (outcome.succeeded, here.seconds) == (True, 0)
    assert here.looked[1:] == [{"a"}]


def test_what_is_unchanged_is_not_waited_for(cluster: Make) -> None:
    here = cluster(ready_after())
    run(here, plan(here, model("a")))
    here.status = ready_after(a=1000)
    assert run(here, plan(here, model("a"), model("b", "a"))).succeeded
    assert here.seconds == 0


def test_where_it_fails_what_depends_on_it_is_skipped_and_says_why(cluster: Make) -> None:
    here = cluster(lambda name, now: {**READY, "conditions": [LATE]} if name == "a" else READY)
    made = plan(here, model("a"), model("b", "a"), model("c", "b"), model("d"), model("e", "d"))
    outcome = run(here, made)
    assert results(outcome) == {
        "a": Result.DONE, "d": Result.DONE, "b": Result.SKIPPED, "e": Result.DONE, "c": Result.SKIPPED,
    }  # fmt: skip
    assert reasons(outcome) == {
        "b": "waits for ml/Deployment/a, which failed: Progressing: no GPU is free",
        "c": "waits for ml/Deployment/b",
    }
    assert (outcome.succeeded, here.inventory().commit) == (False, "")
    assert [name for name, _ in here.written] == ["a", "d", "e"]


def test_where_it_takes_too_long_too(cluster: Make) -> None:
    here = cluster(ready_after(a=1000))
    outcome = run(here, plan(here, model("a"), model("b", "a")), timeout=30)
    assert (here.seconds, here.written) == (30, [("a", 0)])
    assert reasons(outcome)["b"].startswith("waits for ml/Deployment/a, which is not ready after 30 s")


def test_what_did_not_become_ready_keeps_the_old_version_of_what_depends_on_it(cluster: Make) -> None:
    here = cluster(ready_after())
    run(here, plan(here, model("a"), model("b", "a", image="b:1"), model("old")))
    here.status = ready_after(a=1000)
    made = plan(here, model("a", image="a:2"), model("b", "a", image="b:2"), model("keep"))
    outcome = run(here, made, timeout=10)
    assert results(outcome) == {"a": Result.DONE, "keep": Result.DONE, "b": Result.SKIPPED, "old": Result.DONE}
    (b,) = [live for one, live in here.live([]).items() if one.name == "b"]
    assert b.manifest["spec"] == {"image": "b:1"}
    assert run(here, plan(here, model("a", image="a:2"), model("b", "a", image="b:2"), model("keep"))).succeeded


def test_without_patience_nothing_is_waited_for(cluster: Make) -> None:
    here = cluster(ready_after(a=1000))
    assert run(here, plan(here, model("a"), model("b", "a")), timeout=None).succeeded
    assert (here.seconds, [name for name, _ in here.written]) == (0, ["a", "b"])


def test_files_are_not_waited_for(cluster: Make) -> None:
    here = cluster(ready_after(a=1000))
    assert run(here, plan(here, model("a"), model("b", "a"), connection=FILES)).succeeded
    assert here.seconds == 0


def test_what_failed_to_be_written_is_not_waited_for(cluster: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    here = cluster(ready_after(a=1000))
    made = plan(here, model("a"), model("b", "a"))
    monkeypatch.setattr(here, "put", lambda manifest, expected, force: here.delete(identity(manifest), "nothing"))
    outcome = run(here, made)
    assert results(outcome) == {"a": Result.FAILED, "b": Result.SKIPPED}
    assert reasons(outcome)["b"] == "waits for ml/Deployment/a"
    assert here.seconds == 0


def test_at_the_end_nothing_is_waited_for_a_second_time(cluster: Make) -> None:
    here = cluster(ready_after(a=1000))
    made = plan(here, model("a"), model("b", "a"), model("c"))
    outcome = run(here, made, timeout=30)
    terms = patience(here)
    waited = wait(made, {"aws": here}, outcome, terms.clock, terms.terms, terms.progress)
    assert [(one.identity.name, one.readiness) for one in waited] == [
        ("a", Readiness.TIMED_OUT), ("c", Readiness.READY)
    ]  # fmt: skip
    assert here.seconds == 30


def test_an_interrupt_ends_the_waiting_and_starts_nothing_more(cluster: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    here = cluster(ready_after(a=1000))

    def interrupted(seconds: float) -> None:
        raise KeyboardInterrupt

    made = plan(here, model("a"), model("b", "a"))
    monkeypatch.setattr(here, "sleep", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run(here, made)
    assert here.written == [("a", 0)]
    with here.lock():
        assert {one.name for one in here.inventory().entries} == {"a", "b"}  # as it was widened


def service(name: str, owner: str = "iris", image: str = "") -> Manifest:
    made = model(name, kind="Deployment", image=image)
    made["metadata"]["labels"]["mlgitops.dev/model"] = owner
    return {**made, "apiVersion": "serving.kserve.io/v1beta1", "kind": "InferenceService"}


def route(**weights: int) -> Manifest:
    made = model("iris-traffic")
    made["metadata"]["labels"]["mlgitops.dev/model"] = "iris"
    refs = [{"name": f"{name}-predictor".replace("_", "-"), "weight": weight} for name, weight in weights.items()]
    spec = {"rules": [{"backendRefs": refs}]}
    return {**made, "apiVersion": "gateway.networking.k8s.io/v1", "kind": "HTTPRoute", "spec": spec}


def served_after(**seconds: float) -> Statuses:
    """InferenceServices are ready after so many seconds; those that are not named at once."""

    def status(name: str, now: float) -> Mapping[str, Any]:
        is_ready = now >= seconds.get(name.replace("-", "_"), 0)
        return {"conditions": [{"type": "Ready", "status": "True" if is_ready else "False"}]}

    return status


def test_a_route_is_written_once_what_it_leads_to_is_ready(cluster: Make) -> None:
    here = cluster(served_after(iris_canary=20))
    run(here, plan(here, service("iris"), route(iris=100)))
    here.written.clear()
    assert run(here, plan(here, service("iris"), service("iris-canary"), route(iris=90, iris_canary=10)), 90).succeeded
    times = dict(here.written)
    assert times["iris-canary"] < 20 <= times["iris-traffic"]


def test_what_gets_no_requests_is_not_waited_for(cluster: Make) -> None:
    here = cluster(served_after(iris_canary=1000))
    outcome = run(here, plan(here, service("iris"), service("iris-canary"), route(iris=100, iris_canary=0)))
    assert outcome.succeeded
    assert [one.identity.name for one in outcome.targets[0].waited] == ["iris"]


def test_a_route_keeps_away_from_what_does_not_become_ready_also_the_next_time(cluster: Make) -> None:
    here = cluster(served_after(iris_canary=1000))
    run(here, plan(here, service("iris"), route(iris=100)))
    wanted = service("iris"), service("iris-canary"), route(iris=90, iris_canary=10)
    for _ in range(2):
        outcome = run(here, plan(here, *wanted), timeout=30)
        assert results(outcome)["iris-traffic"] is Result.SKIPPED
        assert reasons(outcome)["iris-traffic"].startswith("waits for ml/InferenceService/iris-canary, which is not")
    back = plan(here, service("iris"), service("iris-canary"), route(iris=100, iris_canary=0))
    assert run(here, back).succeeded


def test_at_the_end_of_a_rollout_the_new_release_stays_until_the_old_place_is_taken(cluster: Make) -> None:
    here = cluster(served_after())
    run(here, plan(here, service("iris"), service("iris-canary"), route(iris=0, iris_canary=100)))
    here.status = served_after(iris=1000)
    ended = service("iris", image="new"), route(iris=1)
    outcome = run(here, plan(here, *ended), timeout=30)
    assert results(outcome) == {
        "iris": Result.DONE, "iris-traffic": Result.SKIPPED, "iris-canary": Result.SKIPPED,
    }  # fmt: skip
    here.status = served_after()
    assert results(run(here, plan(here, *ended))) == {"iris-traffic": Result.DONE, "iris-canary": Result.DONE}


def test_what_a_route_leaves_changes_once_it_is_left(cluster: Make) -> None:
    here = cluster(served_after())
    run(here, plan(here, service("iris"), service("iris-canary"), route(iris=0, iris_canary=100)))
    here.status = served_after(iris=20)
    here.written.clear()
    wanted = service("iris", image="new"), service("iris-canary", image="newer"), route(iris=100, iris_canary=0)
    assert run(here, plan(here, *wanted)).succeeded
    assert [name for name, _ in here.written] == ["iris", "iris-traffic", "iris-canary"]
    assert dict(here.written)["iris-traffic"] >= 20


def test_where_a_route_cannot_leave_yet_what_it_leads_to_stays_as_it_is(cluster: Make) -> None:
    here = cluster(served_after())
    run(here, plan(here, service("iris"), service("iris-canary"), route(iris=0, iris_canary=100)))
    here.status = served_after(iris=1000)
    wanted = service("iris", image="new"), service("iris-canary", image="newer"), route(iris=100, iris_canary=0)
    outcome = run(here, plan(here, *wanted), timeout=30)
    assert results(outcome) == {
        "iris": Result.DONE, "iris-traffic": Result.SKIPPED, "iris-canary": Result.SKIPPED,
    }  # fmt: skip


def test_what_is_new_is_there_before_a_route_names_it(cluster: Make) -> None:
    here = cluster(served_after())
    run(here, plan(here, service("iris"), route(iris=100)))
    here.written.clear()
    run(here, plan(here, service("iris"), service("iris-canary"), route(iris=100, iris_canary=0)))
    assert [name for name, _ in here.written] == ["iris-canary", "iris-traffic"]


def test_a_route_of_nobody_s_model_waits_for_nothing(cluster: Make) -> None:
    here = cluster(served_after(iris=1000))
    shared = route(iris=1)
    del shared["metadata"]["labels"]["mlgitops.dev/model"]
    assert run(here, plan(here, service("iris"), shared)).succeeded
    assert here.seconds == 0
