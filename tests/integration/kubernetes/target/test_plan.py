"""What a plan says of objects that others write to as well."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from mlgitops.errors import GuardError
from mlgitops.manifest import identity
from mlgitops.plan.change import Action, Change, Plan
from mlgitops.plan.ignore import IgnoreRule
from mlgitops.plan.outcome import Outcome
from mlgitops.plan.serialise import dumps
from mlgitops.report.plan.text import text
from mlgitops.report.style import Style
from mlgitops.workflows.drift import find_drift

Only = Callable[[Plan], Change]
Results = Callable[[Outcome], dict[str, str]]
SCALER = "kube-controller-manager"


def test_quantities_and_defaults_are_no_change_also_where_nothing_says_what_was_applied(target: Any) -> None:
    """As after the inventory was lost: then it is the fields that are compared."""
    desired = [target.service(), target.deployment()]
    target.apply(*desired)
    target.plane.api.request("DELETE", target.inventory_path)
    target.connect().rebuild_inventory()
    assert target.plan(*desired).targets[0].pending == ()


def test_an_object_of_another_is_adopted_only_where_that_is_wanted(target: Any, only: Only) -> None:
    manifest = target.make("theirs", data={"v": "1"})
    bare = {**manifest, "metadata": {"name": "theirs", "namespace": target.namespace}}
    target.plane.api.apply(bare, manager="kubectl")
    plan = target.plan(manifest)
    assert only(plan).action is Action.UPDATE
    with pytest.raises(GuardError, match="was not applied by"):
        target.carry_out(plan)
    assert target.carry_out(plan, adopt=True).succeeded
    assert target.plan(manifest).is_empty
    assert target.read(manifest)["metadata"]["labels"]["mlgitops.dev/model"] == "iris"


def test_a_conflict_names_field_and_manager_and_is_not_forced(target: Any, only: Only, results: Results) -> None:
    deployment = target.deployment(replicas=2)
    target.apply(deployment)
    target.edit(deployment, SCALER, spec={"replicas": 5})
    plan = target.plan(deployment)
    (conflict,) = only(plan).conflicts
    assert (conflict.field, conflict.manager) == ("spec.replicas", SCALER)
    (field,) = only(plan).fields
    assert (field.pointer, field.old, field.new) == ("spec.replicas", 5, 2)
    assert field.reason.startswith(f"set by {SCALER} at 20")
    outcome = target.carry_out(plan)
    assert outcome.targets[0].objects[0].reason == f"spec.replicas is kept by {SCALER}"
    assert target.read(deployment)["spec"]["replicas"] == 5
    assert results(target.apply(deployment, force_conflicts=True)) == {"Deployment/web": "done"}
    assert target.read(deployment)["spec"]["replicas"] == 2


def test_the_plan_offers_a_rule_that_can_be_pasted_and_that_settles_it(target: Any) -> None:
    deployment = target.deployment(replicas=2)
    target.apply(deployment)
    target.edit(deployment, SCALER, spec={"replicas": 5})
    shown = text(target.plan(deployment), Style(False))
    lines = [line.strip() for line in shown.splitlines()]
    at = lines.index("ignore:")
    assert lines[at : at + 4] == ["ignore:", "- kind: Deployment", "name: web", "pointers: [/spec/replicas]"]
    assert target.plan(deployment, ignore=(IgnoreRule("Deployment", "web", ("/spec/replicas",)),)).is_empty


@pytest.mark.parametrize(
    "rule", [IgnoreRule("Deployment", pointers=("/spec/replicas",)), IgnoreRule("Deployment", managers=(SCALER,))]
)
def test_what_is_ignored_is_left_as_it_is_and_the_rest_is_applied(target: Any, changed: Any, rule: IgnoreRule) -> None:
    deployment = target.deployment(replicas=2)
    target.apply(deployment)
    target.edit(deployment, SCALER, spec={"replicas": 5})
    image = ("spec", "template", "spec", "containers", 0, "image")
    newer = changed(deployment, *image, "registry.example.com/web:2")
    assert target.carry_out(target.plan(newer, ignore=(rule,))).succeeded
    live = target.read(deployment)["spec"]
    assert (live["replicas"], live["template"]["spec"]["containers"][0]["image"]) == (5, "registry.example.com/web:2")
    assert target.plan(newer, ignore=(rule,)).is_empty


def test_a_field_that_is_ignored_while_it_is_still_ours_keeps_its_value(target: Any, changed: Any) -> None:
    deployment = target.deployment(replicas=3)
    target.apply(deployment)
    rule = IgnoreRule("Deployment", pointers=("/spec/replicas",))
    newer = changed(deployment, "spec", "replicas", 7)
    assert target.plan(newer, ignore=(rule,)).is_empty
    newer = changed(newer, "spec", "minReadySeconds", 5)
    assert target.carry_out(target.plan(newer, ignore=(rule,))).succeeded
    assert target.read(deployment)["spec"]["replicas"] == 3


def test_an_annotation_says_what_to_ignore_too(target: Any) -> None:
    deployment = target.deployment(replicas=2)
    deployment["metadata"]["annotations"] = {"mlgitops.dev/ignore": "/spec/replicas, /spec/paused"}
    target.apply(deployment)
    target.edit(deployment, SCALER, spec={"replicas": 5})
    assert target.plan(deployment).is_empty


def test_fields_that_git_does_not_speak_of_are_explained_and_no_change(target: Any, only: Only, changed: Any) -> None:
    deployment = target.deployment()
    target.apply(deployment)
    target.edit(deployment, "sidecar-controller", metadata={"annotations": {"example.com/theirs": "1"}})
    change = only(target.plan(changed(deployment, "spec", "minReadySeconds", 5)))
    assert [field.pointer for field in change.fields] == ["spec.minReadySeconds"]
    reasons = {field.pointer: field.reason for field in change.explained}
    assert reasons["spec.template.spec.containers[main].imagePullPolicy"] == "defaulted by the API or a webhook"
    assert reasons["metadata.annotations"] == "owned by sidecar-controller"
    assert "applyset" not in str(reasons)


def test_what_a_webhook_rewrites_is_no_change_for_ever(
    target: Any, only: Only, changed: Any, webhook: Callable[..., None]
) -> None:
    service = target.service(minReplicas=1)
    patch = [
        {"op": "replace", "path": "/spec/predictor/minReplicas", "value": 2},
        {"op": "add", "path": "/spec/predictor/timeout", "value": 60},
    ]
    webhook("inferenceservices", "serving.kserve.io", patch, service)
    assert target.apply(service).succeeded
    assert target.read(service)["spec"]["predictor"]["minReplicas"] == 2
    assert target.plan(service).is_empty
    newer = changed(service, "spec", "predictor", "maxReplicas", 4)
    change = only(target.plan(newer))
    assert [field.pointer for field in change.fields] == ["spec.predictor.maxReplicas"]
    assert change.conflicts == ()
    reasons = {field.pointer: field.reason for field in change.explained}
    assert reasons["spec.predictor.minReplicas"] == "changed by a webhook"
    assert reasons["spec.predictor.timeout"] == "defaulted by the API or a webhook"
    assert target.apply(newer).succeeded
    assert target.plan(newer).is_empty
    assert not find_drift("aws", [newer], target.connect()).found


def test_an_immutable_field_is_said_to_need_a_replacement_and_waits_for_consent(
    target: Any, only: Only, results: Results
) -> None:
    target.apply(target.deployment(app="one"))
    before = target.read(target.deployment())["metadata"]["uid"]
    plan = target.plan(target.deployment(app="two"))
    assert only(plan).action is Action.REPLACE
    assert "removed and made anew" in text(plan, Style(False))
    with (
        target.plane.audit.recording() as recorded,
        pytest.raises(GuardError, match="deleted and made anew"),
    ):
        target.carry_out(plan)
    assert recorded.mutating() == []
    assert results(target.carry_out(plan, allow_replace=True)) == {"Deployment/web": "done"}
    assert target.read(target.deployment())["metadata"]["uid"] != before
    assert target.plan(target.deployment(app="two")).is_empty


def test_secrets_are_nowhere_in_what_is_said(target: Any, only: Only) -> None:
    canary = "bm90LWEtcmVhbC1zZWNyZXQ="
    secret = target.make("login", "Secret", data={"password": canary})
    target.apply(secret)
    plan = target.plan(target.make("login", "Secret", data={"password": "b3RoZXI="}))
    said = f"{plan!r} {text(plan, Style(False), verbose=True)} {dumps(plan)!r}"
    assert "(sensitive value" in said
    assert canary not in said
    assert "b3RoZXI=" not in said


def test_a_secret_of_the_wrong_type_is_refused_without_its_value(target: Any) -> None:
    (change,) = target.plan(target.make("login", "Secret", stringData={"password": 9876543210})).targets[0].changes
    assert ".stringData.password: expected string" in change.refused
    assert "9876543210" not in change.refused


def test_an_object_without_the_namespace_it_needs_is_refused(target: Any) -> None:
    manifest = target.make("a")
    del manifest["metadata"]["namespace"]
    with pytest.raises(Exception, match="ConfigMap/a needs a namespace"):
        target.plan(manifest)


def test_more_than_one_page_is_read_to_its_end(target: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mlgitops.targets.kubernetes.listing.PAGE", 3)
    desired = [target.make(f"c{number}") for number in range(10)]
    target.apply(*desired)
    assert target.plan(*desired).is_empty
    assert set(target.connect().live(())) == set(map(identity, desired))
