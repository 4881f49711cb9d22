"""Findings for machines: one module a format, each ``document(findings) -> str``. Pure.

Whatever a spec writes into a field is only data in each of these formats; it cannot add a line, a command or a tag.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from mlgitops.finding import Finding
from mlgitops.report.formats import azure, github, gitlab, json, junit, sarif

FORMATS: Mapping[str, Callable[[Sequence[Finding]], str]] = {
    "json": json.document,
    "github": github.document,
    "gitlab": gitlab.document,
    "azure": azure.document,
    "sarif": sarif.document,
    "junit": junit.document,
}
"""From the name of a format to the function that writes findings in it."""
