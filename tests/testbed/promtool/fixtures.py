"""Alerts as Prometheus raises them: ``from tests.testbed.promtool.fixtures import promtool, raised``."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.testbed.promtool import build

ENVIRONMENT = dict(os.environ)  # before any test has a home and a cache of its own

Raised = Callable[[Mapping[str, Any], Mapping[str, str], str, str], bool]


@pytest.fixture(scope="session")
def promtool(pytestconfig: pytest.Config) -> Path:
    with pytestconfig.pluginmanager.getplugin("capturemanager").global_and_fixture_disabled():
        return build.program(ENVIRONMENT)


@pytest.fixture
def raised(promtool: Path, tmp_path: Path) -> Raised:
    """``raised(rule, {'up{job="a"}': "1x60"}, "Alert", "1h")``: whether the alert of a PrometheusRule fires by then.

    Series are in promtool's notation, a value a minute. Raises ``AssertionError`` for rules that are none.
    """

    def ask(rule: Mapping[str, Any], series: Mapping[str, str], name: str, at: str) -> bool:
        (tmp_path / "rules.json").write_text(json.dumps({"groups": rule["spec"]["groups"]}))
        _run(promtool, tmp_path, "check", "rules", "rules.json")
        test = {
            "interval": "1m",
            "input_series": [{"series": one, "values": values} for one, values in series.items()],
            "alert_rule_test": [{"eval_time": at, "alertname": name, "exp_alerts": []}],
        }
        given = {"rule_files": ["rules.json"], "evaluation_interval": "1m", "tests": [test]}
        (tmp_path / "test.json").write_text(json.dumps(given))
        done = subprocess.run(
            [promtool, "test", "rules", "test.json"], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        told = done.stdout + done.stderr
        assert done.returncode in (0, 1), told
        assert done.returncode == 0 or "alertname" in told, told
        return done.returncode == 1

    return ask


def _run(promtool: Path, folder: Path, *arguments: str) -> None:
    done = subprocess.run([promtool, *arguments], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def series_of(metrics: str, values: Callable[[str], str] = lambda value: f"{value}x60") -> dict[str, str]:
    """Series that stay as metrics in the OpenMetrics text format say, for promtool."""
    samples: Sequence[str] = [line for line in metrics.splitlines() if line and not line.startswith("#")]
    return {line.rpartition(" ")[0]: values(line.rpartition(" ")[2]) for line in samples}
