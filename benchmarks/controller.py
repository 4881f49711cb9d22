"""The controller over ten targets with a thousand objects each: an idle cycle, a change that is merged, its memory.

Seconds on the clock. An idle cycle is what the controller does at its targets when nothing changed anywhere, against
the same LISTs by plain HTTP, decoded; the two take turns, and the best of each counts. A merged change is timed from
the commit until the API server has it, with the pause between two polls of Git taken off.
"""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from bare import Bare
from live import ASKED, SETTLE_SECONDS, timed
from measure import MLGITOPS, Row, environment, project
from synthetic import write_fleet_project

from mlgitops.controller.following import Following
from mlgitops.controller.goals import Goal, Goals
from mlgitops.controller.reconcile import Attempt, Surroundings, reconcile
from mlgitops.controller.settings import Settings
from mlgitops.controller.state import Result, Word
from mlgitops.manifest import LABEL_PROJECT
from mlgitops.targets import Connection
from mlgitops.targets.at_once import at_once
from mlgitops.targets.kept import KeptConnections
from mlgitops.targets.kubernetes.objects import to_apply
from mlgitops.workflows.plan import rendered
from mlgitops.workflows.project import open_project
from mlgitops.workflows.wait import Clock
from tests.testbed import build, crds, snapshots
from tests.testbed.control_plane import ADMIN, ControlPlane

TARGETS, OBJECTS = 10, 1000
POLL = 1.0
RESYNC = 5
"""Seconds after which the process looks at a target again, so that its memory is that of many cycles."""
CYCLES = 8
READY = {
    "InferenceService": {"conditions": [{"type": "Ready", "status": "True"}]},
    "TrainJob": {"conditions": [{"type": "Complete", "status": "True", "reason": "Done", "message": "done",
                                 "lastTransitionTime": "2026-01-01T00:00:00Z"}]},
}  # fmt: skip


def controller(_runs: int, _sizes: Sequence[int]) -> Iterator[Row]:
    """Ten targets of one cluster, each a namespace."""
    programs = build.programs(os.environ)
    data = snapshots.with_crds(crds.newest(), programs, os.environ)
    with (
        project(lambda root: write_fleet_project(root, TARGETS, OBJECTS)) as root,
        ControlPlane(programs, data) as plane,
        at_home(root, plane),
    ):
        time.sleep(SETTLE_SECONDS)
        commit = prepare(root)
        bare = Bare(plane.apiserver.access(ADMIN))
        bodies = bodies_of(root)
        run_controller(root, "--once")
        report_ready(bare, bodies)
        yield Row(f"{TARGETS} targets with {len(bodies) // TARGETS:,} objects each", "")
        yield from _idle(root, commit, plane, bare, bodies)
        yield from _process(root, plane)


@contextmanager
def at_home(root: Path, plane: ControlPlane) -> Iterator[None]:
    """A cache of its own, and the cluster to work with; for this process as for those that it starts."""
    with patch.dict(os.environ, {"KUBECONFIG": str(plane.kubeconfig), "XDG_CACHE_HOME": str(root / "cache")}):
        yield


def prepare(root: Path) -> str:
    """Makes a repository of the project; its commit."""
    set_resync(root, f"{RESYNC}s")
    (root / ".gitignore").write_text("cache/\nstate/\n")
    _git(root, "init", "--quiet", "--initial-branch=main")
    return commit_all(root)


def set_resync(root: Path, interval: str) -> None:
    """Sets how often targets are looked at although nothing changed."""
    spec = root / "environments/dev/environment.yaml"
    kept = spec.read_text().partition("  reconcile:")[0]
    spec.write_text(f"{kept}  reconcile:\n    resync: {interval}\n    timeout: 1s\n")


def commit_all(root: Path) -> str:
    """Commits whatever changed; the commit."""
    _git(root, "add", "--all")
    _git(root, "-c", "user.name=Bench", "-c", "user.email=bench@example.com", "commit", "--quiet", "-m", "A change")
    return _git(root, "rev-parse", "HEAD")


def _git(root: Path, *arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=root, check=True, capture_output=True, text=True).stdout.strip()


def _command(root: Path, *more: str) -> list[str]:
    return [*MLGITOPS, "controller", "--repository", str(root), "--state", str(root / "state"), *more]


def run_controller(root: Path, *more: str) -> None:
    """Runs it; nothing is ready then, since nobody reports on it."""
    subprocess.run(_command(root, *more), env=environment(root), capture_output=True, check=False)


