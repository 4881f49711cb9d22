"""Findings as logging commands of Azure Pipelines.

Source: "Logging commands" of Azure DevOps' documentation; ``%AZP25`` is how its agent writes a percent sign.
"""

from __future__ import annotations

from collections.abc import Sequence

from mlgitops.finding import Finding
from mlgitops.report import inert
from mlgitops.report.formats.wording import by_severity, words

_IN_MESSAGE = str.maketrans({"%": "%AZP25", "\r": "%0D", "\n": "%0A"})
_IN_PROPERTY = _IN_MESSAGE | str.maketrans({";": "%3B", "]": "%5D"})


def document(findings: Sequence[Finding]) -> str:
    """One ``##vso[task.logissue …]`` line a finding, errors first."""
    return "".join(f"{_command(finding)}\n" for finding in by_severity(findings))


def _command(finding: Finding) -> str:
    place = finding.location
    properties = {
        "type": finding.severity.value,
        "sourcepath": place.path,
        "linenumber": place.line,
        "columnnumber": place.column,
        "code": finding.code,
    }
    written = ";".join(f"{k}={inert.line(str(v)).translate(_IN_PROPERTY)}" for k, v in properties.items() if v)
    return f"##vso[task.logissue {written}]{'; '.join(words(finding)).translate(_IN_MESSAGE)}"
