"""Benchmarks: ratios of things measured side by side in one run. ``make bench`` runs them all; names choose some.

    .venv/bin/python benchmarks/run.py [startup] [render] [overlay] [--runs N] [--objects 500,1000,5000]

Times are CPU seconds of whole processes, children included, the median of the runs; the first run of each is not
counted. Absolute times are of the machine; the ratios are what is claimed.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from synthetic import OBJECTS_A_PLACE, write_project

from mlgitops.tools.kustomize import Kustomize, find

MLGITOPS = [sys.executable, "-m", "mlgitops"]


@dataclass(frozen=True)
class Row:
    """One line of the table: what was measured, its value, and what is claimed of it."""

    what: str
    value: str
    claim: str = ""


def main() -> int:
    """Runs the benchmarks asked for and prints their table."""
    parser = argparse.ArgumentParser(description="Measures mlgitops side by side with what it is compared to.")
    parser.add_argument("names", nargs="*", choices=[*BENCHMARKS, []], help="which to run; all where left out")
    parser.add_argument("--runs", type=int, default=5, help="counted runs of each short command")
    parser.add_argument("--objects", default="500,1000,5000", help="sizes of the overlay benchmark")
    arguments = parser.parse_args()
    sizes = [int(size) for size in arguments.objects.split(",")]
    for name in arguments.names or BENCHMARKS:
        print(f"\n{name}", flush=True)
        for row in BENCHMARKS[name](arguments.runs, sizes):
            print(f"  {row.what:<66} {row.value:>12}  {row.claim}", flush=True)
    return 0


def startup(runs: int, _sizes: Sequence[int]) -> list[Row]:
    """The whole command against importing the library it parses its arguments with."""
    ours, floor = paired(runs, [*MLGITOPS, "--version"], [sys.executable, "-c", "import click"])
    return [
        Row("mlgitops --version", f"{ours * 1000:.0f} ms"),
        Row("python -c 'import click'", f"{floor * 1000:.0f} ms"),
        Row("ratio", f"{ours / floor:.2f}", "at most 2"),
    ]


def render(runs: int, _sizes: Sequence[int]) -> list[Row]:
    """200 models to 1,000 objects: first run, second run, and a run that was told to forget."""
    with project(models=200, objects=1000) as root:
        command = [*MLGITOPS, "render", "--root", str(root), "-o", "json"]
        cold = median(runs, command, before=lambda: shutil.rmtree(root / "cache", ignore_errors=True), root=root)
        warm = median(runs, command, root=root)
        yaml = median(runs, [*command[:-1], "yaml"], root=root)
    return [
        Row("validate and render 200 models to 1,000 objects, as JSON", f"{cold:.2f} s", "under 1 s CPU"),
        Row("the same again, nothing changed", f"{warm:.2f} s"),
        Row("second run to first", f"{warm / cold:.2f}", "at most 0.33"),
        Row("second run, written as YAML", f"{yaml:.2f} s"),
    ]


def overlay(_runs: int, sizes: Sequence[int]) -> list[Row]:
    """With a kustomization: our overlay stage against one `kustomize build`, with the same objects in and out."""
    rows = []
    for objects in sizes:
        with project(models=objects // OBJECTS_A_PLACE, objects=objects, kustomization=True) as root:
            whole = once([*MLGITOPS, "render", "--no-cache", "--root", str(root), "-o", "json"], root)
            manifests = rendered(root)
            stage, ours = overlaid(root, manifests)
            one, theirs = built_at_once(root, manifests)
        assert ours == theirs, "the overlay in batches and the one build differ"
        rows += [
            Row(f"{objects:,} objects: overlay stage, in batches", f"{stage:.1f} s"),
            Row(f"{objects:,} objects: milliseconds an object", f"{1000 * stage / objects:.2f}", "does not grow"),
            Row(f"{objects:,} objects: one kustomize build", f"{one:.1f} s"),
            Row(f"{objects:,} objects: one build to ours", f"{one / stage:.1f}", "10 or more at 5,000"),
            Row(f"{objects:,} objects: the whole of mlgitops render", f"{whole.wall:.1f} s"),
        ]
    return rows


def rendered(root: Path) -> list[dict[str, Any]]:
    """The project's objects before the overlay."""
    from mlgitops.render.render import render_targets
    from mlgitops.workflows.project import open_project
    from mlgitops.workflows.render import checked

    resolution, _ = checked(open_project(root, None, no_cache=True).source, "dev", None)
    return render_targets(resolution)["one"]


def overlaid(root: Path, manifests: list[dict[str, Any]]) -> tuple[float, list[dict[str, Any]]]:
    """Seconds that the overlay stage takes, and the objects that come out."""
    from mlgitops.sources.worktree import WorkTree
    from mlgitops.workflows.overlay import overlay as overlay_stage

    files = WorkTree(root).files()
    started = time.monotonic()
    found = overlay_stage(manifests, "environments/dev", files, lambda: Kustomize(kustomize()))
    return time.monotonic() - started, found


def built_at_once(root: Path, manifests: list[dict[str, Any]]) -> tuple[float, list[dict[str, Any]]]:
    """Seconds that one `kustomize build` of the same objects takes, and the objects that come out."""
    from mlgitops.manifest import in_order
    from mlgitops.render.overlay import manifests_of

    directory = root / "one-build"
    directory.mkdir()
    text = (root / "environments/dev/kustomization.yaml").read_text()
    (directory / "rendered.yaml").write_bytes(b"\n---\n".join(orjson.dumps(manifest) for manifest in manifests))
    (directory / "kustomization.yaml").write_text(text + "resources: [rendered.yaml]\n")
    started = time.monotonic()
    output = subprocess.run([str(kustomize()), "build", str(directory)], capture_output=True, check=True).stdout
    return time.monotonic() - started, in_order(manifests_of(output))


BENCHMARKS: dict[str, Callable[[int, Sequence[int]], list[Row]]] = {
    "startup": startup,
    "render": render,
    "overlay": overlay,
}


class project:  # noqa: N801 - a context manager, used like a function
    """A synthetic project in a temporary directory, with a cache of its own."""

    def __init__(self, models: int, objects: int, *, kustomization: bool = False) -> None:
        self._arguments = (models, objects, kustomization)

    def __enter__(self) -> Path:
        self._directory = tempfile.TemporaryDirectory(prefix="mlgitops-benchmark-")
        root = Path(self._directory.name)
        models, objects, kustomization = self._arguments
        write_project(root, models, objects, kustomization=kustomization)
        return root

    def __exit__(self, *_: object) -> None:
        self._directory.cleanup()


@dataclass(frozen=True)
class Spent:
    """CPU and wall seconds of a process and its children."""

    cpu: float
    wall: float


def once(command: Sequence[str], root: Path | None = None) -> Spent:
    """Runs a command; its output is read and thrown away."""
    env = {**os.environ, "XDG_CACHE_HOME": str(root / "cache")} if root else dict(os.environ)
    env.setdefault("MLGITOPS_KUSTOMIZE", str(kustomize()))
    env.pop("PYTHONDONTWRITEBYTECODE", None)  # as installed: compiled once
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    subprocess.run(command, env=env, stdout=subprocess.DEVNULL, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Spent(cpu, time.monotonic() - started)


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


if __name__ == "__main__":
    sys.exit(main())
