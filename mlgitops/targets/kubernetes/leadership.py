"""Leadership among replicas: whoever holds one Lease writes, and the others are ready to.

Only its own Lease tells a leader that it is one. Whether it leads is told by its own clock, so that a leader that was
stopped, or cut off from its cluster, knows that it is one no longer before anybody else can be.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager

from mlgitops.errors import MlgitopsError
from mlgitops.targets.kubernetes import fence
from mlgitops.targets.kubernetes.client import Client
from mlgitops.targets.kubernetes.failures import ApiError
from mlgitops.targets.kubernetes.lease import Lease

RETRY_SECONDS = 2.0
"""How long it waits, while another one leads, before it looks again."""
_POLL = 0.5


def last_led(client: Client, namespace: str, name: str) -> str:
    """When anybody last led, as RFC 3339 by that one's clock; empty where nobody ever did. Reads only."""
    try:
        spec = client.get(f"/apis/coordination.k8s.io/v1/namespaces/{namespace}/leases/{name}")["spec"]
    except ApiError as error:
        if error.status == 404:
            return ""
        raise
    return str(spec.get("renewTime") or "")


class LeaderLease:
    """One replica's part in an election. ``name`` is the Lease's, in the cluster and the namespace of the replicas."""

    def __init__(self, client: Client, namespace: str, name: str) -> None:
        self._lease = Lease(client, namespace, name, "another replica leads")
        self._ending = threading.Event()
        self._thread: threading.Thread | None = None

    def acquire(self) -> None:
        """Leads from now on. Raises ``TargetError`` naming who does; to know that nobody does takes some seconds."""
        self._lease.take(self._lease.look())

    def campaign(self, changed: Callable[[], None]) -> None:
        """Leads whenever nobody else does. ``changed`` is called, by another thread, each time that this changes."""
        self._thread = threading.Thread(target=self._run, args=(changed,), name="leadership", daemon=True)
        self._thread.start()

    def leads(self) -> bool:
        """Whether it surely does."""
        return self._lease.is_held()

    def share(self) -> tuple[str, frozenset[str]]:
        """Whoever leads does everything."""
        return "", frozenset({""})

    def only_while(self) -> AbstractContextManager[None]:
        """Whatever this thread sends within is sent only while it leads."""
        return fence.only_while(self._lease)

    def release(self) -> None:
        """Lets another one lead at once."""
        self._ending.set()
        if self._thread is not None:
            self._thread.join(RETRY_SECONDS)
        self._lease.release()

    def _run(self, changed: Callable[[], None]) -> None:
        led = False
        while not self._ending.is_set():
            leads = self._lease.is_held()
            if leads != led:
                changed()
            led = leads
            if leads:
                self._ending.wait(_POLL)
            elif not self._stood():
                self._ending.wait(RETRY_SECONDS)

    def _stood(self) -> bool:
        """Tries to lead. A Lease of ours that was lost is given up before."""
        try:
            self._lease.release()
            seen = self._lease.look()
            if not self._ending.is_set():
                self._lease.take(seen)
        except MlgitopsError:
            return False
        return True
