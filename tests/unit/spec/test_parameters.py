from __future__ import annotations

from typing import Any

import pytest

from mlgitops.spec.parameters import Parameter, as_text, fits, takes


@pytest.mark.parametrize(
    ("value", "text"),
    [(True, "true"), (False, "false"), (3, "3"), (0.00001, "0.00001"), (2.50, "2.5"), ("1.10", "1.10"), ([1], [1])],
)
def test_a_scalar_as_a_program_gets_it(value: Any, text: Any) -> None:
    assert as_text(value) == text


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("string", ["", "3", "true"], [3, 0.5, True]),
        ("int", [0, -3], ["3", 3.0, True]),
        ("float", [0, 0.5], ["0.5", False]),
        ("bool", [True, False], ["true", 1]),
    ],
)
def test_a_value_is_of_one_type(kind: Any, good: list[Any], bad: list[Any]) -> None:
    assert all(fits(value, kind) for value in good)
    assert not any(fits(value, kind) for value in bad)


def test_a_parameter_takes_the_values_of_another() -> None:
    kinds = ("string", "int", "float", "bool")
    one = {kind: Parameter.model_validate({"name": "a", "type": kind}) for kind in kinds}
    taken = {(wanted, given) for wanted in kinds for given in kinds if takes(one[wanted], one[given])}
    assert taken == {*((kind, kind) for kind in kinds), *(("string", kind) for kind in kinds), ("float", "int")}
