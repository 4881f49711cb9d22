"""The terminal's picture is whole, needs nothing from outside, and shows names as text."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

from rich.text import Text

from scripts.pictures import COMMANDS, PICTURE, drawn

SVG = "{http://www.w3.org/2000/svg}"


def rows(svg: str) -> list[str]:
    return ["".join(row.itertext()) for row in ElementTree.fromstring(svg).iter(f"{SVG}text")]


def test_lines_appear_one_after_the_other_in_their_colours() -> None:
    svg = drawn([Text("first"), Text.from_ansi("\x1b[31mred\x1b[0m and plain")])
    assert rows(svg) == ["first", "red and plain"]
    assert svg.index("animation-delay: 0s") < svg.index("animation-delay: 0.25s")
    assert '<tspan style="fill: #ff7b72">red</tspan>' in svg


def test_what_is_printed_is_text_and_no_markup() -> None:
    assert rows(drawn([Text("<script>&\"'")])) == ["<script>&\"'"]


def test_a_line_that_is_too_long_is_cut() -> None:
    assert rows(drawn([Text("x" * 500)]))[0].endswith("x…")


def test_the_committed_picture_shows_each_command_and_asks_nothing_of_the_outside() -> None:
    svg = Path(PICTURE).read_text(encoding="utf-8")
    assert [row[2:] for row in rows(svg) if row.startswith("$ ")] == list(COMMANDS[1:])
    assert svg.count("//") == svg.count("http://www.w3.org/2000/svg")
