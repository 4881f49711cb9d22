"""Merging layers, and where merged values come from."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlgitops.finding import Location
from mlgitops.spec.document import load
from mlgitops.spec.merge import Layer, Pointer, Provenance, merge


@pytest.mark.parametrize(
    ("layers", "merged"),
    [
        ([], {}),
        ([{"a": 1}], {"a": 1}),
        ([{"a": 1, "b": 1}, {"b": 2, "c": 3}], {"a": 1, "b": 2, "c": 3}),
        ([{"a": {"x": 1, "y": 1}}, {"a": {"y": 2}}], {"a": {"x": 1, "y": 2}}),
        ([{"a": [1, 2]}, {"a": [3]}], {"a": [3]}),
        ([{"a": {"x": 1}}, {"a": 1}], {"a": 1}),
        ([{"a": 1}, {"a": {"x": 1}}], {"a": {"x": 1}}),
    ],
)
def test_mappings_merge_deeply_and_other_values_replace(layers: list[dict[str, Any]], merged: dict[str, Any]) -> None:
    assert merge(layers) == merged


def test_lists_with_a_declared_key_merge_by_it_in_the_order_first_seen() -> None:
    below = {"a": [{"name": "x", "v": 1}, {"name": "y", "v": 1}]}
    above = {"a": [{"name": "z"}, {"name": "x", "v": 2, "w": {"k": 1}}]}
    assert merge([below, above]) == {"a": [{"name": "x", "v": 2, "w": {"k": 1}}, {"name": "y", "v": 1}, {"name": "z"}]}
    assert merge([{"a": [{"metric": "auc", "min": 1}]}, {"a": [{"metric": "auc", "max": 2}]}]) == {
        "a": [{"metric": "auc", "min": 1, "max": 2}]
    }


@pytest.mark.parametrize(
    "above",
    [
        [],
        [1],
        [{"name": "x"}, 1],
        [{"other": "x"}],
        [{"name": 1}],
        [{"name": "x"}, {"name": "x"}],
        [{"metric": "x"}],
    ],
)
def test_a_list_without_the_same_declared_key_replaces(above: list[Any]) -> None:
    assert merge([{"a": [{"name": "x", "v": 1}]}, {"a": above}]) == {"a": above}


@pytest.mark.parametrize(
    ("layers", "merged"),
    [
        ([{"a": 1, "b": 1}, {"a": None}], {"b": 1}),
        ([{"a": {"x": 1, "y": 1}}, {"a": {"x": None}}], {"a": {"y": 1}}),
        ([{"a": None}], {}),
        ([{}, {"a": {"b": {"c": None}}}], {"a": {"b": {}}}),
        ([{"a": [{"name": "x", "v": 1}]}, {"a": [{"name": "x", "v": None}]}], {"a": [{"name": "x"}]}),
        ([{}, {"a": [{"name": "x", "v": None}]}], {"a": [{"name": "x"}]}),
        ([{"a": {"x": 1}}, {"a": None}, {"a": {"y": 1}}], {"a": {"y": 1}}),
        ([{}, {"a": [1, None]}], {"a": [1, None]}),
    ],
)
def test_null_deletes(layers: list[dict[str, Any]], merged: dict[str, Any]) -> None:
    assert merge(layers) == merged


SCALARS = st.integers(0, 3) | st.sampled_from(["p", "q"])
ITEMS = st.lists(
    st.fixed_dictionaries({"name": st.sampled_from("xyz")}, optional={"v": SCALARS, "w": st.just({"k": 1})}),
    min_size=1, max_size=3, unique_by=lambda item: str(item["name"]),
)  # fmt: skip
METRICS = st.lists(
    st.fixed_dictionaries({"metric": st.sampled_from("xyz")}, optional={"v": SCALARS}),
    min_size=1, max_size=3, unique_by=lambda item: str(item["metric"]),
)  # fmt: skip
MAP = st.dictionaries(st.sampled_from("ab"), SCALARS)
AGREEING = st.fixed_dictionaries(
    {},
    optional={
        "scalar": SCALARS,
        "plain": st.lists(SCALARS, min_size=1, max_size=3),
        "items": ITEMS,
        "map": st.fixed_dictionaries({}, optional={"a": SCALARS, "items": METRICS, "map": MAP}),
    },
)
ANYTHING = st.dictionaries(
    st.sampled_from("abc"),
    st.recursive(
        st.none() | SCALARS | ITEMS | METRICS,
        lambda held: (
            st.dictionaries(st.sampled_from(["a", "b", "name", "metric"]), held, max_size=3)
            | st.lists(held, max_size=3)
        ),
        max_leaves=8,
    ),
    max_size=3,
)


@given(AGREEING, AGREEING, AGREEING)
def test_merging_is_associative_for_layers_that_agree(a: Any, b: Any, c: Any) -> None:
    assert merge([merge([a, b]), c]) == merge([a, merge([b, c])]) == merge([a, b, c])


def test_merging_is_not_associative_where_the_docstring_says_so() -> None:
    for a, b, c in (
        ({"k": {"x": 1}}, {"k": None}, {"k": {"y": 1}}),
        ({"k": {"x": 1}}, {"k": 1}, {"k": {"y": 1}}),
        ({"k": [{"name": "x"}]}, {"k": []}, {"k": [{"name": "y"}]}),
    ):
        assert merge([merge([a, b]), c]) != merge([a, merge([b, c])])


@given(ANYTHING)
def test_merging_is_idempotent_and_nothing_is_its_identity(layer: dict[str, Any]) -> None:
    once = merge([layer])
    assert merge([layer, layer]) == merge([once]) == merge([{}, layer]) == merge([layer, {}]) == once


@given(st.lists(ANYTHING, max_size=4))
def test_merging_changes_no_layer(layers: list[dict[str, Any]]) -> None:
    before = copy.deepcopy(layers)
    merge(layers)
    assert layers == before


@given(st.lists(ANYTHING, min_size=1, max_size=4))
def test_a_values_origin_holds_the_value(layers: list[dict[str, Any]]) -> None:
    provenance = Provenance([Layer(str(n), None, (), data) for n, data in enumerate(layers)])
    for pointer, value in leaves(merge(layers)):
        origin = provenance.origin(pointer)
        assert at(origin.layer.data, origin.pointer) == value
        history = provenance.history(pointer)
        assert history[-1] == (origin, value)
        assert [entry.layer.name for entry, _ in history] == sorted(entry.layer.name for entry, _ in history)


@given(st.lists(ANYTHING, min_size=1, max_size=3), st.lists(st.sampled_from(["a", "b", "name", 0, 1]), max_size=4))
def test_anything_can_be_asked_for(layers: list[dict[str, Any]], pointer: list[str | int]) -> None:
    provenance = Provenance([Layer(str(n), None, (), data) for n, data in enumerate(layers)])
    assert provenance.origin(tuple(pointer)).layer.data in layers
    assert isinstance(provenance.history(tuple(pointer)), list)


def leaves(value: Any, pointer: Pointer = ()) -> list[tuple[Pointer, Any]]:
    """Scalars, and lists and mappings that hold none, with their pointers."""
    entries: Sequence[tuple[Any, Any]] = (
        list(value.items()) if isinstance(value, dict) else list(enumerate(value)) if isinstance(value, list) else []
    )
    if not entries:
        return [(pointer, value)] if not isinstance(value, dict) and value is not None else []
    return [leaf for key, held in entries for leaf in leaves(held, (*pointer, key))]


def at(data: Any, pointer: Pointer) -> Any:
    for part in pointer:
        data = data[part]
    return data


def test_leaves_are_compared_at_all() -> None:
    assert leaves({"a": [{"b": 1}], "c": {}}) == [(("a", 0, "b"), 1)]


BASE = """\
spec:
  scaling: {min: 1, max: 5}
  steps:
    - name: one
      percent: 10
    - name: two
      percent: 1.10
