from __future__ import annotations

from typing import Any

import pytest

from mlgitops.errors import MlgitopsError
from mlgitops.manifest import Manifest
from mlgitops.render.install.resources import known
from mlgitops.render.install.rights import Held, rights
from mlgitops.targets.kubernetes.applyset import name_of
from mlgitops.targets.kubernetes.rights import of_records

RBAC = "rbac.authorization.k8s.io"
INVENTORY = "shop/prod/aws"
NAME = name_of(INVENTORY)


def manifest(api: str, kind: str, name: str = "iris", namespace: str = "models", **content: Any) -> Manifest:
    place = {"namespace": namespace} if namespace else {}
    return {"apiVersion": api, "kind": kind, "metadata": {"name": name, **place}, **content}


def role(*rules: Any, name: str = "iris") -> Manifest:
    return manifest(f"{RBAC}/v1", "Role", name, rules=list(rules))


def binding(kind: str = "Role", name: str = "iris") -> Manifest:
    return manifest(f"{RBAC}/v1", "RoleBinding", roleRef={"apiGroup": RBAC, "kind": kind, "name": name}, subjects=[])


SERVICE = manifest("serving.kserve.io/v1beta1", "InferenceService")
SETTINGS = manifest("v1", "ConfigMap")


def held(*manifests: Manifest, inventory: str = INVENTORY, namespace: str = "models") -> Held:
    return Held(inventory, namespace, manifests)


def allows(rules: list[dict[str, list[str]]], group: str, resource: str, verb: str, name: str = "") -> bool:
    """Whether rules allow it, as the API reads them; without a name, whether they do for every name."""
    return any(
        group in rule["apiGroups"]
        and resource in rule["resources"]
        and verb in rule["verbs"]
        and (name in rule["resourceNames"] if "resourceNames" in rule else True)
        for rule in rules
    )


def test_a_language_model_is_a_kind_like_others() -> None:
    found = rights([held(manifest("serving.kserve.io/v1alpha2", "LLMInferenceService"))], known)["models"]
    for verb in ("create", "delete", "get", "list", "patch"):
        assert allows(found, "serving.kserve.io", "llminferenceservices", verb)


def test_a_consumer_and_its_scaling_are_kinds_like_others() -> None:
    made = [
        manifest("apps/v1", "Deployment"),
        manifest("keda.sh/v1alpha1", "ScaledObject"),
        manifest("keda.sh/v1alpha1", "TriggerAuthentication"),
    ]
    found = rights([held(*made)], known)["models"]
    for verb in ("create", "delete", "get", "list", "patch"):
        assert allows(found, "apps", "deployments", verb)
        assert allows(found, "keda.sh", "scaledobjects", verb)
        assert allows(found, "keda.sh", "triggerauthentications", verb)


def test_kinds_that_are_rendered_get_the_verbs_of_an_apply_and_no_others_do() -> None:
    found = rights([held(SERVICE)], known)["models"]
    verbs = ("create", "delete", "get", "list", "patch")
    assert all(allows(found, "serving.kserve.io", "inferenceservices", verb) for verb in verbs)
    assert {verb for rule in found for verb in rule["verbs"]} == {*verbs, "update"}
    assert {resource for rule in found for resource in rule["resources"]} == {
        "configmaps", "events", "inferenceservices", "leases",
    }  # fmt: skip
    assert not allows(found, "", "configmaps", "patch", NAME)


def test_every_right_that_an_apply_asks_for_its_records_is_there() -> None:
    found = rights([held(SERVICE)], known)["models"]
    for right in of_records("models", NAME):
        assert allows(found, right.group, right.resource, right.verb, right.name), right


def test_records_are_known_by_name_and_nobody_elses_may_be_read() -> None:
    found = rights([held(SERVICE)], known)["models"]
    assert not allows(found, "", "configmaps", "get", "somebody-elses")
    assert not allows(found, "coordination.k8s.io", "leases", "update", "somebody-elses")


