"""What tests on a real Kubernetes API share, besides the control plane of tests/testbed/fixtures.py."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.testbed import crds
from tests.testbed.api import Api
from tests.testbed.control_plane import ADMIN, ControlPlane
from tests.testbed.fixtures import ENVIRONMENT


def pytest_itemcollected(item: pytest.Item) -> None:
    """Marks the tests of this directory."""
    item.add_marker("kubernetes")


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
