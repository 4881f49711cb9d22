"""A plan as Markdown for a pull request or a job summary: totals in sight, details folded, never longer than allowed.

Values stand in fenced code whose fence is longer than any in it, and names outside of it are escaped within ``<code>``,
where forges look neither for mentions nor for references, so that nothing in a spec becomes markup. Source of the
limits: GitHub's documentation (a comment has at most 65,536 characters, a step's summary 1,024 kB).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from mlgitops.plan.change import Action, Change, Impact, Plan, TargetPlan
from mlgitops.plan.copies import Copy, copies
from mlgitops.plan.summary import Totals, summarise
from mlgitops.report import inert
from mlgitops.report.commit import named
from mlgitops.report.findings import counted
from mlgitops.report.plan import account, totals
from mlgitops.report.plan.copying import NO_TOOL, command
from mlgitops.report.plan.rows import SYMBOLS, Row, object_name, rows, values

COMMENT_BYTES = 65_000
"""Bytes, a little under the limit of a comment, which is in characters and so never smaller."""

_FOOTER_BYTES = 400
_LEAST_BLOCK = 1_000
_LONGEST_PAIR = 160
_LONGEST_REASON = 400
_SYMBOLS_IN_DIFF = {"~": "!", "±": "!", "": "#"}
_SPECIAL = re.compile(r"""[\\`*_{}\[\]#!|~@&<>"'$^=]|:(?=//)|(?<=www)\.""", re.IGNORECASE)


def markdown(plan: Plan, limit: int = COMMENT_BYTES, again: str = "mlgitops plan") -> str:
    """The plan in at most ``limit`` bytes (at least 4,000); what does not fit is left out and counted.

    ``again`` is the command that shows all of it.

    Starts with a comment that readers do not see, by which the same comment can be found and updated later.
    """
    head = "\n".join(_head(plan)) + "\n"
    body, cut = _fitting(list(_blocks(plan)), max(limit, 4_000) - len(head.encode()) - _FOOTER_BYTES)
    return head + body + (_cut_note(cut, again) if cut else "")


def _head(plan: Plan) -> Iterator[str]:
    found = summarise(plan)
    yield f"<!-- mlgitops plan {re.sub('[^a-z0-9-]', '', plan.environment)} -->"
    commit = f", commit {code(named(plan.commit))}" if plan.commit else ""
    yield f"### Plan for environment {code(plan.environment)} of {code(plan.project)}{commit}"
    yield ""
    yield ("**No changes.** " if plan.is_empty else "") + f"{totals.action_totals(found.total)}."
    if impacts := totals.impact_totals(found.total):
        yield f"Impact: {impacts}."
    if cost := account.total(plan):
        yield f"\nCost: {code(cost)}"
    if budget := account.budget(plan):
        yield f"\nBudget: {code(budget)}"
    if left_out := totals.left_out(plan):
        yield f"\n{code(left_out)}"
    if unread := totals.unread(plan):
        yield f"\n**Not planned:** {code(unread)}"
    if not plan.is_empty:
        yield from _table(plan)


def _table(plan: Plan) -> Iterator[str]:
    found = summarise(plan)
    yield "\n| target | create | change | remove | unchanged | gravest impact |\n|---|--:|--:|--:|--:|---|"
    for target in plan.targets:
        yield _row_of(target, found.targets[target.target])
    for target in plan.targets:
        yield from (f"\n{code(f'{target.target}: {remark}')}" for remark in _remarks(target))


def _row_of(target: TargetPlan, found: Totals) -> str:
    if target.error:
        return f"| {code(target.target)} | | | | | cannot be read |"
    changed = found.actions[Action.UPDATE] + found.actions[Action.REPLACE]
    numbers = (found.actions[Action.CREATE], changed, found.actions[Action.DELETE], found.actions[Action.UNCHANGED])
    impact = totals.gravest(target.changes)
    words = "" if impact is Impact.NONE else f"{impact}: {totals.MEANING[impact]}"
    return f"| {code(target.target)} | {' | '.join(map(str, numbers))} | {words} |"


def _remarks(target: TargetPlan) -> Iterator[str]:
    if target.error:
        yield f"cannot be read: {inert.shortened(target.error, _LONGEST_REASON)}"
    yield from totals.remarks(target)


def _blocks(plan: Plan) -> Iterator[tuple[str, Iterable[str]]]:
    """A summary line and the lines inside, for each owner at each target and for what it has to have copied.

    The lines are made as they are asked for, since of a long plan most are left out.
    """
    for target in plan.targets:
        if not target.is_empty and (asked := list(account.lines(target.account))):
            yield f"{code(target.target)} asks for", [f"  {one}" for one in asked]
        for owner, changes in totals.by_owner(target):
            impact = totals.gravest(changes)
            title = f"{code(target.target)} {code(owner)} {_counts(changes)} ({impact})"
            yield title, (line for change in changes for line in _change(change))
        if needed := copies(target):
            title = f"{code(target.target)} {counted(len(needed), 'artifact')} to be copied first"
            yield title, (line for copy in needed for line in _copy(copy))


def _copy(copy: Copy) -> Iterator[str]:
    yield inert.line(f"# {copy.source} -> {copy.destination}")
    yield inert.line(command(copy) or NO_TOOL)


def _counts(changes: Sequence[Change]) -> str:
    words = {
        Action.CREATE: "to create", Action.UPDATE: "to change", Action.REPLACE: "to replace", Action.DELETE: "to remove"
    }  # fmt: skip
    numbers = {action: sum(change.action is action for change in changes) for action in words}
    return ", ".join(f"{number} {words[action]}" for action, number in numbers.items() if number)


def _change(change: Change) -> Iterator[str]:
    symbol = SYMBOLS[change.action]
    yield f"{_SYMBOLS_IN_DIFF.get(symbol, symbol)} {object_name(change.identity)} [{change.impact}]"
    for row in rows(change, full=False):
        yield from _row(row)


def _row(row: Row) -> Iterator[str]:
    symbol = _SYMBOLS_IN_DIFF.get(row.symbol, row.symbol)
    shown = values(row, _LONGEST_PAIR)
    source = f"    ({inert.line(row.source)})" if row.source else ""
    yield f"{symbol}   {row.field}" + (f": {shown}" if shown else "") + source
    yield from (f"{_SYMBOLS_IN_DIFF.get(sign, sign)}     {line}".rstrip() for sign, line in row.block)


def _fitting(blocks: Sequence[tuple[str, Iterable[str]]], room: int) -> tuple[str, int]:
    """As many blocks as fit into ``room`` bytes, the last one perhaps cut, and how many are missing or cut."""
    made = ""
    for number, (title, inside) in enumerate(blocks):
        left, lines = room - len(made.encode()), list(inside)
        whole = _folded(title, lines)
        if len(whole.encode()) <= left:
            made += whole
        else:
            part = _cut_block(title, lines, left) if left >= _LEAST_BLOCK else ""
            return made + part, len(blocks) - number
    return made, 0


def _cut_block(title: str, lines: Sequence[str], room: int) -> str:
    """The first lines of a block that fit into ``room`` bytes, found by halving."""
    fits, too_many = 0, len(lines)
    while too_many - fits > 1:
        middle = (fits + too_many) // 2
        note = f"# … {counted(len(lines) - middle, 'more line')}"
        if len(_folded(title, [*lines[:middle], note]).encode()) <= room:
            fits = middle
        else:
            too_many = middle
    return _folded(title, [*lines[:fits], f"# … {counted(len(lines) - fits, 'more line')}"]) if fits else ""


def _folded(title: str, lines: Sequence[str]) -> str:
    longest = max((len(run) for line in lines for run in re.findall("`+", line)), default=0)
    fence = "`" * max(3, longest + 1)
    return "\n".join([f"\n<details><summary>{title}</summary>\n", f"{fence}diff", *lines, fence, "\n</details>\n"])


def _cut_note(cut: int, again: str) -> str:
    return f"\n**Too long to show whole:** {counted(cut, 'part')} cut or left out. {code(again)} shows all.\n"


def code(text: str) -> str:
    """Text as code, in which neither Markdown nor HTML nor a forge finds anything to act on."""
    return f"<code>{_SPECIAL.sub(lambda match: f'&#{ord(match[0])};', inert.line(text))}</code>"
