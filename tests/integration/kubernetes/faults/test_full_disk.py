"""A disk that is full, or takes no long files: nothing is half written, and nothing is written to the cluster."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.testbed import full_disk
from tests.testbed.command import Ran
from tests.testbed.scene import Scene

LIMITS = (0, 1, 512, 4_096)
"""Bytes; too few for the plan, and in the end for any file at all."""


def named(*names: str) -> list[dict[str, Any]]:
    return [{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}} for name in names]


def run(scene: Scene, limit: int, *arguments: str) -> Ran:
    """The command with an empty cache, which could spare it from writing anything."""
    environment = scene.variables() | {"XDG_CACHE_HOME": str(scene.root.with_name(f"cache-{limit}"))}
    return full_disk.run(limit, [*arguments], scene.root, environment)


@pytest.fixture
def changed(scene: Scene) -> Scene:
    """What is applied has changed in Git since."""
    scene.models("iris")
    scene.objects(*named("a", "b", "c", "goes"))
    scene.commit()
    scene.applied()
    scene.objects(*named("a", "b", "c", "comes"))
    scene.commit()
    return scene


def assert_said(ran: Ran) -> None:
    assert (ran.code, ran.err.count("error: "), "Traceback" in ran.err) == (1, 1, False), ran.said


@pytest.mark.parametrize("limit", LIMITS)
def test_a_plan_is_saved_whole_or_not_at_all(changed: Scene, limit: int) -> None:
    before = files(changed.root)
    with changed.recording() as recorded:
        assert_said(run(changed, limit, "plan", "--env", "dev", "-o", "json=plan.json"))
        assert files(changed.root) == before
        assert changed.run("apply", "plan.json").code == 1
    assert recorded.mutating() == []


def test_a_plan_that_cannot_be_saved_leaves_the_older_one(changed: Scene) -> None:
    assert changed.run("plan", "--env", "dev", "-o", "json=plan.json").code == 0
    saved = (changed.root / "plan.json").read_bytes()
    changed.objects(*named("a", "b", "c", "other"))
    changed.commit()
    ran = run(changed, len(saved) // 2, "plan", "--env", "dev", "-o", "json=plan.json")
    assert_said(ran)
    assert "plan.json cannot be written: File too large" in ran.err
    assert (changed.root / "plan.json").read_bytes() == saved


@pytest.mark.parametrize("limit", LIMITS[:3])
def test_an_apply_that_needs_a_file_writes_nothing_to_the_cluster(changed: Scene, limit: int) -> None:
    before = changed.state()
    with changed.recording() as recorded:
        assert_said(run(changed, limit, "apply", "--env", "dev", "--yes", "--no-wait"))
    assert recorded.mutating() == []
    assert changed.state() == before


def test_an_apply_that_needs_no_file_does_without_a_cache(scene: Scene) -> None:
    scene.models("iris", "rose")
    scene.commit()
    ran = run(scene, 0, "apply", "--env", "dev", "--yes", "--no-wait")
    assert ran.code == 0, ran.said
    assert scene.members() == {"iris", "rose"}


def files(root: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in root.rglob("*") if path.is_file() and ".git" not in path.parts}
