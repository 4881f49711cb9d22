"""The log of requests is kept as it was declared, on files as KServe's logger writes them."""

from __future__ import annotations

import base64
import gzip
import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from mlgitops.jobs import outside
from mlgitops.jobs.payloads import REQUEST
from mlgitops.jobs.sink import Services, is_owned, main

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def logged(
    folder: Path, name: str, row: list[Any] | bytes, age: timedelta = timedelta(hours=1), service: str = "wine"
) -> Path:
    """A request as KServe's agent writes it: a file below namespace, service and component."""
    path = folder / "log/models/prefix" / service / "predictor" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(row, bytes):
        path.write_bytes(row)
    else:
        body = base64.b64encode(json.dumps({"instances": [row]}).encode()).decode()
        path.write_text(json.dumps({"bytes": body, "reqType": REQUEST, "inferenceService": service}))
    seconds = (NOW - age).timestamp()
    os.utime(path, (seconds, seconds))
    return path


def run(folder: Path, *more: str) -> int:
    given = {
        "model": "wine", "version": "1.0", "environment": "dev", "target": "local", "payloads": str(folder / "log"),
        "service": "wine", "metrics": str(folder / "sink.prom"),
    }  # fmt: skip
    return main([*(f"--{name}={value}" for name, value in given.items()), *more], NOW)


def metrics(folder: Path) -> dict[str, float]:
    """By name, and by feature and rule."""
    families = text_string_to_metric_families((folder / "sink.prom").read_text())  # type: ignore[no-untyped-call]
    samples = [sample for family in families for sample in family.samples]
    assert all(one.labels["model"] == "wine" and one.labels["version"] == "1.0" for one in samples)
    return {
        " ".join(filter(None, (one.name.removeprefix("mlgitops_payloads_"), one.labels.get("feature"),
                               one.labels.get("rule")))): one.value
        for one in samples
    }  # fmt: skip


def test_what_is_older_than_the_retention_is_deleted_and_nothing_else(tmp_path: Path) -> None:
    old = logged(tmp_path, "a-request.json", [1.0], 31 * DAY)
    old_answer = logged(
        tmp_path, "a-response.json", event(kind="org.kubeflow.serving.inference.response").encode(), 31 * DAY
    )
    kept = [
        logged(tmp_path, "b-request.json", [1.0], 29 * DAY), logged(tmp_path, "train.csv", b"a,b", 400 * DAY),
        logged(tmp_path, "c-request.json", [1.0], 31 * DAY, service="beer"),
    ]  # fmt: skip
    assert run(tmp_path, f"--retention={30 * 86_400}") == 0
    assert (old.exists(), old_answer.exists()) == (False, False)
    assert all(path.exists() for path in kept)
    found = metrics(tmp_path)
    assert (found["deleted_files"], found["files"], found["foreign_files"]) == (2, 1, 2)
    assert run(tmp_path, f"--retention={30 * 86_400}") == 0
    assert metrics(tmp_path)["deleted_files"] == 0
    assert found["oldest_timestamp_seconds"] == (NOW - 29 * DAY).timestamp()


def test_without_a_retention_nothing_is_deleted(tmp_path: Path) -> None:
    old = logged(tmp_path, "a-request.json", [1.0], 4000 * DAY)
    assert run(tmp_path) == 0
    assert old.exists()


def test_requests_of_the_window_are_held_to_the_schema(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    logged(tmp_path, "a-request.json", [0.5, "CH"])
    logged(tmp_path, "b-request.json", [1.5, "FR"])
    logged(tmp_path, "c-request.json", b"\x00no JSON")
    logged(tmp_path, "d-request.json", [9.0, "XX"], 2 * DAY)
    schema = [{"name": "share", "type": "number", "max": 1}, {"name": "country", "type": "text", "values": ["CH"]}]
    assert run(tmp_path, f"--schema={json.dumps(schema)}") == 0
    found = metrics(tmp_path)
    assert {name: value for name, value in found.items() if name.startswith("schema")} == {
        "schema_violations share range": 1, "schema_violations country value": 1,
    }  # fmt: skip
    assert (found["checked_rows"], found["unread_requests"]) == (2, 1)
    assert "2 rows checked, 1 not readable; country value in 1, share range in 1" in capsys.readouterr().out


def test_requests_that_fit_export_no_violation(tmp_path: Path) -> None:
    logged(tmp_path, "a-request.json", [0.5])
    assert run(tmp_path, '--schema=[{"name": "share", "type": "number"}]') == 0
    assert not any(name.startswith("schema") for name in metrics(tmp_path))


def event(service: str = "wine", kind: str = REQUEST) -> str:
    return json.dumps({"type": kind, "inferenceservicename": service, "data": {"instances": [[1]]}})


@pytest.mark.parametrize(
    ("content", "ours"),
    [
        (event(), True),
        (f"{event()}\n{event(kind='org.kubeflow.serving.inference.response')}\n", True),
        (f"[{event()}, {event('wine-new')}]", True),
        (f"{event()}\n{event('beer')}", False),
        (f"{event()}\n{json.dumps({'type': 'com.example.order'})}", False),
        (json.dumps({"type": REQUEST}), False),
        (f"{event()}\n[1]", False),
        (f"{event()}\nno JSON", False),
        ("[]", False),
        ("", False),
    ],
)
def test_a_file_is_the_models_only_where_everything_in_it_is(content: str, ours: bool) -> None:
    assert is_owned(content.encode(), Services(frozenset({"wine", "wine-new"}))) is ours


def test_a_folder_that_is_not_there_and_a_wrong_schema_exit_with_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(tmp_path, "--schema=no") == 1
    assert "error: the schema is not a list of features" in capsys.readouterr().err
    assert run(tmp_path, "--payloads=nothing://x") == 1


def test_a_file_that_another_run_deleted_is_no_error(tmp_path: Path) -> None:
    path = logged(tmp_path, "a-request.json", [1.0])
    (there,) = outside.listed(str(tmp_path / "log"))
    path.unlink()
    outside.delete(str(tmp_path / "log"), [there])


def test_a_gzip_file_whose_second_member_is_somebody_elses_is_not_owned() -> None:
    ours = json.dumps({"reqType": REQUEST, "inferenceService": "wine"}).encode()
    assert is_owned(gzip.compress(ours), Services(frozenset({"wine"})))
    assert not is_owned(gzip.compress(ours) + gzip.compress(b'{"precious": true}'), Services(frozenset({"wine"})))


@pytest.mark.parametrize(("namespace", "deleted"), [("dev", True), ("prod", False), ("", True)])
def test_a_log_of_several_environments_is_kept_for_each_by_itself(
    tmp_path: Path, namespace: str, deleted: bool
) -> None:
    old = logged(
        tmp_path, "a-request.json", json.dumps([json.loads(event()) | {"namespace": namespace}]).encode(), 9 * DAY
    )
    assert run(tmp_path, f"--retention={8 * 86_400}", "--namespace=dev") == 0
    assert old.exists() is not deleted