"""
OWN = """\
spec:
  steps:
    - name: three
    - name: two
      percent: 60
  scaling:
    max: 9
"""


@pytest.fixture
def provenance() -> Provenance:
    base, own = load("models/a.yaml", BASE.encode()), load("environments/dev/models/a.yaml", OWN.encode())
    return Provenance(
        [
            Layer("built-in", None, (), {"scaling": {"min": 0, "target": 5}, "mode": "realtime"}),
            Layer("base model", base, ("spec",), base.data["spec"]),
            Layer("environment's model", own, ("spec",), own.data["spec"]),
        ]
    )


@pytest.mark.parametrize(
    ("pointer", "place", "layer"),
    [
        (("scaling", "min"), "models/a.yaml:2:18", "base model"),
        (("scaling", "max"), "environments/dev/models/a.yaml:7:10", "environment's model"),
        (("scaling", "target"), "built-in", "built-in"),
        (("steps", 0, "percent"), "models/a.yaml:5:16", "base model"),
        (("steps", 1, "percent"), "environments/dev/models/a.yaml:5:16", "environment's model"),
        (("steps", 2, "name"), "environments/dev/models/a.yaml:3:13", "environment's model"),
        (("steps", 0, "pause"), "models/a.yaml:4:7", "base model"),
        (("scaling", "none"), "environments/dev/models/a.yaml:6:3", "environment's model"),
        (("steps", 9), "environments/dev/models/a.yaml:2:3", "environment's model"),
    ],
)
def test_an_origin_is_a_layer_and_a_place(provenance: Provenance, pointer: Pointer, place: str, layer: str) -> None:
    origin = provenance.origin(pointer)
    assert (str(origin.location), origin.layer.name) == (place, layer)


def test_an_origin_knows_key_excerpt_and_text(provenance: Provenance) -> None:
    origin = provenance.origin(("scaling", "max"), key=True)
    assert origin.location == Location("environments/dev/models/a.yaml", 7, 5, 8)
    assert (origin.excerpt, origin.text) == ("    max: 9", "9")
    built_in = provenance.origin(("mode",))
    assert (built_in.excerpt, built_in.text) == ("", "")


def test_the_history_tells_all_that_was_said(provenance: Provenance) -> None:
    def told(pointer: Pointer) -> list[tuple[str, Any]]:
        return [(origin.layer.name, value) for origin, value in provenance.history(pointer)]

    assert told(("scaling", "min")) == [("built-in", 0), ("base model", 1)]
    assert told(("steps", 1, "percent")) == [("base model", 1.1), ("environment's model", 60)]
    assert told(("none",)) == []


def test_the_history_tells_of_deletions() -> None:
    layers: list[dict[str, Any]] = [{"a": 1}, {"a": None}, {"a": 2}]
    provenance = Provenance([Layer(str(n), None, (), data) for n, data in enumerate(layers)])
    assert [value for _, value in provenance.history(("a",))] == [1, None, 2]


def test_without_layers_there_is_no_origin() -> None:
    with pytest.raises(ValueError, match="no layers"):
        Provenance([]).origin(("a",))
