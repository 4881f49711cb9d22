"""Validates environments: everything that render does, but keeps all findings of all of them."""

from __future__ import annotations

from collections.abc import Iterable

from mlgitops.errors import FindingsError
from mlgitops.finding import Finding, in_order
from mlgitops.workflows.project import Opened
from mlgitops.workflows.render import render_environment


def validate(opened: Opened, environments: Iterable[str]) -> list[Finding]:
    """Every finding of the environments, in the order of files. Writes nothing."""
    findings: list[Finding] = []
    for environment in environments:
        try:
            findings += render_environment(opened.source, environment, opened.cache).findings
        except FindingsError as error:
            findings += error.findings
    return in_order(findings)
