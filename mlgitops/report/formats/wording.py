"""What the formats for CI systems have in common: the order, the words of a finding, and its fingerprint. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from mlgitops.finding import Finding, in_order
from mlgitops.report import inert


def by_severity(findings: Iterable[Finding]) -> list[Finding]:
    """Errors first, then warnings, each by place: what a limit cuts off is what matters least."""
    return sorted(in_order(findings), key=lambda finding: finding.severity)


def words(finding: Finding) -> list[str]:
    """The message, and what to do in a second line where that is known; safe to print."""
    advice = [f"did you mean '{finding.suggestion}'?"] if finding.suggestion else []
    advice += [finding.help] if finding.help else []
    return [inert.line(finding.message), *([inert.line("help: " + "; ".join(advice))] if advice else [])]


def fingerprints(findings: Iterable[Finding]) -> list[str]:
    """For each finding the SHA-256 of rule, file and YAML path, which stays the same when lines move.

    Findings that have all three in common are told apart by their position among each other.
    """
    seen: dict[tuple[str, str, str], int] = {}
    made = []
    for finding in findings:
        key = (finding.code, finding.location.path, finding.pointer)
        seen[key] = seen.get(key, 0) + 1
        repeated = [str(seen[key])] if seen[key] > 1 else []
        made.append(hashlib.sha256("\0".join([*key, *repeated]).encode(errors="backslashreplace")).hexdigest())
    return made
