"""The rendered diff of a pull request: folded by target, cut to what fits, with a pointer to the rest. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby

from mlgitops.promotion.effect import ObjectChange
from mlgitops.report.diff import Difference, text
from mlgitops.report.findings import counted
from mlgitops.report.plan.markdown import code
from mlgitops.report.style import Style

_LEAST = 600
_SIDES = ("now", "proposed")


def folded_diffs(environment: str, objects: Sequence[ObjectChange], room: int, again: str) -> str:
    """One folded block for each target, all together in ``room`` characters; what is cut names ``again``."""
    made = "\n## Rendered diff\n" if objects else ""
    groups = [(target, list(group)) for target, group in groupby(objects, key=lambda one: one.target)]
    for number, (target, group) in enumerate(groups):
        differences = (Difference(environment, target, one.identity, one.before, one.after) for one in group)
        lines = text(differences, Style(False), _SIDES).splitlines()
        left = (room - len(made)) // (len(groups) - number)
        made += _block(f"{code(target)}: {counted(len(group), 'object')}", lines, max(left, _LEAST), again)
    return made


def _block(title: str, lines: Sequence[str], room: int, again: str) -> str:
    longest = max((len(run) for line in lines for run in re.findall("`+", line)), default=0)
    fence = "`" * max(3, longest + 1)
    room -= len(title) + 2 * len(fence) + len(again) + 160
    kept: list[str] = []
    for line in lines:
        room -= len(line) + 1
        if room < 0:
            break
        kept.append(line)
    cut = len(lines) - len(kept)
    note = f"\n{counted(cut, 'line')} left out: {code(again)} prints all.\n" if cut else ""
    parts = [f"\n<details><summary>{title}</summary>\n", f"{fence}diff", *kept, fence, note, "</details>\n"]
    return "\n".join(parts)
