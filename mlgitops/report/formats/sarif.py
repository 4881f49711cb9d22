"""Findings as SARIF 2.1.0, which GitHub code scanning and many editors read.

Source: OASIS "Static Analysis Results Interchange Format Version 2.1.0". GitHub accepts 5,000 results of a run.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from mlgitops import __version__
from mlgitops.finding import Finding
from mlgitops.report import inert
from mlgitops.report.findings import counted
from mlgitops.report.formats.wording import by_severity, fingerprints, words

RESULTS = 5000
"""How many results of a run GitHub code scanning shows."""

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def document(findings: Sequence[Finding]) -> str:
    """One run, errors first, at most ``RESULTS`` results; a notification says how many were left out."""
    ordered = by_severity(findings)
    shown = ordered[:RESULTS]
    codes = sorted({finding.code for finding in shown})
    marked = zip(shown, fingerprints(ordered), strict=False)
    run = {
        "tool": {"driver": {"name": "mlgitops", "version": __version__, "rules": [_rule(c, shown) for c in codes]}},
        "columnKind": "unicodeCodePoints",
        "invocations": [{"executionSuccessful": True, "toolExecutionNotifications": _left_out(ordered)}],
        "results": [_result(finding, codes.index(finding.code), mark) for finding, mark in marked],
    }
    return inert.json_text({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]})


def _left_out(findings: Sequence[Finding]) -> list[dict[str, Any]]:
    cut = len(findings) - RESULTS
    if cut <= 0:
        return []
    text = f"{counted(cut, 'finding')} left out: {RESULTS:,} are the most that are shown, the worst come first"
    return [{"level": "warning", "message": {"text": text}}]


def _rule(code: str, findings: Sequence[Finding]) -> dict[str, Any]:
    """A rule as its first finding shows it.

    The page that explains it is named in words: SARIF's ``helpUri`` has to be absolute (3.49.12), and where the page is
    on the web is not known here.
    """
    first = next(finding for finding in findings if finding.code == code)
    name = inert.line(code)
    return {
        "id": name,
        "shortDescription": {"text": name.replace("-", " ")},
        "help": {"text": "\n".join(filter(None, [inert.line(first.help), f"see docs/findings.md#{name}"]))},
        "defaultConfiguration": {"level": first.severity.value},
    }


def _result(finding: Finding, rule: int, fingerprint: str) -> dict[str, Any]:
    location: dict[str, Any] = {"physicalLocation": _physical(finding)}
    if finding.pointer:
        location["logicalLocations"] = [{"fullyQualifiedName": inert.line(finding.pointer)}]
    return {
        "ruleId": inert.line(finding.code),
        "ruleIndex": rule,
        "level": finding.severity.value,
        "message": {"text": "\n".join(words(finding))},
        "locations": [location],
        "partialFingerprints": {"ruleFilePath/v1": fingerprint},
    }


def _physical(finding: Finding) -> dict[str, Any]:
    place = finding.location
    region = {"startLine": place.line, "startColumn": place.column, "endColumn": place.end_column}
    file = {"uri": quote(place.path, errors="backslashreplace"), "uriBaseId": "%SRCROOT%"}
    known = {key: value for key, value in region.items() if value}
    return {"artifactLocation": file, "region": known} if place.line else {"artifactLocation": file}
