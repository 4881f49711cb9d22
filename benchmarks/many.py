"""One model among 5,000 that changes: from its commit until the controller has planned it.

Seconds on the clock, at one target of a real API server where everything is applied and ready. The best of several
changes counts, since other work on the machine only adds to a time. Held against a controller that knows nothing of
before, and against reading the digests of all models: Git's list of files with their ids, and the inventory.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bare import Bare
from controller import (
    at_home,
    bodies_of,
    commit_all,
    prepare,
    report_ready,
    run_controller,
    set_resync,
    surroundings_of,
)
from live import SETTLE_SECONDS, timed
from measure import Row, project
from synthetic import write_lean_project

from mlgitops.controller.following import Following
from mlgitops.controller.goals import Goals
from mlgitops.controller.reconcile import Attempt, Surroundings, reconcile
from mlgitops.controller.settings import Settings
from mlgitops.controller.state import Word
from mlgitops.tools.git import git
from tests.testbed import build, crds, snapshots
from tests.testbed.control_plane import ADMIN, ControlPlane

FEW, MANY = 500, 5000
CHANGES = 5


@dataclass
class Controlled:
    """What a controller knows: it follows the project, and has looked at its target."""

    root: Path
    following: Following
    outside: Surroundings
    goals: Goals

    @classmethod
    def of(cls, root: Path, state: str) -> Controlled:
        """One that knows nothing yet."""
        following = Following(Settings(str(root), root / "state" / state))
        return cls(root, following, surroundings_of(root, following), Goals())

    def reconcile(self, word: Word) -> float:
        """From the head of the branch to the target being so; seconds until that was planned."""
        started = time.monotonic()
        planned: list[float] = []

        @contextmanager
        def step(name: str) -> Iterator[None]:
            yield
            if name == "plan":
                planned.append(time.monotonic() - started)

        self.goals = self.following.follow(self.goals).goals
        (goal,) = self.goals.targets.values()
        result = reconcile(Attempt(goal, step=step), self.outside)
        assert result.word is word, result
        return planned[0]

    def read_digests(self) -> None:
        """Git's list of files with their ids, and what the target has."""
        listed = git(["ls-tree", "-r", "-z", "HEAD"], self.root).output.split(b"\0")
        assert len(dict(line.split(b"\t")[::-1] for line in listed if line)) > FEW
        (goal,) = self.goals.targets.values()
        self.outside.connect(goal).inventory()


@dataclass(frozen=True)
class Measured:
    """Seconds of each."""

    changed: float
    anew: float
    digests: float


def many(_runs: int, _sizes: Sequence[int]) -> Iterator[Row]:
    """One changed model among few and among many."""
    few, more = _measured(FEW), _measured(MANY)
    grown = (more.changed - few.changed) / (more.digests - few.digests)
    for models, found in ((FEW, few), (MANY, more)):
        yield Row(f"{models:,} models at one target, one of them changed", "")
        yield Row("  from the commit to the plan", f"{found.changed:.3f} s")
        yield Row("  the same by a controller that starts only now", f"{found.anew:.3f} s")
        yield Row("  reading the digests of all: Git's list, the inventory", f"{found.digests:.3f} s")
    yield Row("all that changed to one that changed, of many", f"{more.anew / more.changed:.0f}")
    yield Row("what the other models add, to reading their digests", f"{grown:.1f}", "at most 5")


def _measured(models: int) -> Measured:
    programs = build.programs(os.environ)
    data = snapshots.with_crds(crds.newest(), programs, os.environ)
    with (
        project(lambda root: write_lean_project(root, models)) as root,
        ControlPlane(programs, data) as plane,
        at_home(root, plane),
    ):
        time.sleep(SETTLE_SECONDS)
        prepare(root)
        set_resync(root, "1h")
        commit_all(root)
        run_controller(root, "--once")
        report_ready(Bare(plane.apiserver.access(ADMIN)), bodies_of(root))
        return _compared(root)


def _compared(root: Path) -> Measured:
    known = Controlled.of(root, "known")
    known.reconcile(Word.IN_SYNC)
    changed, digests = [], []
    for number in range(CHANGES):
        _change(root, number)
        changed.append(known.reconcile(Word.APPLIED))
        digests.append(timed(known.read_digests))
    _change(root, CHANGES)
    anew = Controlled.of(root, "anew").reconcile(Word.APPLIED)
    return Measured(min(changed), anew, min(digests))


def _change(root: Path, number: int) -> None:
    path = root / f"environments/dev/models/model-{number:05}.yaml"
    path.write_text(path.read_text().replace("max: ", "max: 1"))
    commit_all(root)
