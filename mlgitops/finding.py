"""A finding: one thing that is wrong or doubtful in the input, where it is, and what to do about it.

Pure data. How findings are printed is the business of ``mlgitops.report``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How bad a finding is: an ``error`` refuses the input, a ``warning`` does not."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, order=True)
class Location:
    """A place in a file of the project.

    ``path`` is relative to the project's root, with forward slashes. ``line`` and ``column`` count from 1; 0 means
    that the whole file is meant. ``end_column`` is exclusive; 0 means unknown.
    """

    path: str
    line: int = 0
    column: int = 0
    end_column: int = 0

    def __str__(self) -> str:
        return ":".join([self.path, *(str(n) for n in (self.line, self.column) if n)])


@dataclass(frozen=True, slots=True)
class Finding:
    """One problem in the input.

    ``code`` is a stable kebab-case name, documented in ``docs/findings.md``. ``pointer`` is the YAML path (dotted,
    ``spec.serving.scaling.max``), empty for a whole file. ``excerpt`` is the source line at ``location`` without
    its line end, empty where there is none. ``help`` says what to do; ``suggestion`` is the likely intended word.
    """

    code: str
    message: str
    location: Location
    severity: Severity = Severity.ERROR
    pointer: str = ""
    excerpt: str = ""
    help: str = ""
    suggestion: str = ""


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """Findings without repetition, by file, place and code: the order in which all reports print them."""
    return sorted(set(findings), key=lambda f: (f.location, f.severity, f.code, f.pointer, f.message))


def has_errors(findings: Iterable[Finding]) -> bool:
    """Whether any of the findings refuses the input."""
    return any(f.severity is Severity.ERROR for f in findings)
