from __future__ import annotations

import pytest

from mlgitops.compile.repeated import MOST_REPEATED, repeats_too_much


def of_aliases(levels: int, pattern: str) -> str:
    uses = [", ".join([f"*a{level}"] * 10) for level in range(levels)]
    return "a0: &a0 {x: y}\n" + "".join(f"a{n}: &a{n} {pattern.format(one)}\n" for n, one in enumerate(uses, 1))


@pytest.mark.parametrize("pattern", ["[{}]", "{{<<: [{}]}}"], ids=["lists", "merges"])
def test_aliases_of_aliases_are_counted_as_often_as_they_repeat(pattern: str) -> None:
    assert repeats_too_much(of_aliases(9, pattern))
    assert not repeats_too_much(of_aliases(3, pattern))


def test_a_long_text_counts_by_its_length() -> None:
    text = f"a: &a {'x' * 1000}\nb: [{', '.join(['*a'] * (MOST_REPEATED // 1000))}]\n"
    assert repeats_too_much(text)
    assert not repeats_too_much(text.replace("*a", "a"))


def test_an_alias_inside_what_it_repeats_has_no_end() -> None:
    assert repeats_too_much("a: &a [b, *a]")


def test_an_anchor_that_is_given_again_stands_for_the_newer_value() -> None:
    again = f"a: &a {'x' * MOST_REPEATED}\nb: &a y\nc: *a\n"
    assert not repeats_too_much(again)
