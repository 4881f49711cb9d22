"""Ten targets, of which one does not answer: what that costs the nine, against ten that all answer.

Seconds on the clock of the whole command. Each apply is the first to namespaces that are new, on one server that is
warm; the two cases take turns, and the best of each counts, since other work on the machine only adds to a time.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from measure import Row, environment

from tests.testbed import build, crds, snapshots
from tests.testbed.control_plane import ControlPlane
from tests.testbed.fleet import Fleet, blackhole
from tests.testbed.scene import Scene

TARGETS, MODELS = 10, 40
ROUNDS = 3


def fleet(_runs: int, _sizes: Sequence[int]) -> Iterator[Row]:
    """One of ten targets blackholed."""
    programs = build.programs(os.environ)
    with ControlPlane(programs, snapshots.with_crds(crds.newest(), programs, os.environ)) as plane:
        _apply(plane, silent=False)  # the server has not seen these kinds yet
        rounds = [(_apply(plane, silent=False), _apply(plane, silent=True)) for _ in range(ROUNDS)]
    healthy, silent = (min(seconds) for seconds in zip(*rounds, strict=True))
    yield Row(f"apply {MODELS} models to each of {TARGETS} targets that answer", f"{healthy:.1f} s")
    yield Row("the same, where one target never says a word", f"{silent:.1f} s")
    yield Row("ratio", f"{silent / healthy:.2f}", "at most 1.2")


def _apply(plane: ControlPlane, *, silent: bool) -> float:
    """Seconds of one first apply."""
    with tempfile.TemporaryDirectory(prefix="mlgitops-benchmark-") as directory, blackhole() as port:
        root = Path(directory)
        scene = Scene(plane, root, plane.new_namespace(), environment(root))
        with Fleet.of(scene, TARGETS) as ten:
            reached = dict.fromkeys(ten.names, plane.apiserver.port)
            ten.reach(**{**reached, ten.names[-1]: port} if silent else reached)
            scene.models(*(f"model-{number:02}" for number in range(MODELS)))
            scene.commit()
            started = time.monotonic()
            ran = scene.apply()
            seconds = time.monotonic() - started
    assert ran.code == int(silent), ran.said
    return seconds
