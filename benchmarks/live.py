"""A real API server with the same live objects for all: mlgitops against kubectl and against the bare requests.

Seconds on the clock, since most of the time is the server's. What is compared takes turns, on one server or on fresh
ones. Other work on the machine only adds to a time, so that of what is run often the best counts. kubectl takes too
long for that: against its one run there is the median of ours, before it and after. It checks each YAML document by
itself, which takes longer than its requests do, and the items of a JSON List together: both are shown.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bare import Bare, kubectl, kubectl_command
from measure import MLGITOPS, Row, once, project
from synthetic import write_live_project

from mlgitops.plan.asked import Asked
from mlgitops.plan.serialise import dumps
from mlgitops.targets.kubernetes import applyset
from mlgitops.targets.kubernetes.objects import to_apply
from mlgitops.workflows.plan import plan, plans, rendered, select
from mlgitops.workflows.project import Opened, open_project
from tests.testbed import build, crds, snapshots
from tests.testbed.control_plane import ADMIN, ControlPlane

OBJECTS, MANY = 1000, 5000
ROUNDS = {OBJECTS: 3, MANY: 1}
"""How often objects are applied for the first time, each time on fresh control planes."""
SETTLE_SECONDS = 10.0
"""For as long a server that is ready still builds the schemas of its custom resources."""
NAMESPACE, INVENTORY = "models", "benchmark/dev/one"
QUIETLY = ("--no-wait", "--no-progress")
PEAK = Path(__file__).with_name("peak.py")
ASKED = Asked(environments=("dev",))

Planes = Callable[[], ControlPlane]
Measured = Generator[Row, None, dict[str, float]]


@dataclass(frozen=True)
class Scene:
    """A project, a control plane for it, and the project's objects as they are sent."""

    root: Path
    plane: ControlPlane
    bodies: list[dict[str, Any]]

    def run(self, *arguments: str) -> float:
        """Seconds that one command of mlgitops takes."""
        return once([*MLGITOPS, *arguments, "--root", str(self.root)], self.root, self._kubeconfig).wall

    def peak(self, *arguments: str) -> float:
        """The most memory that one command of mlgitops held, in MB."""
        file = self.root / "peak"
        once([MLGITOPS[0], str(PEAK), str(file), *arguments, "--root", str(self.root)], self.root, self._kubeconfig)
        return int(file.read_text()) * 1024 / 1e6

    def kubectl(self, verb: str, format: str) -> float:
        """Seconds that kubectl takes for the same manifests, as documents of ``yaml`` or one List of ``json``."""
        file = self.root / f"objects.{format}"
        if not file.exists():
            self.run("render", "--env", "dev", "-o", f"{format}={file}")
        return once(kubectl_command(verb, file), also={**self._kubeconfig, "HOME": str(self.root)}).wall

    def opened(self) -> Opened:
        """The project, in this process."""
        os.environ |= self._kubeconfig
        return open_project(self.root, None, no_cache=True)

    def save_plan(self) -> str:
        """The file of a plan; new objects were not tried out for it."""
        (made,) = plans(self.opened(), ASKED, rehearse=False)
        (self.root / "plan.json").write_bytes(dumps(made))
        return str(self.root / "plan.json")

    def bare(self) -> Bare:
        """The same server without mlgitops."""
        return Bare(self.plane.apiserver.access(ADMIN))

    @property
    def _kubeconfig(self) -> dict[str, str]:
        return {"KUBECONFIG": str(self.plane.kubeconfig)}


def live(runs: int, _sizes: Sequence[int]) -> Iterator[Row]:
    """First apply, plan and unchanged apply: of 1,000 objects, and of 5,000 without waiting for kubectl."""
    programs = build.programs(os.environ)
    data = snapshots.with_crds(crds.newest(), programs, os.environ)
    few = yield from _measured(lambda: ControlPlane(programs, data), OBJECTS, runs)
    many = yield from _measured(lambda: ControlPlane(programs, data), MANY, runs)
    for what, seconds in few.items():
        growth = many[what] / MANY / (seconds / OBJECTS)
        yield Row(f"{what}, seconds an object: of {MANY:,} to of {OBJECTS:,}", f"{growth:.2f}", "at most 1.2")


def _measured(planes: Planes, objects: int, runs: int) -> Measured:
    """All of one size; the seconds of each command."""
    with project(lambda root: write_live_project(root, objects)) as root:
        bodies = _bodies(root)
        assert len(bodies) == objects
        yield Row(f"{objects:,} objects of {len({body['kind'] for body in bodies})} kinds", "")
        rounds = [_round(planes, root, bodies) for _ in range(ROUNDS[objects])]
        with _scene(planes, root, bodies) as scene:
            applied = yield from _first_apply(rounds, scene)
            planned = yield from _plan(scene, runs)
            unchanged = yield from _unchanged(scene, runs)
    return {"first apply": applied, "plan": planned, "unchanged apply": unchanged}


def _bodies(root: Path) -> list[dict[str, Any]]:
    (rendering,) = rendered(open_project(root, None, no_cache=True), ASKED)
    own = applyset.applyset_id(applyset.name_of(INVENTORY), NAMESPACE)
    return [to_apply(manifest, own) for target in rendering.targets for manifest in target.manifests]


@contextmanager
def _scene(planes: Planes, root: Path, bodies: list[dict[str, Any]]) -> Iterator[Scene]:
    with planes() as plane:
        time.sleep(SETTLE_SECONDS)
        yield Scene(root, plane, bodies)


