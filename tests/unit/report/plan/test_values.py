from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlgitops.plan.change import ABSENT
from mlgitops.report.plan.values import ARROW, leaves, shortened_pair, shown

TEXT = st.text("abc/", max_size=200)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "null"),
        (True, "true"),
        (2, "2"),
        (0.5, "0.5"),
        ("text", "text"),
        ("s3://a/b:c", "s3://a/b:c"),
        ("500m", "500m"),
        ("1.10", '"1.10"'),
        ("true", '"true"'),
        ("", '""'),
        ("a: b", '"a: b"'),
        ("a #b", '"a #b"'),
        ("two\nlines", '"two\\nlines"'),
        (["a", 1], "[a, 1]"),
        ({"a": {"b": "1"}}, '{a: {b: "1"}}'),
        (ABSENT, ""),
    ],
)
def test_a_value_is_shown_as_yaml_has_it(value: Any, text: str) -> None:
    assert shown(("x",), value) == text


@given(TEXT, TEXT, st.integers(40, 120))
def test_a_shortened_pair_fits_and_stays_different(old: str, new: str, room: int) -> None:
    short_old, short_new = shortened_pair(old, new, room)
    assert len(short_old) + len(short_new) + len(ARROW) <= room
    assert (short_old, short_new) == (old, new) or "…" in short_old + short_new


@pytest.mark.parametrize("room", [40, 60, 100])
def test_what_differs_stays_in_sight(room: int) -> None:
    head, tail = "s3://models/team/fraud-detector/", "/model-with-a-very-long-name.bst"
    old, new = shortened_pair(f"{head}1.9{tail}", f"{head}1.10{tail}", room)
    assert "1.9" in old
    assert "1.10" in new


def test_leaves_go_by_name_and_index() -> None:
    value = {"env": [{"name": "A", "value": "1"}], "rules": [{"x": 1}], "args": ["a", "b"], "empty": {}}
    assert list(leaves(("spec",), value)) == [
        (("spec", "env", "[A]", "value"), "1"),
        (("spec", "rules", 0, "x"), 1),
        (("spec", "args"), ["a", "b"]),
        (("spec", "empty"), {}),
    ]
