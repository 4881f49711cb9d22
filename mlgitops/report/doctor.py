"""What ``doctor`` found, as text and for machines. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import groupby

import orjson

from mlgitops.plan.checkup import Check, Condition, is_broken
from mlgitops.report import inert
from mlgitops.report.findings import counted
from mlgitops.report.style import Style

FORMAT_VERSION = "1.0"
_MARKS = {
    Condition.WELL: "ok", Condition.UNKNOWN: "?", Condition.WARNING: "warning", Condition.BROKEN: "broken",
}  # fmt: skip


def text(checks: Sequence[Check], style: Style) -> str:
    """The checks by what they are about, each that is not well with what to do, and a line that counts them."""
    lines: list[str] = []
    for topic, members in groupby(checks, key=lambda check: check.topic):
        lines.append(style.bold(inert.line(topic)))
        for check in members:
            lines += _lines(check, style)
    return "\n".join([*lines, "", _total(checks)])


def json(checks: Sequence[Check]) -> str:
    """The same for machines: ``broken`` says whether anything has to be mended."""
    data = {
        "formatVersion": FORMAT_VERSION,
        "broken": is_broken(checks),
        "checks": [
            {
                "topic": check.topic, "name": check.name, "condition": check.condition, "said": check.said,
                "cure": check.cure,
            }
            for check in checks
        ],
    }  # fmt: skip
    return orjson.dumps(data, option=orjson.OPT_INDENT_2).decode()


def _lines(check: Check, style: Style) -> list[str]:
    colour = {Condition.WELL: style.green, Condition.WARNING: style.yellow, Condition.BROKEN: style.red}
    mark = colour.get(check.condition, style.dim)(f"{_MARKS[check.condition]:<8}")
    said = [f"  {mark} {check.name}: {inert.line(check.said)}"]
    return said if check.condition is Condition.WELL else [*said, f"           help: {inert.line(check.cure)}"]


def _total(checks: Sequence[Check]) -> str:
    found = Counter(check.condition for check in checks)
    names = {Condition.BROKEN: "broken", Condition.WARNING: "with a warning", Condition.UNKNOWN: "not known"}
    parts = [f"{found[one]} {words}" for one, words in names.items() if found[one]]
    return f"{counted(len(checks), 'check')}: {', '.join(parts) or 'all is well'}."
