"""A controller over ten targets while Git and the clusters change at random; at the end all is as Git says.

SOAK_SECONDS says how long it lasts, SOAK_SEED which changes come, SOAK_SERVERS how many API servers there are, with an
etcd each, that share the targets; `make soak` lasts ten minutes and has one for each target. They serve
InferenceServices and nothing else that is not Kubernetes' own: ten of them take 5 GB.
"""

from __future__ import annotations

import os
import random
import statistics
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from itertools import chain
from pathlib import Path

import pytest

from tests.integration.kubernetes.soak.expected import as_it_is, expected
from tests.testbed.audit import Recording
from tests.testbed.control_plane import ADMIN, ControlPlane
from tests.testbed.scene import SOURCES
from tests.testbed.soak.branch import BRANCH, FORGED, Branch
from tests.testbed.soak.clusters import Clusters, Place, model_definitions
from tests.testbed.soak.watched import Watched, memory

pytestmark = pytest.mark.slow
SECONDS = float(os.environ.get("SOAK_SECONDS", "45"))
SEED = int(os.environ.get("SOAK_SEED") or random.randrange(10**6))  # noqa: S311
TARGETS = 10
SERVERS = int(os.environ.get("SOAK_SERVERS", "5"))
AT_ONCE = 2
"""Servers that start at the same time."""
ENVIRONMENTS = ("red", "green", "blue", "cyan", "grey")
SETTLE_SECONDS = 180.0
SAID = {
    "serving", "this replica leads", "following a new commit", "the branch is not followed",
    "the environment cannot be rendered", "applied", "in-sync", "progressing", "failed",
    "waiting until what is there is ready",
    "ending: what is under way ends, nothing more is started",
}  # fmt: skip
"""All that the log is to say. A target fails where what is waited for was deleted meanwhile; it is left progressing
where a commit comes before what the last one wrote is ready."""
WARM = 0.25
"""The part of the time after which memory is compared."""
GROWTH = 1.10
SLACK = 15.0
"""MB that it may have more in the end, beside a tenth: what malloc keeps differs by as much from look to look."""


@pytest.fixture
def clusters(programs: Mapping[str, Path]) -> Iterator[Clusters]:
    """Ten targets on API servers with an etcd each."""
    models = model_definitions()
    with ExitStack() as stack:
        with ThreadPoolExecutor(AT_ONCE) as pool:
            planes = list(pool.map(stack.enter_context, [ControlPlane(programs) for _ in range(SERVERS)]))
        for plane in planes:
            plane.apply_crds(models)
        yield Clusters(planes, ENVIRONMENTS)


