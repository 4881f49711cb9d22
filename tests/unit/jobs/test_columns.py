from __future__ import annotations

import time
from typing import Any

import pytest

from mlgitops.jobs.columns import MAX_FEATURES, BodyError, Columns, appended, columns_of, named_like


def tensor(name: str, shape: list[int], data: list[Any]) -> dict[str, Any]:
    return {"name": name, "shape": shape, "datatype": "FP64", "data": data}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"instances": [[1, 2], [3, 4]]}, {"input[0]": [1.0, 3.0], "input[1]": [2.0, 4.0]}),
        ({"instances": [{"a": 1, "b": "x"}, {"a": 2}]}, {"a": [1.0, 2.0], "b": ["x", None]}),
        ({"instances": [1, None, True]}, {"input": [1.0, None, "true"]}),
        ({"inputs": [tensor("x", [2, 2], [1, 2, 3, 4])]}, {"x[0]": [1.0, 3.0], "x[1]": [2.0, 4.0]}),
        ({"inputs": [tensor("x", [2, 2], [[1, 2], [3, 4]])]}, {"x[0]": [1.0, 3.0], "x[1]": [2.0, 4.0]}),
        ({"inputs": [tensor("a", [2], [1, 2]), tensor("b", [2], ["u", "v"])]}, {"a": [1.0, 2.0], "b": ["u", "v"]}),
        ({"instances": []}, {}),
    ],
)
def test_a_body_of_either_version_becomes_columns(body: dict[str, Any], expected: dict[str, Any]) -> None:
    assert columns_of(body) == expected


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ([], "no JSON object"),
        ({"x": 1}, "neither instances nor inputs"),
        ({"instances": [[[1]]]}, "lists within lists"),
        ({"instances": [list(range(MAX_FEATURES + 1))]}, "more than 1000 values"),
        ({"inputs": [{"name": "x", "shape": [1], "datatype": "FP32"}]}, "no data in it"),
        ({"inputs": [tensor("x", [2, 2], [1, 2, 3])]}, "are no 2 rows"),
        ({"inputs": [tensor("x", [-1], [1])]}, "has no shape"),
        ({"inputs": [tensor("a", [1], [1]), tensor("b", [2], [1, 2])]}, "different numbers of rows"),
    ],
)
def test_what_is_no_table_is_refused_in_words(body: Any, words: str) -> None:
    with pytest.raises(BodyError, match=words):
        columns_of(body)


def test_requests_stand_one_below_the_other_with_gaps_where_one_lacks_a_feature() -> None:
    assert appended([{"a": [1.0]}, {"b": [2.0, 3.0]}]) == {"a": [1.0, None, None], "b": [None, 2.0, 3.0]}


def test_features_keep_the_order_in_which_they_come() -> None:
    parts: list[Columns] = [{f"x[{index}]": [1.0] for index in range(50)}] * 2
    assert list(appended(parts)) == list(parts[0])


def test_a_matrix_without_names_gets_those_of_the_reference() -> None:
    assert named_like({"x[0]": [1.0], "x[1]": [2.0]}, ["width", "length"]) == {"width": [1.0], "length": [2.0]}


@pytest.mark.parametrize(
    "columns",
    [
        {"width": [1.0], "depth": [2.0]},  # names of their own, one of them known
        {"x[0]": [1.0], "x[1]": [2.0], "x[2]": [3.0]},  # another number of features
        {"x[0]": [1.0], "y[0]": [2.0]},  # two matrices
        {"u": [1.0], "v": [2.0]},  # two plain tensors
    ],
)
def test_names_are_never_guessed(columns: Any) -> None:
    assert named_like(columns, ["width", "length"]) is columns


def test_a_tensor_of_too_many_dimensions_is_refused_and_ends_nothing() -> None:
    data: list[object] = [1]
    for _ in range(2000):
        data = [data]
    with pytest.raises(BodyError, match="more than 32 dimensions"):
        columns_of({"inputs": [{"name": "x", "shape": [1], "data": data}]})


def test_rows_of_ever_different_names_are_no_table() -> None:
    with pytest.raises(BodyError, match=f"more than {MAX_FEATURES} values"):
        columns_of({"instances": [{f"{row}_{index}": 1 for index in range(20)} for row in range(51)]})


def test_many_requests_are_put_together_in_a_time_that_grows_with_their_number() -> None:
    parts: list[Columns] = [{f"f{index}": [1.0] for index in range(10)} for _ in range(1000)]

    def spent(number: int) -> float:
        begin = time.process_time()
        for _ in range(16_000 // number):
            appended(parts[:1] * number)
        return time.process_time() - begin

    assert spent(16_000) < 6 * spent(1000)
