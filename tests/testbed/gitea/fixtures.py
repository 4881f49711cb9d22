"""The Gitea that tests share, for a conftest.py to import: ``from tests.testbed.gitea.fixtures import gitea``."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.testbed.gitea import build
from tests.testbed.gitea.server import Gitea

ENVIRONMENT = dict(os.environ)  # before any test has a home and a cache of its own


@pytest.fixture(scope="session")
def gitea(pytestconfig: pytest.Config) -> Iterator[Gitea]:
    """One Gitea for each process that runs tests. A test makes its own users and repositories in it."""
    if not build.can_be_had(ENVIRONMENT):
        pytest.skip("there is no Gitea, and no gcc to build it: install gcc, or name one by GITEA_BINARY")
    with pytestconfig.pluginmanager.getplugin("capturemanager").global_and_fixture_disabled():
        program = build.program(ENVIRONMENT)
    with Gitea(program) as running:
        yield running
