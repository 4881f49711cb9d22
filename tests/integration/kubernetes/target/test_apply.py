"""What is applied to a real cluster, and what the cluster says of it afterwards."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from mlgitops.errors import StalePlanError, TargetError
from mlgitops.manifest import identity
from mlgitops.plan.change import Action, Plan
from mlgitops.plan.outcome import Outcome, Result
from mlgitops.plan.serialise import dumps, loads

Results = Callable[[Outcome], dict[str, str]]


def test_after_an_apply_there_is_nothing_to_do_and_nothing_is_written(target: Any) -> None:
    desired = [target.service(), target.deployment(), target.make("settings", data={"v": "1"})]
    assert target.apply(*desired).succeeded
    plan = target.plan(*desired)
    assert plan.is_empty
    with target.plane.audit.recording() as recorded:
        assert target.carry_out(plan).succeeded
    assert recorded.mutating() == []


def test_a_plan_of_what_is_unchanged_asks_for_no_dry_run(target: Any) -> None:
    desired = [target.service(), target.deployment()]
    target.apply(*desired)
    with target.plane.audit.recording() as recorded:
        target.plan(*desired)
    assert {event.verb for event in recorded.events} == {"get", "list"}


def test_each_object_is_made_by_one_request(target: Any) -> None:
    desired = [target.make(f"c{number}") for number in range(12)]
    plan = target.plan(*desired)
    with target.plane.audit.recording() as recorded:
        target.carry_out(plan)
    made = [event.name for event in recorded.mutating() if event.resource == "configmaps" and event.verb == "patch"]
    assert sorted(made) == sorted(one["metadata"]["name"] for one in desired)


def test_what_git_changes_is_changed_and_what_it_drops_is_deleted(target: Any, changed: Any, results: Results) -> None:
    kept, dropped = target.make("kept", data={"v": "1", "old": "x"}), target.make("dropped")
    target.apply(kept, dropped)
    outcome = target.apply(target.make("kept", data={"v": "2"}))
    assert results(outcome) == {"ConfigMap/kept": "done", "ConfigMap/dropped": "done"}
    assert target.read(kept)["data"] == {"v": "2"}
    assert set(target.connect().inventory().entries) == {identity(kept)}


def test_a_commit_alone_is_no_change_and_the_one_that_changed_an_object_stays_on_it(target: Any) -> None:
    manifest = target.make("a")
    manifest["metadata"]["annotations"] = {"mlgitops.dev/source-commit": "c1"}
    target.apply(manifest)
    manifest["metadata"]["annotations"] = {"mlgitops.dev/source-commit": "c2"}
    assert target.plan(manifest).is_empty
    assert target.read(manifest)["metadata"]["annotations"]["mlgitops.dev/source-commit"] == "c1"


def test_a_namespace_that_is_not_there_is_made_for_the_inventory_and_taken_over_by_git(target: Any) -> None:
    target.namespace = f"{target.namespace}-new"
    namespace = target.make(target.namespace, "Namespace")
    del namespace["metadata"]["namespace"]
    desired = [namespace, target.make("a")]
    plan = target.plan(*desired)
    assert {change.action for change in plan.targets[0].changes} == {Action.CREATE}
    assert target.carry_out(plan).succeeded
    assert target.plan(*desired).is_empty
    assert "mlgitops.dev/made-for" not in target.read(namespace)["metadata"].get("annotations", {})


def test_the_members_and_their_parent_are_an_applyset(target: Any) -> None:
    manifest = target.make("a")
    target.apply(manifest, target.service())
    parent = target.plane.api.get(target.inventory_path)["metadata"]
    assert parent["annotations"]["applyset.kubernetes.io/tooling"].startswith("mlgitops/v")
    kinds = "ConfigMap,InferenceService.serving.kserve.io"
    assert parent["annotations"]["applyset.kubernetes.io/contains-group-kinds"] == kinds
    part_of = target.read(manifest)["metadata"]["labels"]["applyset.kubernetes.io/part-of"]
    assert part_of == parent["labels"]["applyset.kubernetes.io/id"]


def test_an_apply_leaves_events_that_name_the_commit(target: Any) -> None:
    target.apply(target.make("a"))
    events = target.plane.api.get(f"/api/v1/namespaces/{target.namespace}/events")["items"]
    assert {(event["reason"], event["type"]) for event in events} == {
        ("ApplyStarted", "Normal"), ("ApplyFinished", "Normal")
    }  # fmt: skip
    assert all("commit c1" in event["message"] for event in events)


def test_custom_resources_can_come_with_their_definition(target: Any) -> None:
    names = {"plural": "widgets", "singular": "widget", "kind": "Widget"}
    schema = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
    group = f"{target.namespace}.example.com"
    definition = target.make(f"widgets.{group}", "CustomResourceDefinition", "apiextensions.k8s.io/v1", spec={
        "group": group, "scope": "Namespaced", "names": names,
        "versions": [{"name": "v1", "served": True, "storage": True, "schema": schema}],
    })  # fmt: skip
    del definition["metadata"]["namespace"]
    widget = target.make("one", "Widget", f"{group}/v1", spec={"size": 3})
    plan = target.plan(definition, widget)
    assert [change.refused for change in plan.targets[0].changes] == ["", ""]
    assert target.carry_out(plan).succeeded
    assert target.plan(definition, widget).is_empty


def test_a_kind_that_is_not_served_is_said_in_the_plan_and_holds_nothing_else_back(
    target: Any, results: Results
) -> None:
    plan = target.plan(target.make("x", "Gadget", "example.com/v1", owner="other"), target.make("a"))
    assert [change.refused for change in plan.targets[0].changes] == [
        "", "the cluster does not serve Gadget in example.com/v1"
    ]  # fmt: skip
    assert results(target.carry_out(plan)) == {"ConfigMap/a": "done", "Gadget/x": "failed"}


def test_a_namespace_that_nobody_makes_is_said_in_the_plan(target: Any) -> None:
    manifest = target.make("a")
    manifest["metadata"]["namespace"] = "nowhere"
    (change,) = target.plan(manifest).targets[0].changes
    assert change.refused == "there is no namespace nowhere"


def test_an_invalid_object_is_refused_in_the_plan_already(target: Any, changed: Any) -> None:
    wrong = changed(target.service(), "spec", "predictor", "minReplicas", "many")
    (change,) = target.plan(wrong).targets[0].changes
    assert "minReplicas" in change.refused


@pytest.mark.parametrize("moved", ["edited", "labelled", "made", "deleted", "recreated", "inventory"])
def test_a_plan_is_refused_with_nothing_written_when_anything_moved(target: Any, moved: str) -> None:
    old, new = target.make("old", data={"v": "1"}), target.make("new")
    target.apply(old)
    plan: Plan = loads(dumps(target.plan(target.make("old", data={"v": "2"}), new)))
    if moved == "edited":
        target.edit(old, "kubectl-edit", data={"v": "3"})
    elif moved == "labelled":
        target.edit(old, "kubectl-label", metadata={"labels": {"theirs": "1"}})
    elif moved == "made":
        target.plane.api.create(new)
    elif moved == "inventory":
        target.apply(old, target.make("another"))
    else:
        target.plane.api.delete(old)
        if moved == "recreated":
            target.plane.api.create(old)
    with target.plane.audit.recording() as recorded, pytest.raises(StalePlanError):
        target.carry_out(plan)
    assert recorded.mutating() == []


def test_a_controllers_report_makes_no_plan_stale(target: Any, changed: Any) -> None:
    service = target.service()
    target.apply(service)
    plan = target.plan(changed(service, "spec", "predictor", "minReplicas", 2))
    target.plane.api.set_status(service, {"url": "http://iris.example.com"})
    assert target.carry_out(plan).succeeded
    assert target.read(service)["spec"]["predictor"]["minReplicas"] == 2


def test_a_report_between_the_look_and_the_write_is_no_conflict(target: Any, changed: Any) -> None:
    service = target.service()
    target.apply(service)
    connection = target.connect()
    live = connection.live([identity(service)])[identity(service)]
    target.plane.api.set_status(service, {"url": "http://iris.example.com"})
    with connection.lock():
        connection.put(changed(service, "spec", "predictor", "minReplicas", 2), live.version)
    assert target.read(service)["spec"]["predictor"]["minReplicas"] == 2


def test_an_edit_between_the_look_and_the_write_is_not_overwritten(target: Any) -> None:
    manifest = target.make("a", data={"v": "1"})
    target.apply(manifest)
    connection = target.connect()
    live = connection.live([identity(manifest)])[identity(manifest)]
    target.edit(manifest, "kubectl-edit", data={"w": "theirs"})
    with connection.lock():
        with pytest.raises(StalePlanError):
            connection.put(target.make("a", data={"v": "2"}), live.version)
        with pytest.raises(StalePlanError):
            connection.delete(identity(manifest), live.version)
    assert target.read(manifest)["data"] == {"v": "1", "w": "theirs"}


def test_what_waits_for_a_finalizer_stays_in_the_inventory(target: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mlgitops.targets.kubernetes.writing.DELETE_SECONDS", 0.5)
    held, other = target.make("held"), target.make("other")
    target.apply(held, other)
    target.edit(held, "controller", metadata={"finalizers": ["example.com/hold"]})
    outcome = target.apply(other)
    (one,) = outcome.targets[0].objects
    assert (one.result, "it waits for example.com/hold" in one.reason) == (Result.FAILED, True)
    assert identity(held) in target.connect().inventory().entries


def test_one_apply_at_a_time(target: Any) -> None:
    first, second = target.connect(), target.connect()
    with first.lock():
        first.record({"event": "test", "time": "2026-01-01T00:00:00Z"})
        with pytest.raises(TargetError, match="another apply holds the target: process"), second.lock():
            pytest.fail("two hold the target")
    with second.lock():
        second.record({"event": "test", "time": "2026-01-01T00:00:00Z"})


def test_of_two_that_looked_at_once_only_one_writes(target: Any) -> None:
    first, second = target.connect(), target.connect()
    with first.lock(), second.lock():
        first.record({"event": "test", "time": "2026-01-01T00:00:00Z"})
        with pytest.raises(TargetError, match="another apply holds the target"):
            second.put(target.make("a"), "")


def test_a_lease_whose_holder_is_gone_is_taken_over(target: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mlgitops.targets.kubernetes.lease.DURATION", 2)
    monkeypatch.setattr("mlgitops.targets.kubernetes.lease.MARGIN", 0.5)
    dead = target.connect()
    dead._begin()
    dead._lease._stop.set()
    assert target.apply(target.make("a")).succeeded
    with pytest.raises(TargetError, match="lock on the target was lost"):
        dead.put(target.make("b"), "")
    assert target.plan(target.make("a")).is_empty
