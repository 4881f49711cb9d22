"""Drift for people and for machines: what is at a target otherwise than the last apply left it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any, Protocol

from mlgitops.plan.change import ABSENT, FieldChange
from mlgitops.plan.drift import Drifted, DriftReport
from mlgitops.report import inert
from mlgitops.report.findings import DEFAULT_WIDTH
from mlgitops.report.plan.layout import object_line, row_lines
from mlgitops.report.plan.rows import changed_rows, object_name, values
from mlgitops.report.plan.values import shown
from mlgitops.report.style import Style
from mlgitops.report.xml_text import Element, document

FORMAT_VERSION = "1.2"
"""Grows in its first part when a field goes or changes its meaning, in its second when one is added."""

_LONGEST_PAIR = 160
_SYMBOLS = {"changed": "~", "missing": "-", "unexpected": "+"}
_MEANING = {
    "changed": "is neither as it was applied nor as Git says",
    "missing": "was applied and is gone",
    "unexpected": "has our labels, but Git does not know it",
}


class EnvironmentDrift(Protocol):
    """The drift of one environment at each of its targets."""

    @property
    def environment(self) -> str: ...

    @property
    def targets(self) -> Sequence[DriftReport]: ...


def text(environment: str, targets: Sequence[DriftReport], style: Style, width: int = DEFAULT_WIDTH) -> str:
    """The drift of an environment by target, owner and object, fields from what is live to what Git says."""
    counts = {kind: sum(len(_of(target, kind)) for target in targets) for kind in _SYMBOLS}
    name, unread = inert.line(environment), [target.target for target in targets if target.error]
    if not any(counts.values()) and not unread:
        return _none(name, targets, style)
    blocks = ["\n".join(_target(target, style, max(60, width))) for target in targets if target.found or target.error]
    totals = ", ".join(f"{number:,} {kind}" for kind, number in counts.items())
    head = style.bold(f"Drift in environment {name}") + style.dim(" (live -> Git)")
    last = f"{style.bold('Drift:')} {totals}."
    if unread:
        last += f" {style.red('Not known')} of {inert.line(', '.join(unread))}."
    last += _never(targets)
    return "\n\n".join([head, *blocks, last]) + "\n"


def _none(name: str, targets: Sequence[DriftReport], style: Style) -> str:
    """No drift, which says little where nothing was applied that could have drifted."""
    if targets and not any(target.applied for target in targets):
        nothing = style.bold(style.yellow("Nothing was applied"))
        return f"{nothing} to environment {name} yet, so that nothing can drift. See mlgitops plan.\n"
    return f"{style.bold(style.green('No drift'))} in environment {name}.{_never(targets)}\n"


def _never(targets: Sequence[DriftReport]) -> str:
    names = [target.target for target in targets if not target.applied]
    return f" Nothing was applied yet to {inert.line(', '.join(names))}." if names else ""


def json(environments: Sequence[EnvironmentDrift]) -> str:
    """``formatVersion``, ``found``, and for each environment and target its error and objects, with masked values."""
    return inert.json_text({
        "formatVersion": FORMAT_VERSION,
        "found": any(target.found for one in environments for target in one.targets),
        "environments": [
            {"environment": one.environment, "targets": [_target_data(target) for target in one.targets]}
            for one in environments
        ],
    })  # fmt: skip


def junit(environments: Sequence[EnvironmentDrift]) -> str:
    """JUnit XML: a suite for each target; an object that drifted is a failed test, no drift a test that passed.

    A target that could not be read is a test with an error.
    """
    suites = tuple(_suite(one.environment, target) for one in environments for target in one.targets)
    totals = {key: sum(int(suite.attributes[key]) for suite in suites) for key in ("tests", "failures", "errors")}
    return document(Element("testsuites", {"name": "mlgitops drift", **totals}, suites))


def _of(report: DriftReport, kind: str) -> tuple[Drifted, ...]:
    return {"changed": report.changed, "missing": report.missing, "unexpected": report.unexpected}[kind]


def _all(report: DriftReport) -> list[tuple[str, Drifted]]:
    """Everything that drifted with its kind, by owner and object."""
    found = [(kind, one) for kind in _SYMBOLS for one in _of(report, kind)]
    return sorted(found, key=lambda item: (item[1].owner, item[1].identity))


def _target(report: DriftReport, style: Style, width: int) -> Iterator[str]:
    yield style.bold(f"Target {inert.line(report.target)}")
    if report.error:
        yield f"  {style.red('cannot be read')}  {inert.line(report.error)}"
    for owner, found in groupby(_all(report), key=lambda item: item[1].owner):
        yield ""
        yield f"  {style.bold(inert.line(owner))}"
        for kind, one in found:
            yield f"{object_line(_SYMBOLS[kind], one.identity, style)}  {_MEANING[kind]}"
            yield from row_lines(changed_rows(one.fields, full=False), style, width)


def _target_data(report: DriftReport) -> Mapping[str, Any]:
    found = {kind: [_data(one) for one in _of(report, kind)] for kind in _SYMBOLS}
    applied = None if report.error else report.applied
    return {"target": report.target, "error": report.error, "applied": applied, **found}


def _data(one: Drifted) -> Mapping[str, Any]:
    return {"object": one.identity._asdict(), "owner": one.owner, "fields": [_field_data(f) for f in one.fields]}


def _field_data(field: FieldChange) -> Mapping[str, Any]:
    """A field as text on both sides, null where it is not there, so that no secret is in it."""
    old, new = (None if value is ABSENT else shown(field.path, value) for value in (field.old, field.new))
    return {"path": field.pointer, "live": old, "git": new, "reason": field.reason}


def _suite(environment: str, report: DriftReport) -> Element:
    cases = tuple(_case(environment, report.target, kind, one) for kind, one in _all(report))
    errors = (Element("error", {"message": report.error, "type": "unread"}),) if report.error else ()
    whole = Element("testcase", {"classname": f"{environment}.{report.target}", "name": "no drift"}, errors)
    attributes = {"tests": len(cases) or 1, "failures": len(cases), "errors": len(errors)}
    return Element("testsuite", {"name": f"{environment}/{report.target}", **attributes}, cases or (whole,))


def _case(environment: str, target: str, kind: str, one: Drifted) -> Element:
    message = f"{one.identity} {_MEANING[kind]}"
    fields = changed_rows(one.fields, full=False)
    lines = [f"{row.symbol} {row.field}  {values(row, _LONGEST_PAIR)}".strip() for row in fields]
    failure = Element("failure", {"message": message, "type": kind}, text=(message, *lines))
    name = f"{one.owner}: {object_name(one.identity)}"
    return Element("testcase", {"classname": f"{environment}.{target}", "name": name}, (failure,))
