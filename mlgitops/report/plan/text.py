"""A plan as text for a terminal: by target, by model or pipeline, by object, field by field. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from mlgitops.plan.change import Action, Change, Impact, Plan, TargetPlan
from mlgitops.plan.copies import copies
from mlgitops.report import inert
from mlgitops.report.findings import DEFAULT_WIDTH, counted
from mlgitops.report.plan import account, totals
from mlgitops.report.plan.copying import NO_TOOL, command
from mlgitops.report.plan.layout import object_line, row_lines
from mlgitops.report.plan.rows import SYMBOLS, rows
from mlgitops.report.style import Style

_ENDINGS = {Action.DELETE: "  is removed", Action.REPLACE: "  is removed and made anew"}


def text(plan: Plan, style: Style, width: int = DEFAULT_WIDTH, *, verbose: bool = False) -> str:
    """The whole plan, at most ``width`` columns wide where values can be shortened to fit.

    ``verbose`` shows every field of what is created and shortens nothing.
    """
    width = max(60, width)
    blocks = ["\n".join(_target(target, style, width, verbose)) for target in plan.targets if not target.is_empty]
    return "\n\n".join([style.bold(totals.heading(plan)), *blocks, "\n".join(_summary(plan, style))]) + "\n"


def _summary(plan: Plan, style: Style) -> Iterator[str]:
    found = totals.of_plan(plan)
    if plan.is_empty:
        yield style.bold(style.green("No changes.")) + " Everything is as Git says."
    yield style.bold("Plan:") + f" {totals.action_totals(found)}."
    if impacts := totals.impact_totals(found):
        yield style.bold("Impact:") + f" {impacts}."
    if len(plan.targets) > 1 and (cost := account.total(plan)):
        yield style.bold("Cost:") + f" {cost}."
    if budget := account.budget(plan):
        yield style.bold("Budget:") + f" {budget}."
    if left_out := totals.left_out(plan):
        yield style.yellow(left_out)
    if unread := totals.unread(plan):
        yield style.bold(style.red("Not planned:")) + f" {unread}"


def _target(target: TargetPlan, style: Style, width: int, verbose: bool) -> Iterator[str]:
    yield style.bold(f"Target {inert.line(target.target)}")
    if target.error:
        yield f"  {style.red('cannot be read')}  {inert.line(target.error)}"
    for owner, changes in totals.by_owner(target):
        yield ""
        yield f"  {style.bold(inert.line(owner))}{_impact(totals.gravest(changes), style)}"
        for change in changes:
            yield from _change(change, style, width, verbose)
    for remark in totals.remarks(target):
        yield f"  {style.yellow(remark)}"
    yield from _account(target, style)
    yield from _copies(target, style)


def _account(target: TargetPlan, style: Style) -> Iterator[str]:
    found = list(account.lines(target.account))
    if found:
        yield ""
        yield f"  {style.bold('Asks for')}"
        yield from (f"    {one}" for one in found)


def _copies(target: TargetPlan, style: Style) -> Iterator[str]:
    found = copies(target)
    if found:
        yield ""
        yield "  " + style.yellow(f"{counted(len(found), 'artifact')} to be copied first, unless it was:")
    for copy in found:
        yield inert.line(f"    {copy.source} -> {copy.destination}")
        yield inert.line(f"      {command(copy) or NO_TOOL}")


def _impact(impact: Impact, style: Style) -> str:
    if impact is Impact.NONE:
        return ""
    grave = impact in (Impact.REMOVES, Impact.DESTROYS_DATA)
    colour = style.red if grave else style.dim if impact is Impact.SERVING_ONLY else style.yellow
    return "  " + colour(f"[{impact}]")


def _change(change: Change, style: Style, width: int, verbose: bool) -> Iterator[str]:
    ending = style.red(_ENDINGS.get(change.action, ""))
    yield object_line(SYMBOLS[change.action], change.identity, style) + ending + _impact(change.impact, style)
    yield from row_lines(rows(change, verbose), style, 0 if verbose else width)
