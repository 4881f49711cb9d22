"""Findings as JUnit XML, which every CI system shows as tests: a suite a file, a failed test an error.

There is no standard; this keeps to what Jenkins, GitLab, Azure DevOps and GitHub's actions have in common.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from mlgitops.finding import Finding, Severity, in_order
from mlgitops.report.formats.wording import words
from mlgitops.report.xml_text import Element
from mlgitops.report.xml_text import document as xml_document


def document(findings: Sequence[Finding]) -> str:
    """A suite for each file with findings. Warnings pass, with their words as output; no findings are a passed test."""
    by_file = groupby(in_order(findings), key=lambda finding: finding.location.path)
    suites = [_suite(path, list(group)) for path, group in by_file] or [_passed()]
    totals = {key: sum(int(suite.attributes[key]) for suite in suites) for key in ("tests", "failures")}
    return xml_document(Element("testsuites", {"name": "mlgitops", **totals}, tuple(suites)))


def _passed() -> Element:
    case = Element("testcase", {"classname": "mlgitops", "name": "no findings"})
    return Element("testsuite", {"name": "mlgitops", "tests": 1, "failures": 0}, (case,))


def _suite(path: str, findings: Sequence[Finding]) -> Element:
    failures = sum(finding.severity is Severity.ERROR for finding in findings)
    attributes = {"name": path, "tests": len(findings), "failures": failures}
    return Element("testsuite", attributes, tuple(_case(finding) for finding in findings))


def _case(finding: Finding) -> Element:
    place, message = str(finding.location), words(finding)
    name = f"{finding.code}: {finding.pointer or finding.location.path}"
    attributes = {"classname": finding.location.path, "name": name, "file": finding.location.path}
    attributes |= {"line": str(finding.location.line)} if finding.location.line else {}
    if finding.severity is Severity.ERROR:
        detail = Element("failure", {"message": finding.message, "type": finding.code}, text=(place, *message))
    else:
        detail = Element("system-out", text=(f"warning[{finding.code}]", place, *message))
    return Element("testcase", attributes, (detail,))
