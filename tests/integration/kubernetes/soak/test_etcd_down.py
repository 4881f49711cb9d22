"""Etcd of one of two clusters stands still for a minute in the midst of an apply: the other one goes on."""

from __future__ import annotations

import os
import random
import time
from pathlib import Path

import pytest

from tests.integration.kubernetes.soak.expected import as_it_is, expected
from tests.testbed.control_plane import ADMIN, ControlPlane
from tests.testbed.proxy import Exchange, Fault, FaultProxy, Request
from tests.testbed.scene import SOURCES, created_and_deleted
from tests.testbed.soak.branch import BRANCH, Branch
from tests.testbed.soak.clusters import Clusters
from tests.testbed.soak.watched import Watched

pytestmark = pytest.mark.slow
STILL_SECONDS = 60.0
GOOD = {"applied", "in-sync"}


def test_the_other_cluster_goes_on_and_nothing_is_done_twice(
    control_plane: ControlPlane, namespace: str, tmp_path: Path
) -> None:
    stopped: list[float] = []
    with control_plane.another() as other, FaultProxy(other.apiserver) as proxy:

        def stop(exchange: Exchange) -> None:
            other.etcd.process.pause()
            stopped.append(time.monotonic())
            exchange.reply(exchange.forward())

        def rule(request: Request) -> Fault | None:
            is_object = request.mutating and "leases" not in request.path
            return stop if is_object and request.number > 10 and not stopped else None

        accesses = [control_plane.apiserver.access(ADMIN), proxy.access(ADMIN)]
        clusters = Clusters([control_plane, other], ["dev"], accesses)
        branch = Branch(tmp_path, clusters.layout(), random.Random(0))  # noqa: S311
        variables = {**os.environ, "KUBECONFIG": str(clusters.kubeconfig), "PYTHONPATH": str(SOURCES)}
        arguments = ["--repository", str(branch.bare), "--branch", BRANCH, "--state", str(tmp_path / "state")]
        proxy.rule = rule
        here, there = clusters.places
        with (
            clusters.serving(),
            other.audit.recording() as recorded,
            Watched.running([*arguments, "--interval", "1s"], tmp_path, variables, tmp_path / "said") as controller,
        ):
            try:
                controller.until(lambda: stopped, "an apply to begin")
                controller.until(lambda: controller.words().get("dev/dev-0") in GOOD, "the other cluster")
                branch.change("dev")
                controller.until(lambda: as_it_is(here) == expected(branch, here), "the other cluster to follow")
                controller.until(lambda: controller.words()["dev/dev-1"] in ("failed", "unreachable"), "it to be named")
                time.sleep(max(0.0, stopped[0] + STILL_SECONDS - time.monotonic()))
            finally:
                other.etcd.process.resume()
            controller.until(lambda: set(controller.words().values()) <= GOOD, "everything to be well again")
            assert as_it_is(there) == expected(branch, there)
        assert set(created_and_deleted(recorded).values()) == {1}
    assert "Traceback" not in controller.log.read_text()
