"""Real data, from logged requests on: what shifted is an alert, evidence in Git and a gate that blocks."""

from __future__ import annotations

import base64
import csv
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_wine

from mlgitops.jobs import drift
from mlgitops.jobs.payloads import REQUEST
from tests.testbed.promtool.fixtures import Raised, promtool, raised, series_of

__all__ = ["promtool", "raised"]

pytestmark = pytest.mark.integration

GATES = """\
  promotion:
    gates:
      - uses: no-drift
        with: {maxAge: 1d}
"""
WATCHED = f"""\
    payloadSink:
      url: http://collector.logging
      location: s3://logs/iris
    drift:
      image: registry.example.com/drift@sha256:{"ab" * 32}
"""
CAN = """\
    argoWorkflows: "3.7.1"
    prometheusOperator: "0.85.0"
  pushgateway: http://pushgateway.monitoring:9091
"""
DEV = "environments/dev/models/iris.yaml"
EVIDENCE = "environments/dev/evidence/iris/2.0.json"


@dataclass(frozen=True)
class Looked:
    """What the job left behind, and the alerts that were rendered."""

    metrics: str
    report: Path
    rule: dict[str, Any]


@pytest.fixture
def gated(shop: Any, model_text: Callable[..., str]) -> Any:
    """Iris is watched for drift in dev, and staging takes a release only where its requests there did not drift."""
    environment = (shop.root / "environments/staging/environment.yaml").read_text()
    target = (shop.root / "targets/dev-here.yaml").read_text()
    uri = "      uri: s3://models/iris/2.0\n"
    said = f"{uri}    reference: s3://data/iris.csv\n    evidence: evidence/iris/2.0.json\n"
    dev = model_text("dev", "2.0").replace(uri, said).replace("    metrics: false\n", f"    metrics: false\n{WATCHED}")
    shop.commit({"environments/staging/environment.yaml": environment + GATES, DEV: dev,
                 "targets/dev-here.yaml": target + CAN})  # fmt: skip
    return shop


@pytest.fixture
def look(gated: Any, tmp_path: Path) -> Callable[[float], Looked]:
    """Trains on half of the wines, asks with the other half, moved by so many standard deviations, and runs the job
    that was rendered, but for where it reads and writes."""

    def run(shift: float) -> Looked:
        wines, random = load_wine(), np.random.default_rng(8)
        order = random.permutation(len(wines.data))
        trained, asked = wines.data[order[:89]], random.choice(wines.data[order[89:]], size=120)
        asked[:, 0] += shift * wines.data[:, 0].std()
        with (tmp_path / "train.csv").open("w", newline="") as file:
            csv.writer(file).writerows([wines.feature_names, *trained.tolist()])
        log(tmp_path / "log", asked)
        ran = gated.run("render", "--env", "dev", "-o", "json")
        assert ran.code == 0, ran.err
        kinds = {one["kind"]: one for one in json.loads(ran.out)["items"]}
        here = {
            "payloads": tmp_path / "log", "reference": tmp_path / "train.csv", "report": tmp_path / "drift.json",
            "metrics": tmp_path / "drift.prom", "measured": tmp_path / "measured", "pushgateway": "",
        }  # fmt: skip
        (template,) = kinds["CronWorkflow"]["spec"]["workflowSpec"]["templates"]
        arguments = [*template["container"]["args"], *(f"--{name}={value}" for name, value in here.items())]
        assert drift.main(arguments) == 0
        return Looked((tmp_path / "drift.prom").read_text(), tmp_path / "drift.json", kinds["PrometheusRule"])

    return run


def log(folder: Path, rows: Any) -> None:
    """As KServe's agent puts requests into a bucket."""
    folder.mkdir()
    for number, row in enumerate(rows.tolist()):
        tensor = {"name": "input-0", "shape": [1, len(row)], "datatype": "FP64", "data": row}
        body = base64.b64encode(json.dumps({"inputs": [tensor]}).encode()).decode()
        event = {"bytes": body, "reqType": REQUEST, "id": str(number), "inferenceService": "iris"}
        (folder / f"{number}-request.json").write_text(json.dumps(event))


def committed(shop: Any, report: Path) -> dict[str, Any]:
    """The drift that Git's evidence tells of, once the report is in it."""
    ran = shop.run("evidence", "add", "iris", "--env", "dev", "--from", str(report))
    assert ran.code == 0, ran.err
    shop.commit({EVIDENCE: (shop.root / EVIDENCE).read_text()}, "Requests of iris in dev")
    (seen,) = json.loads(shop.file(EVIDENCE))["drift"]
    return dict(seen)


