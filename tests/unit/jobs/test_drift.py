from __future__ import annotations

import base64
import csv
import io
import json
import os
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import numpy as np
import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from mlgitops.jobs.drift import main
from mlgitops.jobs.outside import address
from mlgitops.jobs.payloads import REQUEST

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
Data = tuple[list[str], Any]


def write_reference(path: Path, names: list[str], table: Any) -> None:
    text = io.StringIO()
    csv.writer(text).writerows([names, *table.tolist()])
    path.write_text(text.getvalue(), "utf-8")


def log(folder: Path, table: Any, name: str = "a", service: str = "wine", at: datetime = NOW) -> None:
    """As KServe's agent puts them into a bucket: a file a request, with a body of version 2."""
    folder.mkdir(parents=True, exist_ok=True)
    for index, row in enumerate(table.tolist()):
        tensor = {"name": "input-0", "shape": [1, len(row)], "datatype": "FP64", "data": row}
        body = base64.b64encode(json.dumps({"inputs": [tensor]}).encode()).decode()
        file = folder / f"{name}-{index}-request.json"
        file.write_text(json.dumps({"bytes": body, "reqType": REQUEST, "id": str(index), "inferenceService": service}))
        os.utime(file, (at.timestamp() - 60, at.timestamp() - 60))


def run(folder: Path, *more: str) -> int:
    given = {
        "model": "wine", "version": "1.0", "release-digest": "sha256:" + "a" * 64, "environment": "dev",
        "target": "local", "payloads": str(folder / "log"), "reference": str(folder / "train.csv"), "service": "wine",
        "report": str(folder / "drift.json"), "metrics": str(folder / "drift.prom"),
    }  # fmt: skip
    return main([*(f"--{name}={value}" for name, value in given.items()), *more], NOW)


def metrics(folder: Path) -> dict[str, float]:
    """Those of the model as a whole, by name."""
    families = text_string_to_metric_families((folder / "drift.prom").read_text())  # type: ignore[no-untyped-call]
    samples = [sample for family in families for sample in family.samples if "feature" not in sample.labels]
    return {sample.name: sample.value for sample in samples}


@pytest.fixture
def scene(tmp_path: Path, wine: Data, random: np.random.Generator) -> tuple[Path, Any]:
    """A folder with the reference data, and rows that were not in it."""
    names, table = wine
    order = random.permutation(len(table))
    write_reference(tmp_path / "train.csv", names, table[order[:89]])
    return tmp_path, table[order[89:]]


