"""Drift in a real cluster: changed, missing and unexpected told apart, with who did it."""

from __future__ import annotations

from typing import Any

from mlgitops.manifest import identity
from mlgitops.plan.ignore import IgnoreRule
from mlgitops.workflows.drift import find_drift


def test_nothing_drifts_where_nobody_touched_anything(target: Any) -> None:
    desired = [target.service(), target.deployment(), target.make("a")]
    target.apply(*desired)
    assert not find_drift("aws", desired, target.connect()).found


def test_changed_missing_and_unexpected_are_told_apart(target: Any) -> None:
    edited, gone, kept = target.make("edited", data={"v": "1"}), target.make("gone"), target.make("kept")
    target.apply(edited, gone, kept)
    target.edit(edited, "kubectl-edit", data={"v": "9"})
    target.plane.api.delete(gone)
    unexpected = target.make("unexpected")
    target.plane.api.create(unexpected)
    report = find_drift("aws", [edited, gone, kept], target.connect())
    (changed,) = report.changed
    assert changed.identity == identity(edited)
    assert [(field.pointer, field.old, field.new) for field in changed.fields] == [("data.v", "9", "1")]
    assert changed.fields[0].reason.startswith("set by kubectl-edit at ")
    assert [one.identity for one in report.missing] == [identity(gone)]
    assert [one.identity for one in report.unexpected] == [identity(unexpected)]


def test_what_git_says_but_nobody_applied_is_no_drift(target: Any) -> None:
    target.apply(target.make("a", data={"v": "1"}))
    assert not find_drift("aws", [target.make("a", data={"v": "2"}), target.make("b")], target.connect()).found


def test_what_controllers_add_is_no_drift(target: Any) -> None:
    deployment, service = target.deployment(), target.service()
    target.apply(deployment, service)
    target.edit(
        deployment, "deployment-controller", metadata={"annotations": {"deployment.kubernetes.io/revision": "1"}}
    )
    target.edit(service, "kserve", metadata={"finalizers": ["inferenceservice.finalizers"]})
    target.plane.api.set_status(service, {"url": "http://iris.example.com"})
    assert not find_drift("aws", [deployment, service], target.connect()).found


def test_what_controllers_make_with_our_labels_is_neither_unexpected_nor_ours(target: Any) -> None:
    """KServe copies the labels of an InferenceService to the objects that it makes."""
    service = target.service()
    target.apply(service)
    owner = {"apiVersion": service["apiVersion"], "kind": service["kind"], "name": "iris", "controller": True}
    child = target.make("iris-predictor")
    child["metadata"]["ownerReferences"] = [{**owner, "uid": target.read(service)["metadata"]["uid"]}]
    child["metadata"]["labels"] = target.read(service)["metadata"]["labels"]
    target.plane.api.create(child)
    assert not find_drift("aws", [service], target.connect()).found
    assert set(target.connect().rebuild_inventory().inventory.entries) == {identity(service)}


def test_an_ignored_field_does_not_drift(target: Any) -> None:
    deployment = target.deployment(replicas=2)
    target.apply(deployment)
    target.edit(deployment, "kube-controller-manager", spec={"replicas": 5})
    rules = (IgnoreRule("Deployment", pointers=("/spec/replicas",)),)
    assert find_drift("aws", [deployment], target.connect()).found
    assert not find_drift("aws", [deployment], target.connect(), ignored=rules).found
