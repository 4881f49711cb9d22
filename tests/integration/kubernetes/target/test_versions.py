"""This repository's environments on clusters that serve just what their targets declare: older KServes, too."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.testbed import crds, snapshots
from tests.testbed.control_plane import ControlPlane
from tests.testbed.fixtures import ENVIRONMENT

ROOT = Path(__file__).resolve().parents[4]
KSERVE = re.compile(r'kserve: "(\d+\.\d+)\.')
DECLARED = {path.stem: KSERVE.findall(path.read_text())[0] for path in sorted((ROOT / "targets").glob("*.yaml"))}
OLDER = sorted(set(DECLARED.values()) - {max(DECLARED.values())})
"""The newest is what the other tests have."""

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module", params=OLDER)
def older(request: pytest.FixtureRequest, programs: dict[str, Path]) -> Iterator[tuple[str, ControlPlane]]:
    """A version of KServe, and a cluster that serves it."""
    names = [f"kserve-{request.param}" if name.startswith("kserve-") else name for name in crds.newest()]
    with ControlPlane(programs, snapshots.with_crds(names, programs, ENVIRONMENT)) as plane:
        yield request.param, plane


def test_every_target_of_an_older_kserve_is_applied_as_planned_and_then_has_no_changes(
    older: tuple[str, ControlPlane], run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    version, plane = older
    monkeypatch.setenv("KUBECONFIG", str(plane.kubeconfig))
    targets = [name for name, declared in DECLARED.items() if declared == version]
    assert targets
    for target in targets:
        before = plane.checkpoint()  # the targets of one environment share a namespace
        asked = ("--env", target.rpartition("-")[2], "--target", target)
        code, said, wrong = run("apply", *asked, "--yes", "--no-wait", "--no-progress")
        assert (code, wrong) == (0, ""), said
        code, said, _ = run("plan", *asked, "--detailed-exitcode")
        assert (code, "No changes." in said) == (0, True), said
        with plane.audit.recording() as recorded:
            assert run("apply", *asked, "--yes", "--no-wait")[0] == 0
            assert run("drift", *asked)[0] == 0
        assert recorded.mutating() == []
        plane.reset(before)
