"""The controllers that tests share, for a conftest.py to import."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.testbed import snapshots
from tests.testbed.control_plane import ControlPlane
from tests.testbed.controllers import build
from tests.testbed.controllers.platform import CRDS, Platform

ENVIRONMENT = dict(os.environ)  # before any test has a home and a cache of its own


@pytest.fixture(scope="session")
def platform(programs: dict[str, Path], kustomize_binary: str, pytestconfig: pytest.Config) -> Iterator[Platform]:
    """One for each process that runs tests, on a control plane of its own."""
    if not build.are_there(ENVIRONMENT):
        pytest.skip("the controllers are not built: run `make test-controllers`")
    with pytestconfig.pluginmanager.getplugin("capturemanager").global_and_fixture_disabled():
        data = snapshots.with_crds(CRDS, programs, ENVIRONMENT)
    with (
        ControlPlane(programs, data) as plane,
        Platform(plane, build.programs(ENVIRONMENT), kustomize_binary) as running,
    ):
        yield running
