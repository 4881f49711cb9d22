"""The history of a model as text, CSV or JSON. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from mlgitops.promotion.history import Event
from mlgitops.report import inert
from mlgitops.report.promotion.exports import aligned, as_csv
from mlgitops.report.style import Style

FORMAT_VERSION = "1.0"

_SHOWN = ("time", "environment", "version", "how", "from", "pull request", "approved by", "gates", "commit")
_ALL = (
    "time", "model", "environment", "version", "how", "from", "pullRequest", "approvedBy", "gates", "actor",
    "releaseDigest", "evidenceDigest", "planDigest", "commit",
)  # fmt: skip


def text(events: Sequence[Event], style: Style) -> str:
    """One line an event, oldest first."""
    rows = [
        (
            event.time, event.environment, event.version or "(none)", _how(event), event.source, _number(event),
            ", ".join(event.approved_by), _gates(event), event.commit[:12],
        )
        for event in events
    ]  # fmt: skip
    return aligned(_SHOWN, rows, style)


def csv(events: Sequence[Event]) -> str:
    """Every field of every event."""
    return as_csv(_ALL, [
        (
            event.time, event.model, event.environment, event.version, _how(event), event.source, _number(event),
            ", ".join(event.approved_by), _gates(event), event.actor, event.release_digest, event.evidence_digest,
            event.plan_digest, event.commit,
        )
        for event in events
    ])  # fmt: skip


def json(events: Sequence[Event]) -> str:
    """Every field of every event, as JSON."""
    return inert.json_text({"formatVersion": FORMAT_VERSION, "events": [event.to_json() for event in events]})


def _how(event: Event) -> str:
    return event.kind or ("by hand" if event.version else "removed")


def _number(event: Event) -> str:
    return "" if event.pull_request is None else f"#{event.pull_request}"


def _gates(event: Event) -> str:
    return ", ".join(f"{name}={verdict}" for name, verdict in event.gates)
