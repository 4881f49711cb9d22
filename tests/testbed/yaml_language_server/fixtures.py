"""An editor on a project of a test's own, for a conftest.py to import."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.testbed import npm
from tests.testbed.yaml_language_server import build
from tests.testbed.yaml_language_server.client import Editor

ENVIRONMENT = dict(os.environ)  # before any test has a home and a cache of its own


@pytest.fixture(scope="session")
def language_server(pytestconfig: pytest.Config) -> Path:
    """The server's script, installed if it is not there yet."""
    with pytestconfig.pluginmanager.getplugin("capturemanager").global_and_fixture_disabled():
        return build.program(ENVIRONMENT)


@pytest.fixture
def editor(language_server: Path) -> Iterator[Callable[[Path], Editor]]:
    """``editor(root)``: an editor with that folder open, until the test ends."""
    with contextlib.ExitStack() as running:
        yield lambda root: running.enter_context(Editor(npm.node(), language_server, root))
