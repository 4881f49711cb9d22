"""What the catalogue shows is taken by the controllers that it is for, and runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.testbed.control_plane import ControlPlane

ROOT = Path(__file__).resolve().parents[5] / "docs" / "catalogue"
TARGETS = [path.stem for path in sorted((ROOT / "targets").glob("*.yaml")) if "knative" not in path.stem]
"""Those of which all controllers run here: Knative and Training Operator v1 do not."""
RUN_HERE = ("InferenceService", "LLMInferenceService", "InferenceGraph", "TrainJob")
"""Kinds whose controllers run."""

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def origin() -> Path:
    """The catalogue's project."""
    return ROOT


@pytest.mark.parametrize("target", TARGETS)
def test_what_is_applied_becomes_ready_and_a_second_plan_says_no_changes(
    cluster: ControlPlane, run: Run, target: str
) -> None:
    asked = ("--env", "dev", "--target", target)
    rendered = list(objects(run, *asked))
    selected = (*asked, *(part for kind, name in rendered if kind in RUN_HERE for part in selection(kind, name)))
    code, said, wrong = run("apply", *selected, "--yes", "--timeout", "2m", "--no-progress")
    assert code == 0, said + wrong
    code, said, _ = run("plan", *selected, "--detailed-exitcode")
    assert (code, "No changes." in said) == (0, True), said
    assert run("drift", *selected)[0] == 0


def objects(run: Run, *asked: str) -> Iterator[tuple[str, str]]:
    """Kind and name of everything that is rendered."""
    code, said, wrong = run("render", *asked, "-o", "json")
    assert code == 0, wrong
    items: list[dict[str, Any]] = orjson.loads(said)["items"]
    return ((one["kind"], one["metadata"]["name"]) for one in items)


def selection(kind: str, name: str) -> tuple[str, str]:
    """What selects one object."""
    return "--select", f"{kind}/{name}"
