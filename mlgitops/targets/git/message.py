"""The message of a deployment's commit: what was done, and as trailers from where. Pure.

The branch's history is the audit log: a commit names everything before it, so that nothing can be changed unnoticed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

SHOWN = 100
"""Changes that are listed; the others are counted."""

_TRAILERS = {"Mlgitops-Version": "version", "Source-Commit": "commit", "Rendered-Digest": "renderedDigest"}


def message(inventory_id: str, entries: Sequence[Mapping[str, Any]]) -> str:
    """The message for what was recorded since the last commit; the last entry that tells of changes is the one told."""
    entry: Mapping[str, Any] = next((one for one in reversed(entries) if "results" in one or "changes" in one), {})
    rows = entry.get("results", entry.get("changes", ()))
    body = "\n".join(_listed(rows))
    parts = [_subject(inventory_id, entry, rows), body, "\n".join(_trailers(inventory_id, entry))]
    return "\n\n".join(part for part in parts if part) + "\n"


def _subject(inventory_id: str, entry: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> str:
    _, environment, target = inventory_id.split("/")
    if not entry:
        return f"Write what is known of {environment} on {target}"
    commit = f" from {_line(entry['commit'])[:12]}" if entry.get("commit") else ""
    in_part = ", in part" if any(row.get("result", "done") != "done" for row in rows) else ""
    return f"Deploy {environment} on {target}{commit}{in_part}"


def _listed(rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for row in rows[:SHOWN]:
        result = row.get("result", "done")
        undone = f" ({_line(result)})" if result != "done" else ""
        yield f"{_line(row['action'])} {_line(row['object'])}{undone}"
    if len(rows) > SHOWN:
        yield f"and {len(rows) - SHOWN} more"


def _trailers(inventory_id: str, entry: Mapping[str, Any]) -> Iterator[str]:
    for name, value in zip(("Project", "Environment", "Target"), inventory_id.split("/"), strict=True):
        yield f"Mlgitops-{name}: {value}"
    for name, key in _TRAILERS.items():
        if entry.get(key):
            yield f"{name}: {_line(entry[key])}"


def _line(value: Any) -> str:
    """The value without line ends and the like, with which a name could add trailers of its own."""
    return "".join(character if character.isprintable() else "?" for character in str(value))
