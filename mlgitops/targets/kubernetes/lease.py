"""One apply at a time: a Lease that names its holder and is renewed for as long as the apply lasts.

A Lease is taken only for the first write, so that what only looks leaves no trace. Whether a Lease ran out is told by
watching it for its whole duration, never by comparing clocks. A holder that could not renew in time knows by its own
clock that it is one no longer, and writes nothing more.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import socket
import threading
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from mlgitops.errors import MlgitopsError, TargetError
from mlgitops.manifest import Manifest
from mlgitops.targets.kubernetes.applyset import BOOKKEEPING
from mlgitops.targets.kubernetes.client import PATIENCE, SECONDS, Client
from mlgitops.targets.kubernetes.failures import ApiError, is_passing

DURATION = 15
"""Seconds that a Lease holds after its last renewal."""
RENEW = 4.0
RENEW_SECONDS = 4.0
"""The longest that one renewal may take, with all that it is tried again."""
OVERDUE_SECONDS = 10.0
"""The same, once the Lease ran out: a cluster that says nothing is given up then."""
MARGIN = 3.0
"""Seconds before the end at which the holder stops writing."""
_POLL = 1.0
_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
"""Goes on while the machine sleeps, which Linux's monotonic clock does not."""


class Lease:
    """A lock, such as that of one inventory; not to be used for several applies at once.

    ``other`` is what is said of another one that holds it.
    """

    def __init__(
        self,
        client: Client,
        namespace: str,
        name: str,
        other: str = "another apply holds the target",
        labels: Mapping[str, str] = BOOKKEEPING,
    ) -> None:
        self._client = client
        self._collection = f"/apis/coordination.k8s.io/v1/namespaces/{namespace}/leases"
        self._name = name
        self._namespace = namespace
        self._said_of_other = other
        self._labels = dict(labels)
        self._identity = f"process {os.getpid()} on {socket.gethostname()} ({secrets.token_hex(4)})"
        self._guard = threading.Lock()
        self._stop = threading.Event()
        self._held: Manifest | None = None
        self._until = 0.0
        self._taken = False

    @property
    def taken(self) -> bool:
        """Whether it was taken and not given back, be it still held or lost."""
        return self._taken

    def look(self) -> Manifest | None:
        """The Lease as it is, once nobody holds it. Raises ``TargetError`` naming who does.

        Where a holder has not renewed it for as long as it lasts, it is free; to know that takes as long.
        """
        found = self._read()
        deadline = _now() + DURATION
        while found is not None and found["spec"].get("holderIdentity"):
            if _now() > deadline:
                return found
            time.sleep(_POLL)
            later = self._read()
            if later is not None and later["spec"].get("renewTime") != found["spec"].get("renewTime"):
                raise self._other(later)
            found = later
        return found

    def take(self, seen: Manifest | None) -> None:
        """Takes the Lease that ``look`` saw, and keeps it. Raises ``TargetError`` where somebody was faster."""
        with self._guard:
            if self._taken:
                return
            try:
                self._write(seen, self._identity)
            except ApiError as error:
                if error.collides:
                    raise self._other(self._read()) from error
                raise
            self._taken = True
            self._stop.clear()
            threading.Thread(target=self._renew, name="lease", daemon=True).start()

    def require(self) -> None:
        """Raises ``TargetError`` where it is not surely held any more.

        One that ran out is still ours if it can be renewed once more: in anybody else's hand its version has moved. A
        cluster that says that it is in trouble is asked for as long as any request is repeated.
        """
        if _now() > self._until:
            self._renew_overdue()
        if self._held is None:
            raise TargetError(
                "the lock on the target was lost, since it could not be renewed in time", help="Plan again."
            )

    def is_held(self) -> bool:
        """Whether it surely is, by our own clock."""
        return self._held is not None and _now() <= self._until

    def release(self) -> None:
        """Gives it back, if it is held. Where that fails it runs out by itself."""
        self._stop.set()
        with self._guard:
            held, self._held, self._taken = self._held, None, False
            if held is not None:
                with contextlib.suppress(MlgitopsError):
                    self._write(held, "", RENEW_SECONDS)
                self._held = None

    def _renew_overdue(self) -> None:
        with self._guard:
            give_up = _now() + PATIENCE
            while self._held is not None and _now() > self._until:
                try:
                    self._write(self._held, self._identity, OVERDUE_SECONDS)
                except MlgitopsError as error:
                    if _now() > give_up or not (isinstance(error, ApiError) and is_passing(error.status, b"")):
                        self._held = None

    def _renew(self) -> None:
        while not self._stop.wait(RENEW):
            with self._guard:
                if self._held is None:
                    return
                try:
                    self._write(self._held, self._identity, RENEW_SECONDS)
                except ApiError as error:
                    if error.reason in ("Conflict", "NotFound"):
                        self._held = None
                        return
                except MlgitopsError:
                    continue

    def _read(self) -> Manifest | None:
        try:
            found: Manifest = self._client.get(f"{self._collection}/{self._name}")
        except ApiError as error:
            if error.status == 404:
                return None
            raise
        return found

    def _write(self, seen: Manifest | None, holder: str, seconds: float = SECONDS) -> None:
        """Writes it over what was seen, and not over anything else but what a request of ours wrote meanwhile."""
        asked = _now()
        try:
            self._held = self._send(seen, holder, seconds)
        except ApiError as error:
            found = self._read() if error.collides and error.repeated else None
            if found is None or found["spec"].get("holderIdentity") != self._identity:
                raise
            self._held = found
        self._until = asked + DURATION - MARGIN

    def _send(self, seen: Manifest | None, holder: str, seconds: float) -> Manifest:
        metadata: dict[str, Any] = {"name": self._name, "namespace": self._namespace, "labels": self._labels}
        sent: Manifest
        if seen is None:
            sent = self._client.send("POST", self._collection, body=self._body(metadata, holder, 0), seconds=seconds)
            return sent
        # The API makes a Lease that is gone when it is to be updated, unless it is asked for that very one.
        metadata |= {key: seen["metadata"][key] for key in ("uid", "resourceVersion")}
        moved = seen["spec"].get("holderIdentity", "") != holder
        body = self._body(metadata, holder, int(seen["spec"].get("leaseTransitions") or 0) + moved)
        sent = self._client.send("PUT", f"{self._collection}/{self._name}", body=body, seconds=seconds)
        return sent

    def _body(self, metadata: dict[str, Any], holder: str, transitions: int) -> Manifest:
        spec: dict[str, Any] = {"leaseTransitions": transitions}
        if holder:
            now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
            spec |= {"holderIdentity": holder, "leaseDurationSeconds": DURATION, "renewTime": now, "acquireTime": now}
        return {"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": metadata, "spec": spec}

    def _other(self, found: Manifest | None) -> TargetError:
        holder = found["spec"].get("holderIdentity") if found else None
        return TargetError(
            f"{self._said_of_other}: {holder or 'unknown'}", help="Wait until that one is over, then plan again."
        )


def _now() -> float:
    return time.clock_gettime(_CLOCK)
