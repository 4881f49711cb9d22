"""What an audit found, as text or JSON. Pure."""

from __future__ import annotations

from dataclasses import asdict

from mlgitops.promotion.audit import Verdict
from mlgitops.report import inert
from mlgitops.report.findings import counted
from mlgitops.report.style import Style

FORMAT_VERSION = "1.0"


def text(verdict: Verdict, style: Style) -> str:
    """Each violation with its commit, file and field, then the totals."""
    lines = []
    for found in verdict.violations:
        lines.append(style.red(inert.line(f"{found.commit[:12]} {found.path}: {found.field}")))
        lines.append(f"  {inert.line(found.reason)}")
    looked = f"{counted(verdict.changes, 'change')} of releases in {counted(verdict.steps, 'commit')}"
    taken = f", {counted(verdict.taken, 'release')} taken as found" if verdict.taken else ""
    if verdict.passed:
        lines.append(style.green(f"Passed: {looked}{taken}."))
    else:
        lines.append(
            style.red(style.bold(f"Failed: {counted(len(verdict.violations), 'violation')}; {looked}{taken}."))
        )
    return "\n".join(lines) + "\n"


def json(verdict: Verdict) -> str:
    """All of it, as JSON."""
    return inert.json_text({"formatVersion": FORMAT_VERSION, "passed": verdict.passed, **_plain(verdict)})


def _plain(verdict: Verdict) -> dict[str, object]:
    return {**asdict(verdict), "violations": [asdict(found) for found in verdict.violations]}
