from __future__ import annotations

import json

import pytest

from mlgitops.errors import MlgitopsError
from mlgitops.jobs.schema import Violation, fields_in, violations

SCHEMA = [
    {"name": "amount", "type": "number", "min": 0, "max": 100},
    {"name": "country", "type": "text", "values": ["CH", "DE"]},
    {"name": "note", "type": "text", "required": False},
]


def broken(**columns: list[float | str | None]) -> list[Violation]:
    return list(violations(columns, fields_in(json.dumps(SCHEMA))))


def test_rows_that_fit_break_nothing_whatever_else_they_hold() -> None:
    assert broken(amount=[0.0, 100.0], country=["CH", "DE"], note=["x", None], more=[1.0, 2.0]) == []


def test_each_rule_is_counted_by_rows() -> None:
    assert broken(amount=[-1.0, 101.0, None, "5"], country=["CH", "FR", 3.0, "DE"]) == [
        Violation("amount", "missing", 1), Violation("amount", "range", 2), Violation("amount", "type", 1),
        Violation("country", "type", 1), Violation("country", "value", 1),
    ]  # fmt: skip


def test_a_feature_that_no_request_has_is_missing_in_every_row() -> None:
    assert broken(country=["CH", "DE"]) == [Violation("amount", "missing", 2)]


@pytest.mark.parametrize("text", ["{}", "[1]", '[{"name": "a"}]', '[{"name": "a", "type": "date"}]', "no JSON"])
def test_what_is_no_schema_is_refused(text: str) -> None:
    if text == "{}":
        assert fields_in(text) == ()
    else:
        with pytest.raises(MlgitopsError, match="not a list of features"):
            fields_in(text)
