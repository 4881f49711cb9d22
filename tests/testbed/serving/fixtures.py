"""The model server that tests share, for a conftest.py to import."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.testbed.serving import build
from tests.testbed.serving.server import ModelServer

ENVIRONMENT = dict(os.environ)  # before any test has a home and a cache of its own


@pytest.fixture(scope="session")
def model_server(pytestconfig: pytest.Config) -> Iterator[ModelServer]:
    """One server for each process that runs tests; its model is called iris."""
    with pytestconfig.pluginmanager.getplugin("capturemanager").global_and_fixture_disabled():
        python = build.python(ENVIRONMENT)
    with ModelServer(python) as running:
        yield running
