"""What every benchmark measures with: processes and their time and memory, synthetic projects, lines of the table."""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from synthetic import write_project

from mlgitops.tools.kustomize import find

MLGITOPS = [sys.executable, "-m", "mlgitops"]


@dataclass(frozen=True)
class Row:
    """One line of the table: what was measured, its value, and what is claimed of it."""

    what: str
    value: str
    claim: str = ""


@dataclass(frozen=True)
class Spent:
    """CPU and wall seconds of a process and its children."""

    cpu: float
    wall: float


class project:  # noqa: N801 - a context manager, used like a function
    """A synthetic project in a temporary directory, with a cache of its own."""

    def __init__(self, write: Callable[[Path], None]) -> None:
        self._write = write

    def __enter__(self) -> Path:
        self._directory = tempfile.TemporaryDirectory(prefix="mlgitops-benchmark-")
        root = Path(self._directory.name)
        self._write(root)
        return root

    def __exit__(self, *_: object) -> None:
        self._directory.cleanup()


def of_files(models: int, objects: int, *, kustomization: bool = False) -> project:
    """A project whose targets are directories."""
    return project(lambda root: write_project(root, models, objects, kustomization=kustomization))


def environment(root: Path | None = None, also: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment variables of a command: as installed, compiled once, with a cache that nobody else has."""
    env = {**os.environ, **({"XDG_CACHE_HOME": str(root / "cache")} if root else {}), **(also or {})}
    env.setdefault("MLGITOPS_KUSTOMIZE", str(kustomize()))
    env.pop("PYTHONDONTWRITEBYTECODE", None)
    return env


def once(command: Sequence[str], root: Path | None = None, also: Mapping[str, str] | None = None) -> Spent:
    """Runs a command; its output is read and thrown away."""
    env = environment(root, also)
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    subprocess.run(command, env=env, stdout=subprocess.DEVNULL, check=True)
    wall = time.monotonic() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return Spent(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, wall)


def median(
    runs: int, command: Sequence[str], *, before: Callable[[], None] = lambda: None, root: Path | None = None
) -> float:
    """The median CPU time of some runs, after one that is not counted."""
    spent = []
    for _ in range(runs + 1):
        before()
        spent.append(once(command, root).cpu)
    return statistics.median(spent[1:])


def paired(runs: int, one: Sequence[str], other: Sequence[str]) -> tuple[float, float]:
    """The median CPU times of two commands that take turns."""
    spent = [(once(one).cpu, once(other).cpu) for _ in range(runs + 1)][1:]
    return statistics.median(a for a, _ in spent), statistics.median(b for _, b in spent)


def kustomize() -> Path:
    """The kustomize that mlgitops itself would use."""
    return find(os.environ).program
