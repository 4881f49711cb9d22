"""The cache at the command line: it changes nothing but time, whatever is done to it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

IRIS = "environments/dev/models/iris.yaml"
VERBS = (["render"], ["validate", "-o", "json"], ["plan", "-o", "json"], ["explain", "model.spec.serving", "--value"])


@pytest.fixture
def held(home: Path) -> Callable[[], list[Path]]:
    """The files that the cache holds now."""
    return lambda: sorted(path for path in (home / ".cache").rglob("*") if path.is_file())


def outputs(run: Any, root: Path, *options: str) -> list[tuple[int, str]]:
    """What each verb prints."""
    made = (run(root, *verb, *options) for verb in VERBS)
    return [(ran.code, ran.out) for ran in made]


def garbage(files: list[Path]) -> None:
    for path in files:
        path.write_bytes(os.urandom(200))


def nothing(files: list[Path]) -> None:
    for path in files:
        path.write_bytes(b"")


def cut_short(files: list[Path]) -> None:
    for path in files:
        path.write_bytes(path.read_bytes()[:-1])


def one_bit(files: list[Path]) -> None:
    for path in files:
        content = bytearray(path.read_bytes())
        content[-1] ^= 1
        path.write_bytes(content)


def exchanged(files: list[Path]) -> None:
    contents = [path.read_bytes() for path in files]
    for path, content in zip(files, [*contents[1:], contents[0]], strict=True):
        path.write_bytes(content)


def folders(files: list[Path]) -> None:
    for path in files:
        path.unlink()
        path.mkdir()


@pytest.mark.parametrize("harm", [garbage, nothing, cut_short, one_bit, exchanged, folders])
def test_a_harmed_entry_is_never_believed(
    run: Any, project: Any, held: Any, harm: Callable[[list[Path]], None]
) -> None:
    root = project()
    first = outputs(run, root)
    entries = held()
    assert len(entries) > 4
    harm(entries)
    assert outputs(run, root) == first == outputs(run, root)


def test_an_entry_of_another_state_is_never_believed(run: Any, project: Any, held: Any) -> None:
    root = project()
    before = run(root, "render").out
    stale = {path: path.read_bytes() for path in held()}
    (root / IRIS).write_text((root / IRIS).read_text().replace("max: 3", "max: 4"))
    now = run(root, "render").out
    assert now == before.replace("maxReplicas: 3", "maxReplicas: 4")
    for path in held():
        if path not in stale:
            path.write_bytes(next(iter(stale.values())))
    assert run(root, "render").out == now


def test_the_second_run_prints_the_same_bytes_and_adds_nothing(run: Any, project: Any, held: Any) -> None:
    root = project()
    first, entries = outputs(run, root), held()
    assert outputs(run, root) == first
    assert held() == entries


def test_without_the_cache_the_output_is_the_same_and_nothing_is_kept(run: Any, project: Any, held: Any) -> None:
    root = project()
    without = outputs(run, root, "--no-cache")
    assert held() == []
    assert outputs(run, root) == without
    for path in held():
        path.write_bytes(b"x")
    spoilt = held()
    assert outputs(run, root, "--no-cache") == without
    assert [path.read_bytes() for path in spoilt] == [b"x"] * len(spoilt)


def test_findings_are_found_again_from_the_cache(run: Any, project: Any) -> None:
    root = project()
    (root / IRIS).write_text((root / IRIS).read_text().replace("max: 3", "max: 5000"))
    first = run(root, "validate")
    assert (first.code, run(root, "validate")) == (1, first)
    (root / IRIS).write_text((root / IRIS).read_text().replace("max: 5000", "max: 3"))
    assert run(root, "validate").code == 0


def test_the_same_content_elsewhere_has_its_own_place_in_findings(run: Any, project: Any) -> None:
    root = project()
    wrong = (root / IRIS).read_text().replace("max: 3", "max: 5000")
    for name in ("iris", "rose"):
        (root / f"environments/dev/models/{name}.yaml").write_text(wrong.replace("name: iris", f"name: {name}"))
    run(root, "validate")
    (root / "environments/dev/models/rose.yaml").rename(root / "environments/dev/models/tulip.yaml")
    out = run(root, "validate").out
    assert "environments/dev/models/tulip.yaml:14:12" in out
    assert "rose.yaml" not in out


def test_two_projects_do_not_disturb_each_other(run: Any, project: Any) -> None:
    one, two = project(name="one"), project(name="two")
    (two / IRIS).write_text((two / IRIS).read_text().replace("max: 3", "max: 4"))
    assert "maxReplicas: 3" in run(one, "render").out
    assert "maxReplicas: 4" in run(two, "render").out
    assert "maxReplicas: 3" in run(one, "render").out


def test_a_cache_that_cannot_be_written_is_no_error(run: Any, project: Any, home: Path) -> None:
    root = project()
    without = outputs(run, root, "--no-cache")
    shutil.rmtree(home / ".cache", ignore_errors=True)
    (home / ".cache").write_text("in the way")
    assert outputs(run, root) == without


def test_it_is_known_what_is_live_though_the_rendering_is_cached(run: Any, project: Any) -> None:
    root = project()
    run(root, "apply", "--env", "dev", "--yes")
    assert run(root, "plan", "--detailed-exitcode").code == 0
    shutil.rmtree(root / "clusters")
    assert run(root, "plan", "--detailed-exitcode").code == 2