def test_a_shifted_feature_is_evidence_in_git_and_a_gate_that_blocks(gated: Any, look: Any) -> None:
    seen = committed(gated, look(2.0).report)
    assert (seen["detected"], seen["drifted"]) == (True, ["alcohol"])
    ran = gated.run("promote", "iris", "--to", "staging")
    assert ran.code == 1
    assert "at dev-here, requests moved away from the training data: alcohol" in ran.err
    assert gated.open_pulls() == []


def test_the_report_comes_into_git_by_one_pull_request_that_follows_what_is_seen(gated: Any, look: Any) -> None:
    report = look(2.0).report
    asked = ("evidence", "add", "iris", "--env", "dev", "--from", str(report), "--propose")
    ran = gated.run(*asked)
    assert (ran.code, "Evidence of iris 2.0 in dev: pull request 1 opened" in ran.err) == (0, True), ran.err
    assert not (gated.root / EVIDENCE).exists()
    gated.commit({"README.md": "meanwhile"})
    data = json.loads(report.read_text())
    later = (datetime.fromisoformat(data["observedAt"]) + timedelta(seconds=1)).isoformat()
    report.write_text(json.dumps({**data, "observedAt": later}))
    ran = gated.run(*asked)
    assert "pull request 1 updated" in ran.err, ran.err
    assert gated.open_pulls() == ["evidence/dev/iris"]
    gated.merge("evidence/dev/iris")
    assert json.loads(gated.file(EVIDENCE))["drift"][0]["observedAt"] == later
    assert gated.file("README.md") == "meanwhile"
    assert "main has it already" in gated.run(*asked).err
    assert gated.run("promote", "iris", "--to", "staging").code == 1


def test_one_targets_report_takes_that_of_no_other_out_of_the_pull_request(gated: Any, look: Any) -> None:
    report = look(2.0).report
    asked = ("evidence", "add", "iris", "--env", "dev", "--from", str(report), "--propose")
    first = gated.run(*asked)
    data = json.loads(report.read_text())
    quiet = {"target": "dev-there", "detected": False, "driftedFeatures": 0, "features": []}
    report.write_text(json.dumps({**data, **quiet}))
    second = gated.run(*asked)
    assert (first.code, second.code) == (0, 0), first.err + second.err
    gated.merge("evidence/dev/iris")
    seen = {one["target"]: one["detected"] for one in json.loads(gated.file(EVIDENCE))["drift"]}
    assert seen == {"dev-here": True, "dev-there": False}
    assert gated.run("promote", "iris", "--to", "staging").code == 1


def test_resampled_data_is_neither(gated: Any, look: Any) -> None:
    assert committed(gated, look(0.0).report)["detected"] is False
    ran = gated.run("promote", "iris", "--to", "staging")
    assert ran.code == 0, ran.err
    assert gated.open_pulls() == ["promote/staging/iris"]


@pytest.mark.promtool
@pytest.mark.parametrize(("shift", "alarm"), [(2.0, True), (0.0, False)])
def test_prometheus_raises_the_alert_on_the_jobs_metrics_where_a_feature_shifted_and_not_where_none_did(
    look: Any, raised: Raised, shift: float, alarm: bool
) -> None:
    looked = look(shift)
    assert raised(looked.rule, series_of(looked.metrics), "ModelDataDrift", "10m") is alarm


@pytest.mark.promtool
def test_prometheus_raises_an_alert_where_nobody_looks(look: Any, raised: Raised) -> None:
    rule = look(0.0).rule
    of = '{model="iris",version="2.0",environment="dev",target="dev-here"}'
    last = f"mlgitops_drift_last_run_timestamp_seconds{of}"
    assert raised(rule, {}, "ModelDriftNotMeasured", "25h")
    assert not raised(rule, {}, "ModelDriftNotMeasured", "1h")
    assert raised(rule, {last: "0x2000"}, "ModelDriftNotMeasured", "25h")
    assert not raised(rule, {last: "0x2000"}, "ModelDriftNotMeasured", "23h")


def test_without_anybody_having_looked_nothing_passes(gated: Any) -> None:
    now = datetime.now(UTC).isoformat(timespec="seconds")
    evidence = {"formatVersion": "mlgitops.dev/evidence/v1", "model": "iris", "version": "2.0", "createdAt": now}
    gated.commit({EVIDENCE: json.dumps(evidence)})
    ran = gated.run("promote", "iris", "--to", "staging")
    assert (ran.code, "the evidence does not say drift" in ran.err) == (1, True), ran.err
