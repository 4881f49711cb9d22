"""Declared components, held against what a cluster shows."""

from __future__ import annotations

import pytest

from mlgitops.plan.checkup import Check, Condition
from mlgitops.plan.components import IMAGES, SIGNS, Installed, compared, versions

ALL = frozenset(SIGNS.values())


def check(declared: dict[str, str | None], *images: str, kinds: frozenset[tuple[str, str]] = ALL) -> Check:
    (found,) = compared(
        "target dev/here", declared, Installed(kinds & {SIGNS[one] for one in declared}, frozenset(images))
    )
    return found


@pytest.mark.parametrize(
    ("image", "component", "version"),
    [
        ("kserve/kserve-controller:v0.16.0", "kserve", "0.16.0"),
        ("quay.io/argoproj/workflow-controller:v3.7.1", "argoWorkflows", "3.7.1"),
        ("mirror.example.com:5000/x/prometheus-operator:v0.85.0@sha256:" + "a" * 64, "prometheusOperator", "0.85.0"),
        ("ghcr.io/kedacore/keda:2.17.2", "keda", "2.17.2"),
        ("ghcr.io/kubeflow/spark-operator/controller:2.3.0", "sparkOperator", "2.3.0"),
    ],
)
def test_the_tag_of_a_controllers_image_is_its_version(image: str, component: str, version: str) -> None:
    assert versions(component, frozenset({image})) == [version]


@pytest.mark.parametrize(
    "image",
    ["my-kserve-controller:v1.0", "kserve/kserve-controller", "kserve/kserve-controller@sha256:aa", "kserve:v1.0"],
)
def test_an_image_without_a_version_or_of_something_else_tells_none(image: str) -> None:
    assert versions("kserve", frozenset({image})) == []


def test_a_patch_release_is_as_declared() -> None:
    found = check({"kserve": "0.16.0"}, "kserve/kserve-controller:v0.16.2")
    assert (found.condition, found.said) == (Condition.WELL, "0.16.2, as declared")


def test_another_minor_version_is_a_warning_that_says_what_to_declare() -> None:
    found = check({"kserve": "0.16.0"}, "kserve/kserve-controller:v0.15.2")
    assert found.condition is Condition.WARNING
    assert 'components.kserve: "0.15.2"' in found.cure


def test_a_declared_component_that_is_not_served_is_broken() -> None:
    found = check({"trainer": "2.1.0"}, kinds=frozenset())
    assert (found.condition, "Install trainer 2.1.0" in found.cure) == (Condition.BROKEN, True)


def test_a_version_that_nobody_can_tell_is_unknown() -> None:
    (found,) = compared("t", {"kserve": "0.16.0"}, Installed(frozenset({SIGNS["kserve"]}), None))
    assert found.condition is Condition.UNKNOWN


def test_what_is_there_and_not_declared_is_told() -> None:
    (found,) = compared("t", {}, Installed(frozenset({SIGNS["keda"]}), frozenset()))
    assert (found.name, found.condition) == ("keda", Condition.UNKNOWN)


def test_every_component_that_can_be_declared_has_a_sign() -> None:
    from mlgitops.spec.target import Components

    declarable = {field.alias for field in Components.model_fields.values()}
    assert declarable == set(SIGNS)
    assert set(IMAGES) <= set(SIGNS)
