"""Findings as a GitLab code quality report.

Source: "Code Quality report format" of GitLab's documentation; fields it does not name are left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mlgitops.finding import Finding, Severity, in_order
from mlgitops.report import inert
from mlgitops.report.formats.wording import fingerprints, words

_SEVERITIES = {Severity.ERROR: "major", Severity.WARNING: "minor"}


def document(findings: Sequence[Finding]) -> str:
    """A JSON list with one issue a finding. A finding about a whole file is shown at its first line."""
    ordered = in_order(findings)
    issues = [_issue(finding, mark) for finding, mark in zip(ordered, fingerprints(ordered), strict=True)]
    return inert.json_text(issues)


def _issue(finding: Finding, fingerprint: str) -> dict[str, Any]:
    return {
        "description": "; ".join(words(finding)),
        "check_name": inert.line(finding.code),
        "fingerprint": fingerprint,
        "severity": _SEVERITIES[finding.severity],
        "location": {"path": inert.line(finding.location.path), "lines": {"begin": max(1, finding.location.line)}},
    }
