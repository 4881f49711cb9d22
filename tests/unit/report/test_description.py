from __future__ import annotations

from collections.abc import Callable

import pytest

from mlgitops.report import inert
from mlgitops.report.description import text
from mlgitops.report.style import Style
from mlgitops.spec.describe import describe

PLAIN = Style(False)


@pytest.mark.parametrize(
    "pointer",
    [
        "", "model", "model.spec.serving.scaling", "model.spec.serving.scaling.target",
        "model.spec.release.artifact.uri",
        "pipeline.spec.steps", "project.spec.policy.rules", "target.spec.accelerators.a10g",
    ],
)  # fmt: skip
def test_an_explanation_reads_well(pointer: str, golden: Callable[[str, str], None]) -> None:
    golden(f"report/explain/{pointer or 'kinds'}.txt", text(describe(pointer), PLAIN, 90))


@pytest.mark.parametrize("width", [60, 80, 120])
def test_lines_keep_to_the_width(width: int) -> None:
    shown = text(describe("model.spec.serving"), PLAIN, width)
    assert max(map(len, shown.splitlines())) <= width


def test_colours_change_nothing_but_colours() -> None:
    described = describe("pipeline.spec.steps")
    coloured = text(described, Style(True))
    assert "\x1b[1m" in coloured
    assert "\n".join(map(inert.line, coloured.split("\n"))) == text(described, PLAIN)


def test_required_fields_are_marked() -> None:
    assert "  artifact*" in text(describe("model.spec.release"), PLAIN)
    assert "required  yes" in text(describe("model.spec.release.artifact"), PLAIN)
