"""The lock of a holder that is dead or whose clock is wrong is neither taken early nor waited for without end."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.testbed.killer import kill_apply
from tests.testbed.scene import Scene
from tests.testbed.together import Together

pytestmark = pytest.mark.slow
together = Together()

HOUR = timedelta(hours=1)
LEASE_SECONDS = 15.0
"""mlgitops.targets.kubernetes.lease.DURATION."""
SLACK = 45.0
HOLDER = "somebody else"


def held_lease(scene: Scene, off: timedelta, name: str = "") -> dict[str, Any]:
    """The scene's lock, or another Lease, as a holder renews it whose clock is that much ahead."""
    renewed = (datetime.now(UTC) + off).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    spec = {"holderIdentity": HOLDER, "leaseDurationSeconds": int(LEASE_SECONDS), "renewTime": renewed}
    metadata = {"name": name or scene.inventory_name, "namespace": scene.namespace}
    return {"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": metadata, "spec": spec}


@contextmanager
def renewing(scene: Scene, off: timedelta, name: str = "") -> Iterator[None]:
    """Renews it every few seconds, as a holder does."""
    over = threading.Event()

    def renew() -> None:
        while not over.wait(3.0):
            scene.plane.api.apply(held_lease(scene, off, name))

    thread = threading.Thread(target=renew)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def given_a_holder(scene: Scene, off: timedelta) -> None:
    scene.objects({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "data"}})
    scene.commit()
    scene.plane.api.create(held_lease(scene, off))


def assert_a_dead_holder_is_outwaited(scene: Scene, off: timedelta) -> None:
    given_a_holder(scene, off)
    started = time.monotonic()
    scene.applied()
    assert LEASE_SECONDS <= time.monotonic() - started < LEASE_SECONDS + SLACK
    assert scene.names() == {"configmaps/data"}


def assert_a_live_holder_is_respected(scene: Scene, off: timedelta) -> None:
    given_a_holder(scene, off)
    with scene.recording() as recorded, renewing(scene, off):
        ran = scene.apply()
    assert (ran.code, f"another apply holds the target: {HOLDER}" in ran.said) == (1, True), ran.said
    assert recorded.mutating() == []


@together
def test_the_lock_of_a_killed_run_runs_out_by_itself(scene: Scene) -> None:
    scene.objects(*({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": f"data-{i}"}} for i in range(3)))
    scene.commit()
    kill_apply(scene, 4, committed=True)
    scene.applied()
    assert len(scene.names()) == 3


@together
def test_a_dead_holder_whose_clock_was_an_hour_behind_is_outwaited(scene: Scene) -> None:
    assert_a_dead_holder_is_outwaited(scene, -HOUR)


@together
def test_a_dead_holder_whose_clock_was_an_hour_ahead_is_outwaited(scene: Scene) -> None:
    assert_a_dead_holder_is_outwaited(scene, HOUR)


@together
def test_a_live_holder_whose_clock_is_an_hour_behind_is_respected(scene: Scene) -> None:
    assert_a_live_holder_is_respected(scene, -HOUR)


@together
def test_a_live_holder_whose_clock_is_an_hour_ahead_is_respected(scene: Scene) -> None:
    assert_a_live_holder_is_respected(scene, HOUR)
