"""Membership of replicas that share their work: each holds a Lease of its own, and sees those of all others.

Whether another one is there is told by watching its Lease move, never by comparing clocks. Two replicas may see that
some seconds apart, and look after the same target for so long; the target's own lock keeps them apart.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager

from mlgitops.errors import MlgitopsError
from mlgitops.manifest import MANAGED_BY
from mlgitops.targets.kubernetes import fence
from mlgitops.targets.kubernetes.client import Client
from mlgitops.targets.kubernetes.lease import DURATION, Lease

LABELS = {"app.kubernetes.io/managed-by": MANAGED_BY, "app.kubernetes.io/component": "replica"}
WATCH_SECONDS = 2.0
"""How often it is looked who is there."""


class Membership:
    """One replica among those of a namespace. ``prefix`` begins the names of their Leases, ``me`` is its own name."""

    def __init__(self, client: Client, namespace: str, prefix: str, me: str) -> None:
        self._client = client
        self._collection = f"/apis/coordination.k8s.io/v1/namespaces/{namespace}/leases"
        self._prefix = f"{prefix}-"
        self._me = me
        name = f"{self._prefix}{me}"
        self._lease = Lease(client, namespace, name, f"another replica calls itself {me}", LABELS)
        self._seen: dict[str, tuple[str, float]] = {}
        """Of each other replica, when its Lease said that it was renewed, and when that was seen by our clock."""
        self._members = frozenset({me})
        self._ending = threading.Event()
        self._thread: threading.Thread | None = None

    def acquire(self) -> None:
        """Is a member from now on, and knows the others. Raises ``TargetError`` where the name is taken."""
        self._lease.take(self._lease.look())
        self._look()

    def campaign(self, changed: Callable[[], None]) -> None:
        """Is a member whenever it can. ``changed`` is called, by another thread, each time that the members change."""
        self._thread = threading.Thread(target=self._run, args=(changed,), name="membership", daemon=True)
        self._thread.start()

    def leads(self) -> bool:
        """Whether it surely is a member, which is what it takes to write to its own targets."""
        return self._lease.is_held()

    def share(self) -> tuple[str, frozenset[str]]:
        """Its own name, and those of all members."""
        return self._me, self._members

    def only_while(self) -> AbstractContextManager[None]:
        """Whatever this thread sends within is sent only while it is a member."""
        return fence.only_while(self._lease)

    def release(self) -> None:
        """Leaves, so that the others take over at once."""
        self._ending.set()
        if self._thread is not None:
            self._thread.join(WATCH_SECONDS)
        self._lease.release()

    def _run(self, changed: Callable[[], None]) -> None:
        while not self._ending.is_set():
            before = self._members, self._lease.is_held()
            try:
                if not self._lease.is_held():
                    self._lease.release()
                    self._lease.take(self._lease.look())
                self._look()
            except MlgitopsError:
                pass  # it leads no longer once its own Lease ran out, and until then nobody took over
            if (self._members, self._lease.is_held()) != before:
                changed()
            self._ending.wait(WATCH_SECONDS)

    def _look(self) -> None:
        selector = ",".join(f"{name}={value}" for name, value in LABELS.items())
        now, seen = time.monotonic(), {}
        for lease in self._client.get(self._collection, {"labelSelector": selector})["items"]:
            name, renewed = lease["metadata"]["name"], str(lease["spec"].get("renewTime") or "")
            if lease["spec"].get("holderIdentity") and name.startswith(self._prefix):
                known = self._seen.get(name)
                seen[name] = known if known and known[0] == renewed else (renewed, now)
        self._seen = seen
        alive = {name.removeprefix(self._prefix) for name, (_, at) in seen.items() if now - at < DURATION}
        self._members = frozenset(alive | {self._me})
