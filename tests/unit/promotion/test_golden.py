from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlgitops.promotion.golden import Item, Tolerance, disagreement, read

V2 = {
    "inputs": [{"name": "x", "datatype": "FP32", "shape": [1, 2], "data": [1, 2]}],
    "outputs": [{"name": "y", "datatype": "FP32", "shape": [1], "data": [0.5]}],
}
V1 = {"instances": [[1, 2]], "predictions": [0.5]}


def lines(*items: Any) -> bytes:
    return "\n".join(item if isinstance(item, str) else json.dumps(item) for item in items).encode()


def differs(expected: Any, given: Any, protocol: str = "v1") -> str:
    field = {"v1": "predictions", "v2": "outputs"}[protocol]
    return disagreement(Item(1, b"", expected), protocol, {field: given}, Tolerance(0.01, 0.0))


def test_the_answers_are_not_sent_along() -> None:
    golden = read(lines(V2, "", V2))
    assert (golden.protocol, [item.line for item in golden.items]) == ("v2", [1, 3])
    assert json.loads(golden.items[0].body) == {"inputs": V2["inputs"]}
    assert read(lines(V1)).protocol == "v1"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "there is no request in it"),
        (lines(V2, V1), "some lines have inputs and some instances"),
        (lines(V1, "{"), "line 2 is no JSON"),
        (lines({"x": 1}), "line 1 has neither inputs nor instances"),
        (lines({"instances": [1]}), "line 1 has instances, and no predictions"),
        (lines({"inputs": [], "outputs": [{"name": "y"}]}), "line 1 has an output without name or data"),
        (lines("[1]"), "line 1 has neither"),
    ],
)
def test_what_is_no_golden_set_is_refused_with_its_line(content: bytes, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        read(content)


@pytest.mark.parametrize(
    ("expected", "given"),
    [
        ([0.5], [0.505]), ([[1, 2]], [[1.0, 2.0]]), (["a"], ["a"]), ([{"p": 0.5}], [{"p": 0.5, "more": 1}]),
        ([True], [True]),
    ],
)  # fmt: skip
def test_an_answer_within_tolerance_agrees(expected: Any, given: Any) -> None:
    assert differs(expected, given) == ""


@pytest.mark.parametrize(
    ("expected", "given", "told"),
    [
        ([0.5], [0.52], "predictions[0] is 0.52, not 0.5"),
        ([1], [float("nan")], "predictions[0] is nan, not 1"),
        ([1], [None], "predictions[0] is None, not 1"),
        ([1], [True], "predictions[0] is True, not 1"),
        (["a"], ["b"], "predictions[0] is 'b', not 'a'"),
        ([1, 2], [1], "predictions has 1 items, not 2"),
        ([{"p": 1}], [{}], "predictions[0].p is None, not 1"),
        ([1], "1", "predictions is '1', not [1]"),
    ],
)
def test_an_answer_that_is_off_says_where(expected: Any, given: Any, told: str) -> None:
    assert differs(expected, given) == told


def test_tensors_are_compared_by_name_and_flat() -> None:
    wanted = [{"name": "y", "datatype": "FP32", "shape": [2, 1], "data": [[0.5], [1.0]]}]
    other = {"name": "z", "data": [9]}
    assert differs(wanted, [other, {**wanted[0], "data": [0.5, 1.0]}], "v2") == ""
    assert differs(wanted, [other], "v2") == "the output y is missing"
    assert differs(wanted, [{**wanted[0], "shape": [1, 2]}], "v2") == "the shape of y is [1, 2], not [2, 1]"
    assert differs(wanted, "odd", "v2") == "the output y is missing"


@pytest.mark.parametrize("answer", [None, [], "x", {"outputs": None}, {"error": "boom"}])
def test_an_answer_of_another_form_never_agrees(answer: Any) -> None:
    assert disagreement(Item(1, b"", V2["outputs"]), "v2", answer, Tolerance()) == "the answer has no outputs"


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False, width=32), min_size=1, max_size=5))
def test_every_answer_agrees_with_itself(values: list[float]) -> None:
    assert differs(values, values) == ""
