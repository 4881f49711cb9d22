"""What a plan says of objects, as a tree that opens: model or pipeline, object, the fields that differ. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from mlgitops.page.element import NOTHING, Html, element
from mlgitops.page.matrix import badge
from mlgitops.plan.change import Action, Change, TargetPlan
from mlgitops.plan.health import Health
from mlgitops.plan.status import Running
from mlgitops.report.plan.rows import SYMBOLS, Row, object_name, rows

MOST_ROWS = 200
"""Fields of one object that are shown."""
_WORDS = {
    Action.CREATE: "is created", Action.UPDATE: "is changed", Action.DELETE: "is removed",
    Action.REPLACE: "is removed and made anew", Action.UNCHANGED: "stays",
}  # fmt: skip


def by_owner(target: TargetPlan) -> dict[str, list[Change]]:
    """The changes of a target by model or pipeline, what stays as it is included."""
    found: dict[str, list[Change]] = {}
    for change in target.changes:
        found.setdefault(change.owner, []).append(change)
    return dict(sorted(found.items()))


def tree(changes: Iterable[Change], running: Running | None = None) -> Html:
    """The objects of a model or pipeline at one target, with their health where it is known."""
    unwell = {one.identity: one.health for one in running.objects} if running else {}
    return element("ul", *(_object(one, unwell.get(one.identity)) for one in changes), class_="objects")


def _object(change: Change, health: Health | None) -> Html:
    found = rows(change, full=True) if change.action is not Action.UNCHANGED else []
    line = [
        element("span", SYMBOLS[change.action].strip() or "=", class_=f"action {change.action}", aria_hidden="true"),
        " ", element("code", object_name(change.identity)), element("small", f" {_WORDS[change.action]}"),
        *_health(health), *([element("span", change.impact, class_="flag")] if change.impact.severity else []),
    ]  # fmt: skip
    if not found:
        return element("li", *line)
    return element("li", element("details", element("summary", *line), _fields(found)))


def _health(health: Health | None) -> Iterator[Html]:
    if health is not None:
        yield Html(" ")
        yield badge(health.state.value, health.state.value, f": {health.reason}" if health.reason else "")


def _fields(found: Sequence[Row]) -> Html:
    shown = [_field(row) for row in found[:MOST_ROWS]]
    left = len(found) - MOST_ROWS
    more = element("li", f"… and {left} more; mlgitops plan --verbose shows all") if left > 0 else NOTHING
    return element("ul", *shown, more, class_="fields")


def _field(row: Row) -> Html:
    if not row.symbol:
        return element("li", row.field, class_="remark")
    where = element("small", f" {row.source}") if row.source else NOTHING
    return element("li", element("code", f"{row.symbol} {row.field}"), *_values(row), where, class_="field")


def _values(row: Row) -> Iterator[Html]:
    if row.block:
        lines = [element("span", f"{mark or ' '} {text}", class_=_side(mark)) for mark, text in row.block]
        yield element("pre", *lines, tabindex="0")
    if row.old:
        yield element("del", row.old)
    if row.new:
        yield element("ins", row.new)


def _side(mark: str) -> str:
    return {"+": "added", "-": "taken"}.get(mark, "same")
