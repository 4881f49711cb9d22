"""Where values stand."""

from __future__ import annotations

import pytest

from mlgitops.finding import Location
from mlgitops.spec.positions import Pointer, Positions

TEXT = """\
a: 1
b:
  c: [x, {d: "y"}]
  - odd
"""
GOOD = """\
top:
  list:
    - name: one
      value: 1.10
    - plain
  empty: {}
  text: |
    lines
    more
  anchored: &x {k: v}
again: *x
umläut: ü
"""


@pytest.fixture
def positions() -> Positions:
    return Positions("f.yaml", GOOD)


@pytest.mark.parametrize(
    ("pointer", "value", "key"),
    [
        ((), (1, 1, 0), (1, 1, 0)),
        (("top",), (2, 3, 0), (1, 1, 4)),
        (("top", "list"), (3, 5, 0), (2, 3, 7)),
        (("top", "list", 0), (3, 7, 0), (3, 7, 0)),
        (("top", "list", 0, "value"), (4, 14, 18), (4, 7, 12)),
        (("top", "list", 1), (5, 7, 12), (5, 7, 12)),
        (("top", "empty"), (6, 10, 0), (6, 3, 8)),
        (("top", "text"), (7, 9, 0), (7, 3, 7)),
        (("again",), (11, 8, 10), (11, 1, 6)),
        (("again", "k"), (10, 20, 21), (10, 17, 18)),
        (("umläut",), (12, 9, 10), (12, 1, 7)),
    ],
)
def test_value_and_key_are_found(
    positions: Positions, pointer: Pointer, value: tuple[int, int, int], key: tuple[int, int, int]
) -> None:
    assert positions.locate(pointer) == Location("f.yaml", *value)
    assert positions.locate(pointer, key=True) == Location("f.yaml", *key)


@pytest.mark.parametrize(
    ("pointer", "line"),
    [
        (("nothing",), 1),
        (("top", "nothing"), 1),
        (("top", "list", 7), 2),
        (("top", "list", 0, "nothing", "at", "all"), 3),
        (("top", "empty", "x"), 6),
        (("top", "list", "name"), 2),
    ],
)
def test_what_is_absent_is_at_its_parents_key(positions: Positions, pointer: Pointer, line: int) -> None:
    assert positions.locate(pointer).line == line


def test_of_a_key_given_twice_the_first_is_found() -> None:
    assert Positions("f.yaml", "a: 1\nb: 2\na: 3\n").locate(("a",), key=True).line == 1


def test_what_stands_before_a_syntax_error_is_found() -> None:
    positions = Positions("f.yaml", TEXT)
    assert positions.locate(("b", "c", 1, "d")) == Location("f.yaml", 3, 14, 17)


def test_a_text_without_values_has_its_beginning() -> None:
    assert Positions("f.yaml", "").locate(("a",)) == Location("f.yaml", 1, 1)


def test_collections_as_keys_do_not_shift_what_follows() -> None:
    positions = Positions("f.yaml", "? [x, y]\n: 1\nb: 2\n")
    assert positions.locate(("b",)) == Location("f.yaml", 3, 4, 5)
