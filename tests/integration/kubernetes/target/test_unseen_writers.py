"""Changes that the API writes down for nobody, or that somebody took back before: a plan and drift see them all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mlgitops.manifest import Manifest
from mlgitops.plan.change import Change, Plan
from mlgitops.workflows.drift import find_drift
from tests.testbed.waiting import wait_until

Only = Callable[[Plan], Change]


def drifted(target: Any, *desired: Manifest) -> list[tuple[str, Any, Any]]:
    report = find_drift("aws", desired, target.connect())
    return [(field.pointer, field.old, field.new) for one in report.changed for field in one.fields]


def said(change: Change) -> list[tuple[str, Any, Any]]:
    return [(field.pointer, field.old, field.new) for field in change.fields]


def test_a_field_that_somebody_took_and_gave_back_is_watched_all_the_same(target: Any, only: Only) -> None:
    first, second = target.make("a", data={"v": "1"}), target.make("b")
    target.apply(first)
    for value in ("9", "1"):
        target.edit(first, "kubectl-edit", data={"v": value})
    assert target.apply(first, second).succeeded  # which writes the inventory, but not the first
    target.edit(first, "kubectl-edit", data={"v": "9"})
    assert said(only(target.plan(first, second))) == [("data.v", "9", "1")]
    assert drifted(target, first, second) == [("data.v", "9", "1")]


def test_an_object_whose_owners_were_removed_is_watched_all_the_same(target: Any, only: Only) -> None:
    first, second = target.make("a", data={"v": "1"}), target.make("b")
    target.apply(first)
    target.edit(first, "a-tool", metadata={"managedFields": [{}]})
    assert "managedFields" not in target.read(first)["metadata"]
    assert target.apply(first, second).succeeded
    target.edit(first, "kubectl-edit", data={"v": "9"})
    assert said(only(target.plan(first, second))) == [("data.v", "9", "1")]
    assert drifted(target, first, second) == [("data.v", "9", "1")]


def test_what_was_changed_before_the_inventory_was_rebuilt_is_seen(target: Any, only: Only) -> None:
    manifest = target.make("a", data={"v": "1"})
    target.apply(manifest)
    target.edit(manifest, "kubectl-edit", data={"v": "9"})
    target.plane.api.request("DELETE", target.inventory_path)
    target.connect().rebuild_inventory()
    assert said(only(target.plan(manifest))) == [("data.v", "9", "1")]
    assert drifted(target, manifest) == [("data.v", "9", "1")]


def test_what_a_webhook_changed_while_somebody_else_wrote_is_seen(
    target: Any, only: Only, webhook: Callable[..., None]
) -> None:
    """The API leaves the field with its owner then, whatever its value."""
    service = target.service(minReplicas=1)
    target.apply(service)
    patch = [{"op": "replace", "path": "/spec/predictor/minReplicas", "value": 2}]
    webhook("inferenceservices", "serving.kserve.io", patch, service)
    target.edit(service, "a-tool", metadata={"labels": {"theirs": "x"}})
    assert target.read(service)["spec"]["predictor"]["minReplicas"] == 2
    path = f"/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/{target.namespace}"
    target.plane.api.request("DELETE", path)
    wait_until(lambda: bool(target.plan(service).targets[0].pending), "the webhook is forgotten", 60)
    assert said(only(target.plan(service))) == [("spec.predictor.minReplicas", 2, 1)]
    assert drifted(target, service) == [("spec.predictor.minReplicas", 2, 1)]


def test_what_was_applied_by_hand_in_our_name_is_seen(target: Any, only: Only) -> None:
    manifest = target.make("a", data={"v": "1"})
    target.apply(manifest)
    found = target.read(manifest)
    kept = {key: found["metadata"][key] for key in ("name", "namespace", "labels", "annotations")}
    target.plane.api.apply({**found, "metadata": kept, "data": {"v": "9"}}, manager="mlgitops")
    assert said(only(target.plan(manifest))) == [("data.v", "9", "1")]
    assert drifted(target, manifest) == [("data.v", "9", "1")]
