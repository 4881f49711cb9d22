"""What has another form than an API gives it is named with its way, what it has to be, and what it is."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from mlgitops.compile.shape import ANY, TEXT, WHOLE, Entries, Fields, Items

SHAPE = Fields({
    "name": TEXT, "count": WHOLE, "labels": Entries(TEXT), "anything": ANY,
    "env": Items(Fields({"name": TEXT}, needed=("name",))),
})  # fmt: skip


@pytest.mark.parametrize(
    ("value", "wrong"),
    [
        ({"name": "a", "count": 2, "labels": {"x": "y"}, "env": [{"name": "b"}], "other": [1]}, []),
        ({"name": None, "labels": {"x": None}, "anything": [{}]}, []),
        ({"name": 1.5, "labels": {"x": date(2026, 1, 2)}}, []),
        ("hello", [((), "a mapping", "a text")]),
        ({"name": ["a"]}, [(("name",), "a text", "a list")]),
        ({"count": True, "name": {}}, [(("name",), "a text", "a mapping"),
                                       (("count",), "a whole number", "true or false")]),
        ({"count": 1.5}, [(("count",), "a whole number", "a number")]),
        ({"labels": [1]}, [(("labels",), "a mapping", "a list")]),
        ({"labels": {7: "x", "y": []}}, [(("labels", "7"), "named by a text", "named by a whole number"),
                                         (("labels", "y"), "a text", "a list")]),
        ({"env": {"a": "b"}}, [(("env",), "a list", "a mapping")]),
        ({"env": [{}, None, {"name": None}, date(2026, 1, 2)]},
         [(("env", 0, "name"), "set", "missing"), (("env", 1), "a mapping", "null"),
          (("env", 2, "name"), "set", "null"), (("env", 3), "a mapping", "a date")]),
    ],
)  # fmt: skip
def test_every_field_of_another_form_is_named(value: Any, wrong: list[tuple[Any, ...]]) -> None:
    assert [tuple(one) for one in SHAPE.wrong(value, ())] == wrong
