"""Ten targets, of which one does not answer: what that costs the nine, against ten that all answer.

Seconds on the clock of the whole command. Each apply is the first to namespaces that are new, on one server that is
warm; the two cases take turns, and the best of each counts, since other work on the machine only adds to a time.
"""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from measure import Row, environment

from tests.testbed import build, crds, snapshots
from tests.testbed.control_plane import ControlPlane
from tests.testbed.fleet import Fleet, blackhole
from tests.testbed.scene import Scene

TARGETS, MODELS = 10, 40
ROUNDS = 3
POLL = 0.2

Work = Callable[..., float]


def fleet(_runs: int, _sizes: Sequence[int]) -> Iterator[Row]:
    """One of ten targets blackholed: for a person's apply, and for the nine that a controller looks after."""
    programs = build.programs(os.environ)
    with ControlPlane(programs, snapshots.with_crds(crds.newest(), programs, os.environ)) as plane:
        _apply(plane, silent=False)  # the server has not seen these kinds yet
        yield from _compared(plane, _apply, "apply --yes", "")
        yield from _compared(plane, _converge, "controller: until the nine converge", "at most 1.2")


def _compared(plane: ControlPlane, work: Work, what: str, claim: str) -> Iterator[Row]:
    rounds = [(work(plane, silent=False), work(plane, silent=True)) for _ in range(ROUNDS)]
    healthy, silent = (min(seconds) for seconds in zip(*rounds, strict=True))
    yield Row(f"{what}, {MODELS} models at each of {TARGETS} targets", f"{healthy:.1f} s")
    yield Row(f"{what}, where one never says a word", f"{silent:.1f} s")
    yield Row(f"{what}, ratio", f"{silent / healthy:.2f}", claim)


def _apply(plane: ControlPlane, *, silent: bool) -> float:
    """Seconds of one first apply, with waiting for the one that is silent."""
    with _ten(plane, silent=silent) as ten:
        started = time.monotonic()
        ran = ten.scene.apply()
        seconds = time.monotonic() - started
    assert ran.code == int(silent), ran.said
    return seconds


def _converge(plane: ControlPlane, *, silent: bool) -> float:
    """Seconds until nine targets have all their models."""
    with _ten(plane, silent=silent) as ten:
        root = ten.scene.root
        branch = subprocess.run(["git", "branch", "--show-current"], cwd=root, capture_output=True, check=True).stdout
        following = ("--repository", str(root), "--branch", branch.decode().strip())
        started = time.monotonic()
        command = ten.scene.start("controller", *following, "--state", f"{root}-state", "--once")
        while any(len(models) < MODELS for name, models in ten.models().items() if name != ten.names[-1]):
            assert command.poll() is None, command.ended().said
            time.sleep(POLL)
        seconds = time.monotonic() - started
        command.send(signal.SIGTERM)  # nobody reports on these models, so that they would never be ready
        command.ended()
    return seconds


@contextmanager
def _ten(plane: ControlPlane, *, silent: bool) -> Iterator[Fleet]:
    """Ten targets with models that were not applied yet, the last perhaps out of reach."""
    with tempfile.TemporaryDirectory(prefix="mlgitops-benchmark-") as directory, blackhole() as port:
        root = Path(directory) / "project"
        root.mkdir()
        scene = Scene(plane, root, plane.new_namespace(), environment(root))
        with Fleet.of(scene, TARGETS) as ten:
            reached = dict.fromkeys(ten.names, plane.apiserver.port)
            ten.reach(**{**reached, ten.names[-1]: port} if silent else reached)
            scene.models(*(f"model-{number:02}" for number in range(MODELS)))
            scene.commit()
            yield ten
