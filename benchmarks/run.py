"""Benchmarks: ratios of things measured side by side in one run. ``make bench`` runs them all; names choose some.

    .venv/bin/python benchmarks/run.py [startup] [render] [overlay] [live] [fleet] [controller] [many] [page]
        [--runs N] [--objects 500,1000,5000]

Times are CPU seconds of whole processes, children included, the median of the runs; the first run of each is not
counted. What waits for a cluster is measured in seconds on the clock. Absolute times are of the machine; the ratios
are what is claimed.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import orjson
from controller import controller
from fleet import fleet
from live import live
from many import many
from measure import MLGITOPS, Row, kustomize, median, of_files, once, paired
from page import page
from synthetic import OBJECTS_A_PLACE

from mlgitops.tools.kustomize import Kustomize


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
    with of_files(models=200, objects=1000) as root:
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
        with of_files(models=objects // OBJECTS_A_PLACE, objects=objects, kustomization=True) as root:
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


BENCHMARKS: dict[str, Callable[[int, Sequence[int]], Iterable[Row]]] = {
    "startup": startup,
    "render": render,
    "overlay": overlay,
    "live": live,
    "fleet": fleet,
    "controller": controller,
    "many": many,
    "page": page,
}


if __name__ == "__main__":
    sys.exit(main())
