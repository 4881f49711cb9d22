"""The catalogue, applied to a real cluster with the whole command: every way to serve and to train, on every cloud."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.testbed.control_plane import ControlPlane

ROOT = Path(__file__).resolve().parents[4] / "docs" / "catalogue"
TARGETS = [path.stem for path in sorted((ROOT / "targets").glob("*.yaml"))]

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def origin() -> Path:
    """The catalogue's project."""
    return ROOT


@pytest.mark.parametrize("target", TARGETS)
def test_what_the_catalogue_applies_to_a_cloud_is_accepted_and_then_there_are_no_changes(
    cluster: ControlPlane, run: Run, target: str
) -> None:
    asked = ("--env", "dev", "--target", target)
    code, said, wrong = run("apply", *asked, "--yes", "--no-wait", "--no-progress")
    assert (code, wrong) == (0, ""), said
    code, said, _ = run("plan", *asked, "--detailed-exitcode")
    assert (code, "No changes." in said) == (0, True), said
    with cluster.audit.recording() as recorded:
        assert run("apply", *asked, "--yes", "--no-wait")[0] == 0
        assert run("drift", *asked)[0] == 0
    assert recorded.mutating() == []
