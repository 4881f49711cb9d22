"""The API says no: to some objects, to some fields, to some deletes, or to some verbs."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.testbed.api import ApiError
from tests.testbed.control_plane import ControlPlane
from tests.testbed.manifests import config_map
from tests.testbed.scene import Scene
from tests.testbed.waiting import wait_until

REGISTRATION = {"apiVersion": "admissionregistration.k8s.io/v1"}


def data(name: str, **values: str) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": values}


@pytest.fixture
def deny(scene: Scene) -> Callable[..., Callable[[], None]]:
    """``deny(name, "CREATE")``: the API refuses that to objects of the name; call what it gives to end that."""
    api = scene.plane.api

    def start(name: str, *operations: str) -> Callable[[], None]:
        policy, binding = _policy(scene.namespace, f"deny-{name}-{scene.namespace}", name, operations)
        api.create(policy)
        api.create(binding)
        probe = config_map(scene.namespace, name)
        wait_until(lambda: _is_denied(scene.plane, probe, operations), "the policy to hold", 30)

        def end() -> None:
            api.delete(binding)
            api.delete(policy)
            wait_until(lambda: not _is_denied(scene.plane, probe, operations), "the policy to end", 30)

        return end

    return start


def _policy(namespace: str, name: str, denied: str, operations: tuple[str, ...]) -> tuple[Any, Any]:
    rule = {"apiGroups": ["*"], "apiVersions": ["*"], "resources": ["*"], "operations": list(operations)}
    selector = {"matchLabels": {"kubernetes.io/metadata.name": namespace}}
    policy = {
        **REGISTRATION,
        "kind": "ValidatingAdmissionPolicy",
        "metadata": {"name": name},
        "spec": {
            "matchConstraints": {"resourceRules": [rule], "namespaceSelector": selector},
            "validations": [{"expression": f"request.name != '{denied}'", "message": "not in this house"}],
        },
    }
    binding = {
        **REGISTRATION,
        "kind": "ValidatingAdmissionPolicyBinding",
        "metadata": {"name": name},
        "spec": {"policyName": name, "validationActions": ["Deny"]},
    }
    return policy, binding


def _is_denied(plane: ControlPlane, probe: dict[str, Any], operations: tuple[str, ...]) -> bool:
    path = plane.api.path(probe)
    method, body = ("DELETE", None) if "DELETE" in operations else ("PATCH", probe)
    query = f"?dryRun=All{'' if body is None else '&fieldManager=probe&force=true'}"
    try:
        plane.api.request(method, path + query, body, content_type="application/apply-patch+yaml")
    except ApiError as error:
        return "not in this house" in str(error)
    return False


def test_what_depends_on_a_denied_object_waits_and_the_others_go_on(scene: Scene, deny: Any) -> None:
    account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "denied"}}
    names = [f"model-{i}" for i in range(7)]
    scene.models(*names)
    scene.objects(account, data("a"), data("b"))
    scene.commit()
    allow = deny("denied", "CREATE")
    ran = scene.apply()
    assert ran.code == 1
    assert scene.names() == {f"inferenceservices/{name}" for name in names}
    assert "not in this house" in ran.out
    assert ran.out.count("waits for") == 2
    assert f"waits for {scene.namespace}/ServiceAccount/denied" in ran.out
    assert scene.members() == {*names, "denied", "a", "b"}
    allow()
    scene.applied()
    assert scene.names() == {
        *(f"inferenceservices/{name}" for name in names), "serviceaccounts/denied", "configmaps/a", "configmaps/b",
    }  # fmt: skip


def test_what_depends_on_a_denied_model_waits_and_the_others_go_on(scene: Scene, deny: Any) -> None:
    names = [f"model-{i}" for i in range(10)]
    scene.models(*names, depends_on={"model-1": "model-7", "model-7": "model-3"})
    scene.commit()
    allow = deny("model-3", "CREATE")
    ran = scene.apply()
    assert ran.code == 1
    assert scene.names() == {f"inferenceservices/model-{i}" for i in (0, 2, 4, 5, 6, 8, 9)}
    assert f"waits for {scene.namespace}/InferenceService/model-3" in ran.out
    assert f"waits for {scene.namespace}/InferenceService/model-7" in ran.out
    assert f"failed to create {scene.namespace}/InferenceService/model-3" in ran.err
    told = scene.run("status", "--env", "dev", "-o", "json").out
    assert not_there(told) == {"Model/model-1", "Model/model-3", "Model/model-7"}
    allow()
    scene.applied()
    assert scene.names() == {f"inferenceservices/{name}" for name in names}


def not_there(status: str) -> set[str]:
    """The models that a status, as JSON, says were to be applied and are not there."""
    (environment,) = json.loads(status)["environments"]
    (target,) = environment["targets"]
    return {one["owner"] for one in target["running"] if "not there" in one["health"]["reason"]}


def test_a_denied_delete_stays_in_the_inventory_and_is_retried(scene: Scene, deny: Any) -> None:
    scene.objects(*(data(name) for name in ("a", "b", "c", "d", "first", "second")))
    scene.commit()
    scene.applied()
    allow = deny("first", "DELETE")
    scene.objects(*(data(name) for name in ("a", "b", "c", "d")))
    scene.commit()
    ran = scene.apply()
    assert (ran.code, "not in this house" in ran.out) == (1, True), ran.said
    assert scene.members() == {"a", "b", "c", "d", "first"}
    allow()
    scene.applied()
    assert scene.members() == {"a", "b", "c", "d"}
    assert scene.names() == {f"configmaps/{name}" for name in ("a", "b", "c", "d")}


def test_a_field_that_another_manager_keeps_is_named_and_not_taken(scene: Scene) -> None:
    scene.objects(data("shared", value="1"), data("other", value="1"))
    scene.commit()
    scene.applied()
    theirs = config_map(scene.namespace, "shared") | {"data": {"value": "2"}}
    scene.plane.api.apply(theirs, "their-controller")
    scene.objects(data("shared", value="3"), data("other", value="3"))
    scene.commit()
    planned = scene.run("plan", "--env", "dev")
    assert ("data.value" in planned.out, "their-controller" in planned.out) == (True, True), planned.said
    ran = scene.apply()
    assert (ran.code, "data.value is kept by their-controller" in ran.out) == (1, True), ran.said
    assert scene.plane.api.read(theirs)["data"] == {"value": "2"}
    assert scene.plane.api.read(config_map(scene.namespace, "other"))["data"] == {"value": "3"}
    scene.applied("--force-conflicts")
    assert scene.plane.api.read(theirs)["data"] == {"value": "3"}


def test_what_cannot_be_changed_is_replaced_only_with_consent(scene: Scene) -> None:
    scene.objects({**data("fixed", value="1"), "immutable": True}, data("other"))
    scene.commit()
    scene.applied()
    scene.objects({**data("fixed", value="2"), "immutable": True}, data("other"))
    scene.commit()
    assert "replace" in scene.run("plan", "--env", "dev").out
    with scene.plane.audit.recording() as recorded:
        ran = scene.apply()
    assert (ran.code, "--allow-replace" in ran.err, recorded.mutating()) == (1, True, []), ran.said
    scene.applied("--allow-replace")
    assert scene.plane.api.read(config_map(scene.namespace, "fixed"))["data"] == {"value": "2"}


@pytest.mark.parametrize("verb", ["create", "patch", "delete"])
def test_an_account_without_a_right_is_told_which_and_changes_nothing(scene: Scene, verb: str) -> None:
    scene.objects(*(data(name, value="1") for name in ("a", "b", "c", "goes")))
    scene.commit()
    scene.applied()
    scene.objects(*(data(name, value="2") for name in ("a", "b", "c", "comes")))
    scene.commit()
    allowed = [one for one in ("get", "list", "create", "patch", "update", "delete") if one != verb]
    rules = [
        {"apiGroups": ["*"], "resources": ["*"], "verbs": ["get", "list"]},
        {"apiGroups": [""], "resources": ["events"], "verbs": ["create"]},
        {"apiGroups": ["coordination.k8s.io"], "resources": ["leases"], "verbs": ["create", "update"]},
        {"apiGroups": [""], "resources": ["configmaps"], "verbs": allowed},
    ]
    kubeconfig = scene.plane.add_account(f"without-{verb}", rules, scene.namespace)
    with scene.recording() as recorded:
        ran = scene.apply(kubeconfig=kubeconfig)
    assert ran.code in (1, 4), ran.said
    assert f"{verb} configmaps" in ran.said or f"cannot {verb} resource" in ran.said, ran.said
    assert recorded.mutating() == []
    scene.applied()
    assert scene.members() == {"a", "b", "c", "comes"}
