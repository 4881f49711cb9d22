"""A real API server with the same live objects for all: mlgitops against kubectl and against the bare requests.

Seconds on the clock, since most of the time is the server's. What is compared takes turns, on the same server or on
fresh ones, and the medians are compared: other work on the machine slows both.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bare import Bare, kubectl, kubectl_command, write_list
from measure import MLGITOPS, Row, environment, once, project
from synthetic import write_live_project

from mlgitops.plan.asked import Asked
from mlgitops.plan.serialise import dumps
from mlgitops.targets.kubernetes import applyset
from mlgitops.targets.kubernetes.objects import to_apply
from mlgitops.workflows.plan import plan, plans, rendered, select
from mlgitops.workflows.project import open_project
from tests.testbed import build, crds, snapshots
from tests.testbed.control_plane import ADMIN, ControlPlane

OBJECTS, MANY = 1000, 5000
NAMESPACE, INVENTORY = "models", "benchmark/dev/one"
PEAK = Path(__file__).with_name("peak.py")
ASKED = Asked(environments=("dev",))


@dataclass(frozen=True)
class Scene:
    """A project and the control plane that it is for."""

    root: Path
    plane: ControlPlane
    bodies: list[dict[str, Any]]

    def run(self, *arguments: str) -> float:
        """Seconds that one command of mlgitops takes."""
        return once([*MLGITOPS, *arguments, "--root", str(self.root)], self.root, self._kubeconfig).wall

    def kubectl(self, verb: str) -> float:
        """Seconds that kubectl takes for the same objects."""
        file = self.root / "objects.json"
        write_list(file, self.bodies)
        return once(kubectl_command(verb, file), also={**self._kubeconfig, "HOME": str(self.root)}).wall

    def peak(self, *arguments: str) -> float:
        """The most memory that one command of mlgitops held, in MB."""
        file = self.root / "peak"
        once([MLGITOPS[0], str(PEAK), str(file), *arguments, "--root", str(self.root)], self.root, self._kubeconfig)
        return int(file.read_text()) * 1024 / 1e6

    @property
    def bare(self) -> Bare:
        """The same server without mlgitops."""
        return Bare(self.plane.apiserver.access(ADMIN))

    @property
    def _kubeconfig(self) -> dict[str, str]:
        return {"KUBECONFIG": str(self.plane.kubeconfig)}


def live(runs: int, _sizes: Sequence[int]) -> Iterator[Row]:
    """First apply, plan and unchanged apply of 1,000 objects, then of 5,000, where kubectl is not waited for."""
    programs = build.programs(os.environ)
    data = snapshots.with_crds(crds.newest(), programs, os.environ)

    def plane() -> ControlPlane:
        return ControlPlane(programs, data)

    small = yield from _measured(plane, OBJECTS, runs, rounds=2)
    large = yield from _measured(plane, MANY, runs, rounds=1)
    for what in small:
        growth = (large[what] / MANY) / (small[what] / OBJECTS)
        yield Row(f"{what}: an object of {MANY:,} to one of {OBJECTS:,}", f"{growth:.2f}", "at most 1.2")


def _measured(
    plane: Callable[[], ControlPlane], objects: int, runs: int, *, rounds: int
) -> Iterator[Row]:  # returns the seconds of each command
    with project(lambda root: write_live_project(root, objects)) as root:
        bodies = _bodies(root)
        assert len(bodies) == objects
        title = f"{objects:,} objects"
        yield from _first_apply(plane, root, bodies, rounds, title)
        with _scene(plane, root, bodies) as scene:
            first = _apply_saved(scene)
            planned = yield from _plan(scene, runs, title)
            applied = yield from _unchanged(scene, runs, title)
            yield from _memory(scene, title)
    return {"first apply": first, "plan": planned, "unchanged apply": applied}


def _bodies(root: Path) -> list[dict[str, Any]]:
    """The project's objects as they are sent."""
    (rendering,) = rendered(open_project(root, None), ASKED)
    own = applyset.applyset_id(applyset.name_of(INVENTORY), NAMESPACE)
    return [to_apply(manifest, own) for target in rendering.targets for manifest in target.manifests]
