from __future__ import annotations

import pytest

from mlgitops.report.style import Style

STYLES = ["bold", "dim", "red", "green", "yellow"]


@pytest.mark.parametrize("name", STYLES)
def test_a_disabled_style_changes_nothing(name: str) -> None:
    assert getattr(Style(False), name)("text") == "text"


@pytest.mark.parametrize("name", STYLES)
def test_an_enabled_style_is_ended_where_the_text_ends(name: str) -> None:
    styled = getattr(Style(True), name)("text")
    assert styled.startswith("\x1b[")
    assert styled.endswith("mtext\x1b[0m")


def test_each_style_looks_different() -> None:
    assert len({getattr(Style(True), name)("text") for name in STYLES}) == len(STYLES)


def test_empty_text_stays_empty() -> None:
    assert Style(True).bold("") == ""
