"""What utilisation asks, evaluated over series by Prometheus' own promtool."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from mlgitops.capacity.queries import queries

pytestmark = [pytest.mark.integration, pytest.mark.promtool]

POD = "iris-predictor-7d9f8b6c5-x2x4z"
OWN = f'namespace="prod",pod="{POD}",container="kserve-container"'
SERIES = {
    f'container_cpu_usage_seconds_total{{{OWN},cpu="total",id="a"}}': "0+30x120",
    'container_cpu_usage_seconds_total{namespace="other",pod="x",container="main"}': "0+60x120",
    f'container_cpu_usage_seconds_total{{namespace="prod",pod="{POD}",container="queue-proxy"}}': "0+60x120",
    f"container_memory_working_set_bytes{{{OWN}}}": "100x60 900 200x59",
    f'DCGM_FI_DEV_GPU_UTIL{{exported_namespace="prod",exported_pod="{POD}",namespace="gpu",pod="dcgm"}}': "40x120",
    'DCGM_FI_DEV_GPU_UTIL{namespace="prod",pod="other"}': "20x120",
}


def test_the_queries_give_one_value_for_each_pod_and_container(promtool: Path, tmp_path: Path) -> None:
    asked, container = queries("prod", "1h"), f'{{pod="{POD}",container="kserve-container"}}'
    expected: dict[str, dict[str, float]] = {
        asked.cpu: {container: 0.5},
        asked.memory: {container: 900},
        asked.accelerator: {f'{{pod="{POD}"}}': 0.4, '{pod="other"}': 0.2},
    }
    tests = [
        {
            "expr": expression, "eval_time": "2h",
            "exp_samples": [{"labels": labels, "value": value} for labels, value in samples.items()],
        }
        for expression, samples in expected.items()
    ]  # fmt: skip
    series = [{"series": name, "values": values} for name, values in SERIES.items()]
    whole = {"interval": "1m", "input_series": series, "promql_expr_test": tests}
    path = tmp_path / "tests.yaml"
    path.write_text(json.dumps({"evaluation_interval": "1m", "tests": [whole]}))
    ran = subprocess.run([promtool, "test", "rules", path], capture_output=True, text=True, timeout=120, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
