"""The control plane that tests share. tests/conftest.py imports these, so that one process never starts two."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.testbed import build, crds, snapshots
from tests.testbed.control_plane import ControlPlane

ENVIRONMENT = dict(os.environ)  # before any test has a home and a cache of its own


@pytest.fixture(scope="session")
def programs(pytestconfig: pytest.Config) -> dict[str, Path]:
    """The control plane's programs. Where they are built only now, one sees that it goes on."""
    with pytestconfig.pluginmanager.getplugin("capturemanager").global_and_fixture_disabled():
        return build.programs(ENVIRONMENT)


@pytest.fixture(scope="session")
def served_crds(programs: dict[str, Path], pytestconfig: pytest.Config) -> Path:
    """Etcd's data with the newest custom resources of every component."""
    with pytestconfig.pluginmanager.getplugin("capturemanager").global_and_fixture_disabled():
        return snapshots.with_crds(crds.newest(), programs, ENVIRONMENT)


@pytest.fixture(scope="session")
def control_plane(programs: dict[str, Path], served_crds: Path) -> Iterator[ControlPlane]:
    """The control plane that tests share. What a test makes in it goes with the test's ``namespace``."""
    with ControlPlane(programs, served_crds) as plane:
        yield plane


@pytest.fixture
def namespace(control_plane: ControlPlane) -> Iterator[str]:
    """A fresh namespace of the shared control plane; whatever the test made anywhere in it is removed at the end."""
    before = control_plane.checkpoint()
    yield control_plane.new_namespace()
    control_plane.reset(before)