def _round(planes: Planes, root: Path, bodies: list[dict[str, Any]]) -> tuple[float, float]:
    """Seconds of a first apply and of the same requests with nothing around them, each on a fresh control plane."""
    with _scene(planes, root, bodies) as scene:
        scene.save_plan()  # as below, so that both servers are equally long up
        floor = timed(lambda: _apply_bare(scene))
    with _scene(planes, root, bodies) as scene:
        return scene.run("apply", scene.save_plan(), *QUIETLY), floor


def _first_apply(rounds: Sequence[tuple[float, float]], scene: Scene) -> Generator[Row, None, float]:
    """What the rounds came to, the best of each, and one more for its memory."""
    ours, floor = (min(seconds) for seconds in zip(*rounds, strict=True))
    most = scene.peak("apply", scene.save_plan(), *QUIETLY)
    yield Row("  mlgitops apply of a saved plan, the first", f"{ours:.1f} s")
    yield Row("  a bare pool of the same requests", f"{floor:.1f} s")
    yield Row("  apply to the bare pool", f"{ours / floor:.2f}", "at most 1.3")
    yield Row("  peak memory of the first apply", f"{most:.0f} MB", "under 200 MB")
    return ours


def _apply_bare(scene: Scene) -> None:
    bare = scene.bare()
    bare.make_namespace(NAMESPACE)
    bare.apply(scene.bodies)


def _plan(scene: Scene, runs: int) -> Generator[Row, None, float]:
    """Of what did not change: the whole command against kubectl, its plan stage against the bare LISTs."""
    whole = [scene.run("plan", "--env", "dev", "--detailed-exitcode") for _ in range(runs + 1)][1:]
    theirs = _kubectl(scene, "diff")
    whole += [scene.run("plan", "--env", "dev", "--detailed-exitcode") for _ in range(runs)]
    yield Row("  mlgitops plan, nothing changed", f"{_middle(whole):.2f} s")
    yield from _against("kubectl diff --server-side", theirs, _middle(whole), "at least 20")
    yield from _stage(scene, runs)
    most = scene.peak("plan", "--env", "dev")
    yield Row("  peak memory of mlgitops plan", f"{most:.0f} MB", "under 200 MB")
    return _middle(whole)


def _stage(scene: Scene, runs: int) -> Iterator[Row]:
    opened, bare = scene.opened(), scene.bare()
    (rendering,) = renderings = rendered(opened, ASKED)
    selection = select(opened, renderings, ASKED)
    ours, floor = [], []
    for _ in range(4 * runs):
        floor.append(timed(lambda: bare.list(scene.bodies, applyset.selector(INVENTORY))))
        ours.append(timed(lambda: plan(opened, rendering, selection, rehearse=True)))
    stage, lists = min(ours), min(floor)
    yield Row("  its plan stage: connect, list, decode, compare", f"{stage:.3f} s")
    yield Row("  the bare LISTs, decoded", f"{lists:.3f} s")
    yield Row("  plan stage to the bare LISTs", f"{stage / lists:.2f}", "at most 3")


def _unchanged(scene: Scene, runs: int) -> Generator[Row, None, float]:
    """Apply of what did not change, against kubectl, and what the API server's audit log has of it."""
    command = ("apply", "--env", "dev", "--yes")
    whole = [scene.run(*command) for _ in range(runs + 1)][1:]
    _kubectl(scene, "apply", ["json"])  # the first changes the objects: kubectl becomes a manager of them
    theirs = _kubectl(scene, "apply")
    with scene.plane.audit.recording() as recording:
        whole += [scene.run(*command) for _ in range(runs)]
    requests = recording.by(ADMIN)
    assert len(requests) >= runs * 5, "the audit log has what was listed"
    yield Row("  mlgitops apply --yes, nothing changed", f"{_middle(whole):.2f} s")
    yield from _against("kubectl apply --server-side", theirs, _middle(whole), "at least 50")
    mutating = len(recording.mutating())
    yield Row("  its mutating requests, of all that it made", f"{mutating} of {len(requests) // runs}", "0")
    return _middle(whole)


def _kubectl(scene: Scene, verb: str, formats: Sequence[str] = ("yaml", "json")) -> dict[str, float]:
    """Seconds that kubectl takes, by format; nothing where it is not on PATH or would take too long."""
    wanted = formats if kubectl() and len(scene.bodies) <= OBJECTS else ()
    return {format: scene.kubectl(verb, format) for format in wanted}


def _against(what: str, theirs: Mapping[str, float], ours: float, claim: str) -> Iterator[Row]:
    if "yaml" in theirs:
        yield Row(f"  {what}, of YAML documents", f"{theirs['yaml']:.1f} s")
        yield Row(f"  {what}, of YAML documents, to ours", f"{theirs['yaml'] / ours:.0f}", claim)
        yield Row(f"  {what}, of one JSON List", f"{theirs['json']:.1f} s")
        yield Row(f"  {what}, of one JSON List, to ours", f"{theirs['json'] / ours:.0f}")
    elif not kubectl():
        yield Row(f"  {what}", "no kubectl")


def timed(work: Callable[[], object]) -> float:
    """Seconds on the clock that something takes."""
    started = time.monotonic()
    work()
    return time.monotonic() - started


def _middle(seconds: Sequence[float]) -> float:
    return statistics.median(seconds)
