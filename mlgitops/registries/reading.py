"""What registries' JSON has in common: lists of keys and values, and times in milliseconds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any


def rows(value: Any) -> Iterator[Mapping[str, Any]]:
    """The objects of a list; of anything else none."""
    return (item for item in (value if isinstance(value, list) else ()) if isinstance(item, Mapping))


def pairs(value: Any) -> dict[str, str]:
    """A list of ``key`` and ``value`` as a map of texts."""
    return {str(row["key"]): str(row.get("value") or "") for row in rows(value) if "key" in row}


def rfc3339(milliseconds: Any) -> str:
    """Milliseconds since 1970 as a time in UTC, to the second; empty where it is none."""
    try:
        return datetime.fromtimestamp(int(milliseconds) // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (TypeError, ValueError, OverflowError, OSError):
        return ""
