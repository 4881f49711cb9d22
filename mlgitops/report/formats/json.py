"""Findings as JSON of our own, for scripts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mlgitops.finding import Finding, Severity, in_order
from mlgitops.report.inert import json_text

FORMAT_VERSION = "1.0"
"""Grows in its first part when a field goes or changes its meaning, in its second when one is added."""


def document(findings: Sequence[Finding]) -> str:
    """``formatVersion``, ``summary`` with the numbers of errors and warnings, and ``findings``."""
    ordered = in_order(findings)
    errors = sum(finding.severity is Severity.ERROR for finding in ordered)
    return json_text({
        "formatVersion": FORMAT_VERSION,
        "summary": {"errors": errors, "warnings": len(ordered) - errors},
        "findings": [_finding(finding) for finding in ordered],
    })  # fmt: skip


def _finding(finding: Finding) -> dict[str, Any]:
    place = finding.location
    return {
        "code": finding.code,
        "severity": finding.severity.value,
        "message": finding.message,
        "location": {"path": place.path, "line": place.line, "column": place.column, "endColumn": place.end_column},
        "pointer": finding.pointer,
        "excerpt": finding.excerpt,
        "help": finding.help,
        "suggestion": finding.suggestion,
    }