def bodies_of(root: Path) -> list[dict[str, Any]]:
    """What is sent of each of the project's objects."""
    (rendering,) = rendered(open_project(root, None, no_cache=True), ASKED)
    return [to_apply(manifest, "") for target in rendering.targets for manifest in target.manifests]


def report_ready(bare: Bare, bodies: Sequence[dict[str, Any]]) -> None:
    """Says of all that is waited for that it is ready."""
    waited = [body for body in bodies if body["kind"] in READY]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda body: bare.report(body, READY[body["kind"]]), waited))


def surroundings_of(root: Path, following: Following) -> Surroundings:
    """What the controller works with, with connections that are kept."""
    connections = KeptConnections(root)

    def connect(goal: Goal) -> Connection:
        return connections.open(goal.target.connection, "/".join((goal.rendering.project, *goal.key)))

    return Surroundings(connect, following.follows, time.time, Clock(time.monotonic, time.sleep))


def _idle(root: Path, commit: str, plane: ControlPlane, bare: Bare, bodies: list[dict[str, Any]]) -> Iterator[Row]:
    following = Following(Settings(str(root), root / "state"))
    goals = list(following.follow(Goals()).goals.targets.values())
    surroundings = surroundings_of(root, following)

    def cycle() -> list[Result]:
        return at_once(lambda goal: reconcile(Attempt(goal), surroundings), goals, TARGETS)

    results = cycle()
    assert {(one.word, one.commit) for one in results} == {(Word.IN_SYNC, commit)}, results
    ours, floor = [], []
    with plane.audit.recording() as recorded:
        for _ in range(CYCLES):
            floor.append(timed(lambda: bare.list(bodies, f"{LABEL_PROJECT}=benchmark")))
            ours.append(timed(cycle))
    yield Row("an idle cycle", f"{min(ours):.2f} s")
    yield Row("the bare LISTs, decoded", f"{min(floor):.2f} s")
    yield Row("idle cycle to the bare LISTs", f"{min(ours) / min(floor):.2f}", "at most 1.5")
    yield Row("its mutating requests", str(len(recorded.mutating())), "0")


def _process(root: Path, plane: ControlPlane) -> Iterator[Row]:
    """The controller as a process of its own."""
    with _running(root) as process:
        time.sleep(10 * RESYNC)
        status = _memory(process.pid)
        yield Row("memory after ten cycles (RSS)", f"{status['VmRSS'] / 1e3:.0f} MB", "under 300 MB")
        yield Row("most memory that it held", f"{status['VmHWM'] / 1e3:.0f} MB", "under 300 MB")
        set_resync(root, "5m")
        commit_all(root)
        time.sleep(2 * RESYNC)
        seconds = [_merged(root, plane, number) for number in range(3)]
    yield Row("from a merged change to the API server, the poll taken off", f"{max(seconds):.1f} s", "under 5 s")


@contextmanager
def _running(root: Path) -> Iterator[subprocess.Popen[bytes]]:
    command = _command(root, "--interval", f"{POLL:.0f}s")
    with subprocess.Popen(command, env=environment(root), stderr=subprocess.DEVNULL) as process:
        try:
            yield process
        finally:
            process.terminate()


def _memory(pid: int) -> Mapping[str, int]:
    """What the process holds, in kB, by the kernel's names."""
    lines = (line.split() for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    return {words[0].rstrip(":"): int(words[1]) for words in lines if words[0] in ("VmRSS:", "VmHWM:")}


def _merged(root: Path, plane: ControlPlane, number: int) -> float:
    """Seconds from a commit that changes one model until every target has it."""
    path = root / f"environments/dev/models/model-{number:05}.yaml"
    path.write_text(path.read_text().replace("max: ", "max: 1"))
    wanted = f"maxReplicas: {path.read_text().partition('max: ')[2].split()[0]}".partition(" ")[2]
    commit_all(root)
    started = time.monotonic()
    left = {f"target-{each}" for each in range(TARGETS)}
    while left:
        time.sleep(0.05)
        for namespace in sorted(left):
            path_ = f"/apis/serving.kserve.io/v1beta1/namespaces/{namespace}/inferenceservices/model-{number:05}"
            if str(plane.api.get(path_)["spec"]["predictor"]["maxReplicas"]) == wanted:
                left.discard(namespace)
    return time.monotonic() - started - POLL