class Soak:
    """All that is about one run."""

    def __init__(self, clusters: Clusters, branch: Branch, controller: Watched, chosen: random.Random) -> None:
        self.clusters = clusters
        self.branch = branch
        self.controller = controller
        self.memory: list[float] = []
        self._chosen = chosen

    def run(self, seconds: float) -> None:
        """Changes something every now and then."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            dice = self._chosen.random()
            if dice < 0.03:
                self._force()
            elif dice < 0.40:
                self.branch.edit()
            else:
                self.clusters.edit(self._chosen)
            self.memory.append(self.controller.memory())
            time.sleep(self._chosen.uniform(0.0, 0.5))

    def settle(self) -> None:
        """Git stands still from now on."""
        self.branch.mend()
        self.controller.until(self._is_settled, "everything to be as Git says", SETTLE_SECONDS)

    def _force(self) -> None:
        """A push that must be refused, and after a while the branch as it was."""
        head = self.branch.head
        self.controller.until(lambda: self.controller.status()["commit"] == head, "the head to be followed")
        self.branch.force()
        self.controller.until(lambda: self.controller.status()["refused"], "the forced push to be refused")
        self.branch.push()

    def _is_settled(self) -> bool:
        status = self.controller.status()
        good = {"applied", "in-sync"}
        if status["commit"] != self.branch.head or status["refused"] or status["broken"]:
            return False
        settled = {one["target"] for one in status["targets"] if one["result"] and one["result"]["word"] in good}
        return len(settled) == TARGETS and not any(map(self._lies, self.clusters.places))

    def _lies(self, place: Place) -> bool:
        return as_it_is(place) != expected(self.branch, place)


def test_all_is_as_git_says_once_it_stands_still(
    clusters: Clusters, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    chosen = random.Random(SEED)  # noqa: S311
    told = f"soak: SOAK_SEED={SEED} SOAK_SECONDS={SECONDS:.0f}"
    with capfd.disabled():
        print(f"\n{told}", flush=True)
    branch = Branch(tmp_path, clusters.layout(), chosen)
    clusters.steady = frozenset(name for said in branch.said.values() for name in said.values)
    variables = {
        **os.environ,
        "KUBECONFIG": str(clusters.kubeconfig),
        "MLGITOPS_DEBUG": "1",
        "PYTHONPATH": str(SOURCES),
    }
    arguments = ["--repository", str(branch.bare), "--branch", BRANCH, "--state", str(tmp_path / "state")]
    started = time.monotonic()
    with (
        clusters.serving(),
        recording(clusters) as recorded,
        Watched.running([*arguments, "--interval", "1s"], tmp_path, variables, tmp_path / "said") as controller,
    ):
        soak = Soak(clusters, branch, controller, chosen)
        soak.settle()
        begun = time.monotonic()
        soak.run(SECONDS)
        ran = time.monotonic()
        soak.settle()
        settled = time.monotonic()
        final = controller.memory()
        assert_nothing_is_written_when_idle(clusters)
    figures = [
        f"begun in {begun - started:.0f} s, ran {ran - begun:.0f} s, settled in {settled - ran:.1f} s",
        f"Git: {sum(branch.edits.values())} {branch.edits}",
        f"live: {sum(clusters.edits.values())} {clusters.edits}",
        f"log: {dict(controller.messages())}",
        f"RSS: {soak.memory[0]:.0f} MB, warm {warm(soak.memory):.0f} MB, end {last(soak.memory):.0f} MB, "
        f"most {max(soak.memory):.0f} MB, idle {final:.0f} MB; by tenths of the time {tenths(soak.memory)}",
    ]
    servers = [process for plane in clusters.planes for process in (plane.etcd.process, plane.apiserver.process)]
    figures.append(f"servers: {sum(memory(process.require_running()) for process in servers):.0f} MB together")
    with capfd.disabled():
        print("\n".join(figures), flush=True)
    for place in clusters.places:
        assert as_it_is(place) == expected(branch, place), told
        values = place.values()
        assert {name: values[name]["data"]["value"] for name in place.foreign} == place.foreign, told
    ours = chain.from_iterable(one.by(ADMIN) for one in recorded)
    deleted = {event.name for event in ours if event.verb == "delete" and event.mutating}
    assert deleted <= branch.removed, told
    assert not [event for one in recorded for event in one.events if FORGED in event.name], told
    text = controller.log.read_text()
    assert "Traceback" not in text, told
    assert "internal error" not in text, told
    assert set(controller.messages()) <= SAID, told
    assert last(soak.memory) <= GROWTH * warm(soak.memory) + SLACK, told


@contextmanager
def recording(clusters: Clusters) -> Iterator[list[Recording]]:
    """What is asked of each server."""
    with ExitStack() as stack:
        yield [stack.enter_context(plane.audit.recording()) for plane in clusters.planes]


def assert_nothing_is_written_when_idle(clusters: Clusters) -> None:
    with recording(clusters) as recorded:
        time.sleep(6)
    assert [one.counts() for one in recorded] == [{}] * len(clusters.planes)


def warm(samples: list[float]) -> float:
    """What it had once it was warm."""
    start = int(len(samples) * WARM)
    return statistics.median(samples[start : 2 * start + 1])


def tenths(samples: list[float]) -> list[int]:
    """What it had in each tenth of the time."""
    size = max(1, len(samples) // 10)
    return [round(statistics.median(samples[start : start + size])) for start in range(0, len(samples), size)]


def last(samples: list[float]) -> float:
    """What it had towards the end."""
    return statistics.median(samples[-int(len(samples) * WARM) - 1 :])
