"""A Groovy that tests share, for a conftest.py to import."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.testbed.groovy import build

ENVIRONMENT = dict(os.environ)  # before any test has a home and a cache of its own
RUN = Path(__file__).with_name("run.groovy")
RUN_SECONDS = 120.0

Groovy = Callable[..., list[dict[str, Any]]]


@pytest.fixture(scope="session")
def groovy(pytestconfig: pytest.Config) -> Groovy:
    """``groovy("call", path, "mlgitops(job: 'check')", ...)`` or ``groovy("parse", path, ...)``: run.groovy's answers.

    A start takes seconds, so that a test gives all that it has to ask at once.
    """
    with pytestconfig.pluginmanager.getplugin("capturemanager").global_and_fixture_disabled():
        jars = build.jars(ENVIRONMENT)
    java = build.java(ENVIRONMENT)

    def ran(*arguments: str) -> list[dict[str, Any]]:
        done = subprocess.run(
            [java, "-XX:TieredStopAtLevel=1", "-cp", f"{jars}/*", "groovy.ui.GroovyMain", str(RUN), *arguments],
            capture_output=True, text=True, check=False, timeout=RUN_SECONDS,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        told: list[dict[str, Any]] = json.loads(done.stdout)
        return told

    return ran
