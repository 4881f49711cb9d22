"""A real Kubernetes API for every test of this directory, started once for each process that runs tests."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.testbed import build, crds, snapshots
from tests.testbed.api import Api
from tests.testbed.control_plane import ADMIN, ControlPlane

ENVIRONMENT = dict(os.environ)  # before any test has a home and a cache of its own


def pytest_itemcollected(item: pytest.Item) -> None:
    """Marks the tests of this directory."""
    item.add_marker("kubernetes")


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


@pytest.fixture(scope="session")
def definitions() -> Callable[[str], list[crds.Definition]]:
    """``definitions(name)``: the custom resource definitions of a component of crds.toml."""
    return lambda name: crds.definitions(name, ENVIRONMENT)


@pytest.fixture
def admin(control_plane: ControlPlane) -> Iterator[Api]:
    """The shared control plane as whoever has its kubeconfig sees it; unlike the test's own, this one is audited."""
    api = Api(control_plane.apiserver.access(ADMIN))
    yield api
    api.close()


@pytest.fixture
def bare(programs: dict[str, Path]) -> Iterator[ControlPlane]:
    """A control plane of the test's own, with nothing in it."""
    with ControlPlane(programs) as plane:
        yield plane


@pytest.fixture
def namespace(control_plane: ControlPlane) -> Iterator[str]:
    """A fresh namespace of the shared control plane; whatever the test made anywhere in it is removed at the end."""
    before = control_plane.checkpoint()
    yield control_plane.new_namespace()
    control_plane.reset(before)
