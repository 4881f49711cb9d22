"""A Prometheus for a conftest.py to import: ``from tests.testbed.prometheus_server.fixtures import prometheus``."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.testbed.prometheus_server import build
from tests.testbed.prometheus_server.server import Prometheus

ENVIRONMENT = dict(os.environ)  # before any test has a home and a cache of its own


@pytest.fixture(scope="session")
def prometheus_program(pytestconfig: pytest.Config) -> Path:
    """The server's program. Where it is built only now, one sees that it goes on."""
    with pytestconfig.pluginmanager.getplugin("capturemanager").global_and_fixture_disabled():
        return build.program(ENVIRONMENT)


@pytest.fixture
def prometheus(prometheus_program: Path) -> Iterator[Prometheus]:
    """One of the test's own, that nothing was scraped by yet."""
    with Prometheus(prometheus_program) as running:
        yield running


@pytest.fixture(scope="session")
def running_prometheus(prometheus_program: Path) -> Iterator[Prometheus]:
    """One that tests share, see ``shared_prometheus``."""
    with Prometheus(prometheus_program) as running:
        yield running


@pytest.fixture
def shared_prometheus(running_prometheus: Prometheus) -> Iterator[Prometheus]:
    """One that scrapes nothing yet, but has recorded what it scraped for other tests; sooner there than one's own."""
    yield running_prometheus
    running_prometheus.clear()
