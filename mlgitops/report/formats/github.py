"""Findings as workflow commands of GitHub Actions, which show them beside the lines of a pull request.

GitHub shows ten annotations of each severity a step and drops the rest silently, so that the rest is cut here and
counted. Source: "Workflow commands for GitHub Actions" and "Usage limits for annotations" of GitHub's documentation.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mlgitops.finding import Finding, Severity
from mlgitops.report import inert
from mlgitops.report.findings import counted
from mlgitops.report.formats.wording import by_severity, words

ANNOTATIONS = 10
"""How many annotations of one severity GitHub shows for a step."""


def document(findings: Sequence[Finding]) -> str:
    """One ``::error …::`` or ``::warning …::`` line a finding, then a notice of how many were left out."""
    ordered = by_severity(findings)
    of_each = [[finding for finding in ordered if finding.severity is severity] for severity in Severity]
    shown = [_command(finding) for group in of_each for finding in group[:ANNOTATIONS]]
    return "".join(f"{line}\n" for line in [*shown, *_left_out(of_each)])


def _left_out(of_each: Sequence[Sequence[Finding]]) -> Iterator[str]:
    cut = [counted(len(group) - ANNOTATIONS, group[0].severity.value) for group in of_each if len(group) > ANNOTATIONS]
    if cut:
        yield f"::notice title=mlgitops::{' and '.join(cut)} more: GitHub shows {ANNOTATIONS} a step, the log has all"


def _command(finding: Finding) -> str:
    place = finding.location
    properties = {
        "file": place.path,
        "line": place.line,
        "col": place.column,
        "endColumn": place.end_column,
        "title": finding.code,
    }
    written = ",".join(f"{key}={_property(str(value))}" for key, value in properties.items() if value)
    return f"::{finding.severity} {written}::{_data(chr(10).join(words(finding)))}"


def _property(value: str) -> str:
    return _data(inert.line(value)).replace(":", "%3A").replace(",", "%2C")


def _data(value: str) -> str:
    return value.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
