from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlgitops.manifest import digest
from mlgitops.plan.change import ABSENT, FieldChange
from mlgitops.plan.fields import differences

KEYS = st.sampled_from(["spec", "name", "cpu", "limits", "port", "args", "env"])
SCALARS = st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from(["1", "a", "1000m", "", "true"])
JSON = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4))
MAPPINGS = st.recursive(SCALARS, lambda inner: st.dictionaries(KEYS, inner, max_size=4))


def config_map(data: Any, **metadata: Any) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a", **metadata}, "data": data}


def paths(old: Any, new: Any) -> list[str]:
    return [change.pointer for change in differences(config_map(old), config_map(new))]


@given(JSON)
def test_nothing_differs_from_itself(value: Any) -> None:
    assert differences(config_map(value), config_map(copy.deepcopy(value))) == ()


@given(JSON, JSON)
def test_each_side_of_a_difference_is_what_the_other_direction_calls_the_other_side(old: Any, new: Any) -> None:
    there = {(c.path, repr(c.old), repr(c.new)) for c in differences(config_map(old), config_map(new))}
    back = {(c.path, repr(c.new), repr(c.old)) for c in differences(config_map(new), config_map(old))}
    assert there == back


@given(MAPPINGS, MAPPINGS)
def test_writing_the_differences_of_mappings_into_one_gives_the_other(old: Any, new: Any) -> None:
    live, desired = config_map(old), config_map(new)
    result = copy.deepcopy(live)
    for change in differences(live, desired):
        parent = result
        for part in change.path[:-1]:
            parent = parent[part]  # type: ignore[index]
        if change.new is ABSENT:
            del parent[change.path[-1]]  # type: ignore[arg-type]
        else:
            parent[change.path[-1]] = copy.deepcopy(change.new)  # type: ignore[index]
    assert differences(result, desired) == ()


@given(JSON, JSON)
def test_what_differs_beyond_equivalence_is_found(old: Any, new: Any) -> None:
    if digest(old) == digest(new):
        assert not differences(config_map(old), config_map(new))
    elif type(old) is not type(new):
        assert differences(config_map(old), config_map(new))


def test_items_with_names_are_compared_by_name_and_not_by_place() -> None:
    old = [{"name": "a", "image": "x:1"}, {"name": "b", "image": "y:1"}]
    new = [{"name": "init", "image": "z:1"}, {"name": "a", "image": "x:1"}, {"name": "b", "image": "y:2"}]
    assert paths(old, new) == ["data[b].image", "data[init]"]


def test_a_changed_order_of_names_is_a_difference() -> None:
    assert paths([{"name": "a"}, {"name": "b"}], [{"name": "b"}, {"name": "a"}]) == ["data[0].name", "data[1].name"]


def test_items_with_the_same_name_are_compared_by_place() -> None:
    old = [{"name": "a", "port": 1}, {"name": "a", "port": 2}]
    new = [{"name": "a", "port": 1}, {"name": "a", "port": 3}]
    assert paths(old, new) == ["data[1].port"]


def test_a_list_of_scalars_is_one_value() -> None:
    (change,) = differences(config_map(["--a", "--b"]), config_map(["--b"]))
    assert (change.old, change.new) == (["--a", "--b"], ["--b"])


def test_a_new_field_is_absent_before_and_null_is_a_value() -> None:
    (change,) = differences(config_map({}), config_map({"a": None}))
    assert change == FieldChange(("data", "a"), ABSENT, None)


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        ("limits.cpu", "1000m", 1),
        ("requests.memory", "1Gi", "1024Mi"),
        ("emptyDir.sizeLimit", "1Gi", "1024Mi"),
        ("endpoint.interval", "60s", "1m"),
        ("rule.for", "1h", "60m"),
        ("probe.port", "8080", 8080),
        ("strategy.maxSurge", 1, "1"),
        ("spec.weight", 1, 1.0),
    ],
)
def test_texts_that_mean_the_same_value_are_no_difference(path: str, old: Any, new: Any) -> None:
    parent, field = path.split(".")
    assert paths({parent: {field: old}}, {parent: {field: new}}) == []


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        ("limits.cpu", "1000m", 2),
        ("limits.cpu", True, 1),
        ("env.value", "1", 1),
        ("env.value", "1Gi", "1024Mi"),
        ("strategy.maxSurge", "25%", 25),
        ("data.for", "never", "ever"),
        ("spec.enabled", 1, True),
        ("spec.enabled", 0, None),
    ],
)
def test_other_texts_are_a_difference(path: str, old: Any, new: Any) -> None:
    parent, field = path.split(".")
    assert paths({parent: {field: old}}, {parent: {field: new}}) == [f"data.{path}"]


def test_the_commit_is_no_difference() -> None:
    old = config_map({}, annotations={"mlgitops.dev/source-commit": "a"})
    new = config_map({}, annotations={"mlgitops.dev/source-commit": "b"})
    assert differences(old, new) == differences(old, config_map({})) == ()


@pytest.mark.parametrize("block", ["data", "stringData"])
@pytest.mark.parametrize("canary", ["canary-4711", ["canary-4711"], {"nested": {"key": "canary-4711"}}])
def test_no_value_of_a_secret_is_in_a_difference(block: str, canary: Any) -> None:
    def secret(value: Any) -> dict[str, Any]:
        last = {"kubectl.kubernetes.io/last-applied-configuration": str(value)}
        head = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "a", "annotations": last}}
        return head if value is None else {**head, block: {"key": value}}

    for old, new in ((canary, "other-4711"), (None, canary), (canary, None)):
        changes = differences(secret(old), secret(new))
        assert changes
        assert "4711" not in repr(changes)
        assert "(sensitive value" in repr(changes)


def test_a_secrets_labels_are_shown() -> None:
    def secret(label: str) -> dict[str, Any]:
        return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "a", "labels": {"tier": label}}}

    assert differences(secret("x"), secret("y")) == (FieldChange(("metadata", "labels", "tier"), "x", "y"),)
