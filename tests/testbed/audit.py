"""The API server's audit log: which requests it really got, by whom, and how they ended."""

from __future__ import annotations

import contextlib
import json
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

from tests.testbed.errors import TestbedError

HARNESS = "testbed"
"""The user that sets scenes and looks at outcomes; its requests are not logged."""
SETTLE_SECONDS = 60.0
QUESTIONS = "authorization.k8s.io"
"""The group of what is created only to be answered."""
MUTATING = frozenset({"create", "update", "patch", "delete", "deletecollection"})
POLICY: dict[str, Any] = {
    "apiVersion": "audit.k8s.io/v1",
    "kind": "Policy",
    "omitStages": ["RequestReceived"],
    "rules": [
        {"level": "Metadata", "users": [HARNESS], "nonResourceURLs": ["/version"]},
        {"level": "None", "users": [HARNESS, "system:apiserver"]},
        {"level": "Metadata"},
    ],
}


@dataclass(frozen=True)
class Event:
    """One request. ``dry_run`` ones change nothing, whatever their verb; ``status`` is the HTTP status.

    ``user`` is who authenticated, ``impersonated`` whom that user acted as, "" for nobody.
    """

    verb: str
    user: str
    impersonated: str
    group: str
    resource: str
    subresource: str
    namespace: str
    name: str
    status: int
    dry_run: bool
    uri: str

    @property
    def mutating(self) -> bool:
        """Whether it was meant to change something, which a question about rights is not."""
        return self.verb in MUTATING and not self.dry_run and self.group != QUESTIONS


@dataclass
class Recording:
    """The requests of one stretch of time, in the order in which they ended; complete once that stretch is over."""

    events: list[Event] = field(default_factory=list)

    def by(self, user: str) -> list[Event]:
        """The requests of one user."""
        return [event for event in self.events if event.user == user]

    def mutating(self) -> list[Event]:
        """The requests that were meant to change something."""
        return [event for event in self.events if event.mutating]

    def counts(self) -> Counter[tuple[str, str, str, str]]:
        """How many changes succeeded, by verb, resource, namespace and name."""
        done = (event for event in self.mutating() if event.status < 300)
        return Counter((event.verb, event.resource, event.namespace, event.name) for event in done)


class AuditLog:
    """The log file, and a request that makes the server write a known line: the lines before it are then there."""

    def __init__(self, path: Path, touch: Callable[[str], object]) -> None:
        self.path = path
        self._touch = touch

    @contextlib.contextmanager
    def recording(self) -> Iterator[Recording]:
        """Collects the requests that are made within the block. Those that fail within it are collected, too."""
        start = self._settled()
        recorded = Recording()
        try:
            yield recorded
        finally:
            end = self._settled()
            recorded.events.extend(self._read(start, end))

    def _settled(self) -> int:
        """How many bytes the log has once the server wrote about a request that we make now."""
        marker = f"marker={uuid4()}"
        before = self.path.stat().st_size if self.path.exists() else 0
        self._touch(marker)
        deadline = time.monotonic() + SETTLE_SECONDS
        while time.monotonic() < deadline:
            written = self._tail(before)
            if (found := written.find(marker.encode())) >= 0 and (end := written.find(b"\n", found)) >= 0:
                return before + end + 1
            time.sleep(0.01)
        raise TestbedError(f"the API server did not write to {self.path} within {SETTLE_SECONDS:.0f} s")

    def _tail(self, start: int) -> bytes:
        if not self.path.exists():
            return b""
        with self.path.open("rb") as file:
            file.seek(start)
            return file.read()

    def _read(self, start: int, end: int) -> list[Event]:
        """The events between two offsets, each request once: the last that is known of it."""
        lines = self._tail(start)[: end - start].splitlines()
        last = {raw["auditID"]: raw for raw in map(json.loads, lines)}
        return [_event(raw) for raw in last.values() if raw["user"]["username"] != HARNESS]


def _event(raw: dict[str, Any]) -> Event:
    target = raw.get("objectRef", {})
    return Event(
        verb=raw["verb"],
        user=raw["user"]["username"],
        impersonated=raw.get("impersonatedUser", {}).get("username", ""),
        group=target.get("apiGroup", ""),
        resource=target.get("resource", ""),
        subresource=target.get("subresource", ""),
        namespace=target.get("namespace", ""),
        name=target.get("name", ""),
        status=raw.get("responseStatus", {}).get("code", 0),
        dry_run="dryRun" in parse_qs(urlsplit(raw["requestURI"]).query),
        uri=raw["requestURI"],
    )
