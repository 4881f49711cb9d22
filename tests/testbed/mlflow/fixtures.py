"""The MLflow that tests share, for a conftest.py to import."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.testbed.mlflow import build
from tests.testbed.mlflow.server import MlflowServer

ENVIRONMENT = dict(os.environ)  # before any test has a home and a cache of its own


@pytest.fixture(scope="session")
def mlflow_server(pytestconfig: pytest.Config) -> Iterator[MlflowServer]:
    """One server for each process that runs tests, with nothing in it."""
    with pytestconfig.pluginmanager.getplugin("capturemanager").global_and_fixture_disabled():
        python = build.python(ENVIRONMENT)
    with MlflowServer(python) as running:
        yield running
