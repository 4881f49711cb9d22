"""What a job of continuous integration tells: the comment of a pull request, the job's summary. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mlgitops.forges.text import cut
from mlgitops.report import inert
from mlgitops.report.findings import counted

SUMMARY_BYTES = 1_000_000
"""A little under what GitHub shows of a step's summary, 1,024 kB."""


@dataclass(frozen=True, slots=True)
class Checked:
    """A check of a pull request: the summary and the text of ``validate``, its plan, and what the verbs exited with.

    ``plan`` is its Markdown, empty where none could be made; ``planned`` is None where it was not tried. ``commit`` is
    what was looked at, ``url`` where the log is; both may be empty.
    """

    summary: Mapping[str, Any]
    findings: str
    validated: int
    plan: str = ""
    planned: int | None = None
    commit: str = ""
    url: str = ""

    @property
    def passes(self) -> bool:
        """Whether specs are valid and a plan could be made of every target. Gates have a status of their own."""
        return self.validated == 0 and self.planned == 0


def in_a_line(checked: Checked) -> str:
    """The check for a commit status."""
    if checked.validated:
        return f"validate found {_found(checked)}" if checked.summary else "validate could not be run"
    return "specs are valid, and planned" if checked.planned == 0 else "specs are valid, but not all could be planned"


def comment(checked: Checked) -> str:
    """The check as Markdown. What specs say stands in fenced code, or comes from the plan's own Markdown."""
    title = f"### mlgitops check: {'passed' if checked.passes else 'failed'}"
    parts = [title, _opening(checked)]
    if checked.summary.get("errors") or checked.summary.get("warnings"):
        parts.append(_fenced(checked.findings))
    if checked.plan:
        parts.append(checked.plan)
    elif checked.planned:
        parts.append("No plan could be made; the log says why.")
    return "\n\n".join(parts) + "\n"


def drift(text: str, code: int) -> str:
    """Drift as Markdown for a job's summary."""
    title = {0: "no drift", 2: "there is drift"}.get(code, "not all targets could be read")
    return f"### mlgitops drift: {title}\n\n{_fenced(text)}\n"


def fitting(text: str) -> str:
    """A summary that is no longer than GitHub shows, in bytes; what is cut ends at a line and says so."""
    room = len(text.encode()[:SUMMARY_BYTES].decode(errors="ignore"))
    return cut(text, room, "mlgitops plan")


def _opening(checked: Checked) -> str:
    commit = f"Commit `{checked.commit[:10]}`: " if re.fullmatch("[0-9a-f]{7,64}", checked.commit) else ""
    log = f" ([log]({checked.url}))" if re.fullmatch(r"https?://[^\s()<>]+", checked.url) else ""
    return f"{commit}{in_a_line(checked)}.{log}"


def _found(checked: Checked) -> str:
    numbers = [(checked.summary[f"{name}s"], name) for name in ("error", "warning")]
    return " and ".join(counted(number, name) for number, name in numbers if number)


def _fenced(text: str) -> str:
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{chr(10).join(inert.lines(text)).strip(chr(10))}\n{fence}"