def test_a_shifted_feature_is_told_in_report_and_metrics(
    scene: tuple[Path, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    folder, rows = scene
    rows[:, 0] += 2
    log(folder / "log", rows)
    assert run(folder) == 0
    report = json.loads((folder / "drift.json").read_text())
    assert report["detected"] is True
    assert [one["name"] for one in report["features"] if one["drifted"]] == ["alcohol"]
    assert (report["rows"], report["requests"], report["observedAt"]) == (89, 89, "2026-11-25T12:00:00Z")
    assert metrics(folder)["mlgitops_drift_detected"] == 1
    assert "drifted: alcohol (psi" in capsys.readouterr().out


def test_nothing_is_told_of_rows_of_the_same_kind(scene: tuple[Path, Any], capsys: pytest.CaptureFixture[str]) -> None:
    folder, rows = scene
    log(folder / "log", rows)
    assert run(folder) == 0
    assert json.loads((folder / "drift.json").read_text())["detected"] is False
    assert metrics(folder)["mlgitops_drift_detected"] == 0
    assert "nothing drifted" in capsys.readouterr().out


def test_requests_before_the_window_and_of_other_services_do_not_count(scene: tuple[Path, Any]) -> None:
    folder, rows = scene
    log(folder / "log", rows)
    rows[:, 0] += 2
    log(folder / "log", rows, "old", at=NOW - timedelta(days=2))
    log(folder / "log", rows, "other", service="another")
    assert run(folder) == 0
    report = json.loads((folder / "drift.json").read_text())
    assert (report["rows"], report["detected"]) == (89, False)


def test_too_few_requests_are_no_verdict(scene: tuple[Path, Any], capsys: pytest.CaptureFixture[str]) -> None:
    folder, rows = scene
    log(folder / "log", rows[:5])
    assert run(folder, f"--measured={folder / 'measured'}") == 0
    assert (folder / "measured").read_text() == "false"
    assert json.loads((folder / "drift.json").read_text())["measured"] is False
    assert "mlgitops_drift_detected" not in metrics(folder)
    assert "too few" in capsys.readouterr().out


def test_requests_that_cannot_be_read_are_counted(scene: tuple[Path, Any]) -> None:
    folder, rows = scene
    log(folder / "log", rows)
    (folder / "log" / "broken.json").write_text("{")
    os.utime(folder / "log" / "broken.json", (NOW.timestamp(), NOW.timestamp()))
    assert run(folder) == 0
    assert metrics(folder)["mlgitops_drift_unread_requests"] == 1


@pytest.mark.parametrize("what", ["reference", "every request"])
def test_what_cannot_be_read_at_all_is_an_error_in_words(
    what: str, scene: tuple[Path, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    folder, rows = scene
    log(folder / "log", rows)
    if what == "reference":
        (folder / "train.csv").unlink()
    else:
        for file in (folder / "log").iterdir():
            file.write_text("{")
            os.utime(file, (NOW.timestamp(), NOW.timestamp()))
    assert run(folder) == 1
    assert capsys.readouterr().err.startswith("error: ")
    assert not (folder / "drift.json").exists()


def test_metrics_replace_those_of_the_model_at_the_pushgateway(scene: tuple[Path, Any]) -> None:
    folder, rows = scene
    log(folder / "log", rows)
    got: list[tuple[str, str, str]] = []

    class Gateway(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            got.append((self.command, self.path, body))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Gateway)
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    try:
        assert run(folder, f"--pushgateway=http://127.0.0.1:{server.server_port}") == 0
    finally:
        server.shutdown()
        server.server_close()
    ((command, path, body),) = got
    assert command == "PUT"
    parts = path.removeprefix("/metrics/").split("/")
    assert dict(zip(parts[::2], parts[1::2], strict=True)) == {
        "job": "mlgitops-drift", "model": "wine", "environment": "dev", "target": "local",
    }  # fmt: skip
    assert "mlgitops_drift_detected{" in body


def test_a_pushgateway_that_is_not_there_is_an_error_after_the_files_were_written(
    scene: tuple[Path, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    folder, rows = scene
    log(folder / "log", rows)
    assert run(folder, "--pushgateway=http://127.0.0.1:9") == 1
    assert "does not take the metrics" in capsys.readouterr().err
    assert (folder / "drift.json").exists()


@pytest.mark.parametrize("option", ["--significance=1", "--window=0", "--threshold=nan"])
def test_numbers_that_mean_nothing_are_refused(option: str, tmp_path: Path) -> None:
    with pytest.raises(SystemExit):
        run(tmp_path, option)


def test_azures_own_address_is_read_by_the_one_that_fsspec_knows() -> None:
    assert address("https://acc.blob.core.windows.net/logs/a/b") == "abfs://logs@acc.dfs.core.windows.net/a/b"
    assert address("s3://logs/a") == "s3://logs/a"


def test_one_request_of_another_shape_spoils_no_other(scene: tuple[Path, Any]) -> None:
    folder, rows = scene
    log(folder / "log", rows)
    odd = {"inputs": [{"name": "other", "shape": [1, 2], "datatype": "FP64", "data": [1, 2]}]}
    body = base64.b64encode(json.dumps(odd).encode()).decode()
    file = folder / "log/odd-request.json"
    file.write_text(json.dumps({"bytes": body, "reqType": REQUEST, "id": "odd", "inferenceService": "wine"}))
    os.utime(file, (NOW.timestamp() - 60, NOW.timestamp() - 60))
    assert run(folder) == 0
    report = json.loads((folder / "drift.json").read_text())
    assert (report["detected"], report["rows"]) == (False, len(rows) + 1)
    assert {one["missing"] for one in report["features"]} == {1 - len(rows) / (len(rows) + 1)}


def test_requests_in_another_namespace_do_not_count(scene: tuple[Path, Any]) -> None:
    folder, rows = scene
    log(folder / "log", rows)
    for file in list((folder / "log").iterdir())[:40]:
        file.write_text(json.dumps({**json.loads(file.read_text()), "namespace": "prod"}))
        os.utime(file, (NOW.timestamp() - 60, NOW.timestamp() - 60))
    assert run(folder, "--namespace=dev") == 0
    assert json.loads((folder / "drift.json").read_text())["rows"] == len(rows) - 40
