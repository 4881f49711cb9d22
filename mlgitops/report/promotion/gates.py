"""What gates say, and what came of verifying a pull request: as text, JSON, JUnit and a comment. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from mlgitops.promotion.claims import Checked, Verification
from mlgitops.promotion.judgement import GateResult, Verdict
from mlgitops.report import inert
from mlgitops.report.findings import counted
from mlgitops.report.plan.markdown import code
from mlgitops.report.promotion.exports import aligned
from mlgitops.report.promotion.tables import cell, table
from mlgitops.report.style import Style
from mlgitops.report.xml_text import Element
from mlgitops.report.xml_text import document as xml_document
from mlgitops.spec.secrets import mask

FORMAT_VERSION = "1.0"
MOST_ROWS = 60
"""Gates that a comment shows for one change."""
LONGEST = 40
"""Characters of a value and a bound that the table on a terminal shows."""

_TITLES = ("gate", "verdict", "value", "bound", "what it means")
_SIGNS = {Verdict.OK: "✅", Verdict.WARN: "⚠️", Verdict.BLOCK: "❌"}


def text(gates: Sequence[GateResult], style: Style) -> str:
    """The table of gates, and one line that sums it up."""
    if not gates:
        return "This environment has no gates.\n"
    rows = [(one.name, one.verdict.value, _shown(one.value), _shown(one.bound), "") for one in gates]
    title, *lines = aligned(_TITLES, rows, Style(False)).splitlines()
    width = title.index(_TITLES[-1])
    # Messages are put behind the table, which shortens what is in it.
    told = (
        (line + " " * (width - inert.columns(line)) + inert.line(mask(one.message))).rstrip()
        for line, one in zip(lines, gates, strict=True)
    )
    return "\n".join([style.bold(title), *told, _sum(gates, style)]) + "\n"


def json(gates: Sequence[GateResult]) -> str:
    """The same as JSON."""
    blocked = any(one.verdict is Verdict.BLOCK for one in gates)
    return inert.json_text({"formatVersion": FORMAT_VERSION, "passes": not blocked, "gates": _plain(gates)})


def junit(gates: Sequence[GateResult]) -> str:
    """A test for each gate; those that warn pass, with their words as output."""
    return _junit([_suite("gates", (), gates)])


def verification_text(found: Verification, style: Style) -> str:
    """Each change with what is wrong and its gates."""
    if not found.checked:
        return "Nothing about releases changes.\n"
    return "\n".join("\n".join(_told(one, style)) for one in found.checked) + "\n"


def verification_json(found: Verification) -> str:
    """The same as JSON."""
    checked = [
        {**asdict(one), "passes": one.passes, "problems": list(one.problems), "gates": _plain(one.gates)}
        for one in found.checked
    ]
    data = {"base": found.base, "head": found.head, "passes": found.passes, "checked": checked}
    return inert.json_text({"formatVersion": FORMAT_VERSION, **data})


def verification_junit(found: Verification) -> str:
    """A suite for each change: a test for the claim, and one for each gate."""
    return _junit([_suite(_title(one), one.problems, one.gates, claim=True) for one in found.checked])


def comment(found: Verification) -> str:
    """The comment on the pull request, in Markdown in which nothing of a spec is markup."""
    lines = [f"### Release gates: {'✅ passed' if found.passes else '❌ failed'}\n"]
    for one in found.checked:
        lines.append(f"\n#### {code(_title(one))}{f' {code(one.version)}' if one.version else ''}\n")
        lines += [f"- ❌ {cell(problem)}" for problem in one.problems[:MOST_ROWS]]
        rows = (
            (cell(gate.name), f"{_SIGNS[gate.verdict]} {gate.verdict.value}", cell(gate.value), cell(gate.bound),
             cell(gate.message))
            for gate in one.gates[:MOST_ROWS]
        )  # fmt: skip
        lines += ["", *table(_TITLES, rows)]
    return "\n".join([*lines, f"\nVerified {code(found.head[:12])} against {code(found.base[:12])}."]) + "\n"


def in_a_line(found: Verification) -> str:
    """The commit status's words."""
    if found.passes:
        return (
            f"{counted(len(found.checked), 'change')} of releases verified" if found.checked else "no release changes"
        )
    first = next(one for one in found.checked if not one.passes)
    blocking = [f"{gate.name}: {gate.message}" for gate in first.gates if gate.verdict is Verdict.BLOCK]
    return inert.line(mask(f"{_title(first)}: {(*first.problems, *blocking)[0]}"))


def _told(one: Checked, style: Style) -> Iterator[str]:
    state = style.green("verified") if one.passes else style.red("failed")
    yield f"{style.bold(inert.line(_title(one)))}{f' {inert.line(one.version)}' if one.version else ''}: {state}"
    for problem in one.problems:
        yield f"  {style.red('✗')} {inert.line(mask(problem))}"
    if one.gates:
        yield "\n".join(f"  {line}" for line in text(one.gates, style).rstrip().splitlines())


def _title(one: Checked) -> str:
    if not one.model:
        return one.path or "the pull request"
    return f"{one.kind or 'change'} {one.model} in {one.environment}"


def _sum(gates: Sequence[GateResult], style: Style) -> str:
    counts = {verdict: sum(one.verdict is verdict for one in gates) for verdict in Verdict}
    told = f"{counts[Verdict.OK]} of {len(gates)} pass, {counts[Verdict.WARN]} warn, {counts[Verdict.BLOCK]} block."
    return style.red(told) if counts[Verdict.BLOCK] else style.green(told)


def _shown(value: str) -> str:
    return inert.shortened(inert.line(mask(value)), LONGEST)


def _plain(gates: Sequence[GateResult]) -> list[dict[str, Any]]:
    return [{**asdict(one), "verdict": one.verdict.value} for one in gates]


def _junit(suites: Sequence[Element]) -> str:
    totals = {key: sum(int(suite.attributes[key]) for suite in suites) for key in ("tests", "failures")}
    return xml_document(Element("testsuites", {"name": "mlgitops gates", **totals}, tuple(suites)))


def _suite(name: str, problems: Sequence[str], gates: Sequence[GateResult], *, claim: bool = False) -> Element:
    cases = [_case(name, "claim", problems)] if claim else []
    cases += [_case(name, gate.name, _words(gate), warns=gate.verdict is Verdict.WARN) for gate in gates]
    failures = bool(problems) + sum(gate.verdict is Verdict.BLOCK for gate in gates)
    return Element("testsuite", {"name": name, "tests": len(cases), "failures": failures}, tuple(cases))


def _case(suite: str, name: str, words: Sequence[str], *, warns: bool = False) -> Element:
    masked = tuple(mask(word) for word in words)
    message = {"message": masked[0]} if masked else {}
    detail = Element("system-out", text=masked) if warns else Element("failure", message, text=masked)
    return Element("testcase", {"classname": suite, "name": name}, (detail,) if words else ())


def _words(gate: GateResult) -> tuple[str, ...]:
    if gate.verdict is Verdict.OK:
        return ()
    return (gate.message, f"value: {gate.value}", f"bound: {gate.bound}")
