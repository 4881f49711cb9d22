from __future__ import annotations

import pytest

from mlgitops.plan.run_parameters import problems
from mlgitops.spec.parameters import Parameter

DECLARED = [
    Parameter(name="epochs", type="int", value="1"),
    Parameter(name="rate", type="float", value="0.1"),
    Parameter(name="fast", type="bool", value="false"),
    Parameter(name="kind", value="a", enum=("a", "b")),
    Parameter(name="data"),
]


def test_values_of_the_declared_types_are_taken() -> None:
    given = {"epochs": "-3", "rate": "1e-5", "fast": "true", "kind": "b", "data": "s3://x/{y}"}
    assert problems(DECLARED, given) == []


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("epochs", "1.5", "parameter 'epochs' is a whole number, not '1.5'"),
        ("rate", "fast", "parameter 'rate' is a number, not 'fast'"),
        ("rate", "nan", "parameter 'rate' is a number, not 'nan'"),
        ("fast", "True", "parameter 'fast' is true or false, not 'True'"),
        ("kind", "c", "parameter 'kind' is one of: a, b"),
        ("data", "{{workflow.uid}}", "the value of 'data' may not hold '{{'"),
        ("epoch", "1", "there is no parameter 'epoch', did you mean 'epochs'?"),
    ],
)
def test_any_other_value_is_refused(name: str, value: str, said: str) -> None:
    assert problems(DECLARED, {"data": "x", name: value}) == [said]


def test_what_has_no_value_has_to_be_given() -> None:
    assert problems(DECLARED, {}) == ["parameter 'data' has no value, and none is given"]
