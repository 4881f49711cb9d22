"""Findings as plain JSON data, for the cache. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

import orjson

from mlgitops.finding import Finding, Location, Severity


def to_json(found: Iterable[Finding]) -> bytes:
    """Findings as JSON text."""
    return orjson.dumps(plain(found))


def from_json(text: bytes) -> list[Finding]:
    """The findings that ``to_json`` wrote."""
    return findings(orjson.loads(text))


def plain(found: Iterable[Finding]) -> list[dict[str, Any]]:
    """Findings as JSON data."""
    return [asdict(finding) for finding in found]


def findings(data: Iterable[dict[str, Any]]) -> list[Finding]:
    """The findings that ``plain`` described."""
    return [_finding(item) for item in data]


def _finding(item: dict[str, Any]) -> Finding:
    return Finding(**{**item, "location": Location(**item["location"]), "severity": Severity(item["severity"])})