def test_a_secret_is_named_and_none_can_be_listed() -> None:
    found = rights([held(manifest("v1", "Secret", "login"))], known)["models"]
    assert all(allows(found, "", "secrets", verb, "login") for verb in ("create", "delete", "get", "patch"))
    assert not allows(found, "", "secrets", "get", "other")
    assert not any("secrets" in rule["resources"] and "list" in rule["verbs"] for rule in found)


def test_nothing_is_said_of_secrets_where_none_is_rendered() -> None:
    found = rights([held(SERVICE, SETTINGS)], known)["models"]
    assert not any("secrets" in rule["resources"] for rule in found)


def test_what_a_rendered_role_gives_is_held_too_and_said_once() -> None:
    rule = {"apiGroups": ["argoproj.io"], "resources": ["workflowtaskresults"], "verbs": ["create", "patch"]}
    found = rights([held(role(rule), role(rule, name="other"), binding())], known)["models"]
    assert found.count(rule) == 1


def test_a_rule_that_another_one_covers_is_left_out() -> None:
    rule = {"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get"]}
    found = rights([held(SETTINGS, role(rule))], known)["models"]
    assert [one for one in found if one["resources"] == ["configmaps"] and "resourceNames" not in one] == [
        {"apiGroups": [""], "resources": ["configmaps"], "verbs": ["create", "delete", "get", "list", "patch"]}
    ]


def test_each_namespace_has_what_is_in_it() -> None:
    elsewhere = manifest("v1", "ConfigMap", namespace="shared")
    found = rights([held(SERVICE, elsewhere, namespace="inventories")], known)
    assert {namespace: {r for rule in rules for r in rule["resources"]} for namespace, rules in found.items()} == {
        "inventories": {"configmaps", "events", "leases"},
        "models": {"events", "inferenceservices"},
        "shared": {"configmaps"},
    }


def test_environments_of_one_namespace_are_named_together() -> None:
    found = rights([held(SERVICE), held(SETTINGS, inventory="shop/dev/aws")], known)["models"]
    assert allows(found, "", "configmaps", "get", NAME)
    assert {"apiGroups": ["coordination.k8s.io"], "resources": ["leases"], "verbs": ["get", "update"],
            "resourceNames": sorted([NAME, name_of("shop/dev/aws")])} in found  # fmt: skip


def test_an_environment_without_manifests_still_has_its_inventory() -> None:
    assert list(rights([held()], known)) == ["models"]


@pytest.mark.parametrize(
    ("manifests", "said"),
    [
        ([manifest("example.com/v1", "Novelty")], "how the API names Novelty in example.com is not known"),
        ([manifest("v1", "Namespace", "models", "")], "Namespace/models belongs to no namespace"),
        ([role({"apiGroups": ["*"], "resources": ["pods"], "verbs": ["get"]})], "gives everything of a sort"),
        ([role({"apiGroups": [""], "resources": ["secrets"], "verbs": ["get"]})], "gives rights on secrets"),
        ([role({"apiGroups": [""], "resources": ["serviceaccounts/token"], "verbs": ["create"]})], "serviceaccounts/"),
        ([role({"apiGroups": [RBAC], "resources": ["roles"], "verbs": ["escalate"]})], "gives the right to escalate"),
        ([role({"apiGroups": [RBAC], "resources": ["roles"], "verbs": "bind"})], "has a rule that is none"),
        ([binding("ClusterRole", "view")], "binds ClusterRole/view, and what that gives is not known"),
        ([binding(name="elsewhere")], "binds Role/elsewhere, which is not rendered"),
    ],
)  # fmt: skip
def test_what_no_role_in_a_namespace_can_say_is_refused(manifests: list[Manifest], said: str) -> None:
    with pytest.raises(MlgitopsError, match="cannot be derived") as caught:
        rights([held(*manifests)], known)
    assert said in caught.value.message
    assert f"{INVENTORY}: " in caught.value.message


def test_everything_that_is_wrong_is_said_at_once() -> None:
    with pytest.raises(MlgitopsError) as caught:
        rights([held(binding("ClusterRole", "view")), held(manifest("a/v1", "B"), inventory="shop/dev/aws")], known)
    assert caught.value.message.count("\n") == 2
