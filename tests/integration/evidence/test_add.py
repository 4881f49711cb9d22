"""``evidence add``: from files and from an MLflow server, into the file beside the spec."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mlgitops.cli.main import exit_code
from tests.fakes.mlflow import RUN, FakeMlflow

pytestmark = pytest.mark.integration
EVIDENCE = "environments/dev/evidence/iris/1.0.json"
DIGEST = "sha256:" + "ab" * 32


def add(root: Path, *more: str) -> int:
    return exit_code(["evidence", "add", "iris", "--root", str(root), "--env", "dev", *more])


def given(path: Path, content: Any) -> str:
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return str(path)


@pytest.fixture
def root(project: Any) -> Path:
    made: Path = project()
    return made


def test_metrics_and_tests_go_into_one_file_and_what_was_there_stays(
    root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    metrics = given(tmp_path / "metrics.json", {"accuracy": 0.93, "loss": 0.2})
    assert add(root, "--from", metrics, "--lower-is-better", "loss", "--data-digest", DIGEST) == 0
    assert "the release names no evidence" in capsys.readouterr().err
    junit = given(tmp_path / "junit.xml", "<testsuite><testcase name='a'/></testsuite>")
    assert add(root, "--from", junit) == 0
    written = json.loads((root / EVIDENCE).read_text())
    assert [(one["name"], one["higherIsBetter"]) for one in written["metrics"]] == [("accuracy", True), ("loss", False)]
    assert written["tests"] == {"passed": 1, "failed": 0, "skipped": 0}
    assert [one["file"] for one in written["source"]] == ["metrics.json", "junit.xml"]
    assert written["dataDigest"] == DIGEST


def test_adding_the_same_again_changes_no_byte(root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    metrics = given(tmp_path / "metrics.json", {"accuracy": 0.93})
    assert add(root, "--from", metrics) == 0
    before = (root / EVIDENCE).read_bytes()
    assert add(root, "--from", metrics) == 0
    assert (root / EVIDENCE).read_bytes() == before
    assert "unchanged" in capsys.readouterr().err


def test_a_run_is_read_from_its_server(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with FakeMlflow() as server:
        server.authorization = "Bearer canary-9"
        monkeypatch.setenv("MLFLOW_TRACKING_URI", server.url)
        monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", "canary-9")
        assert add(root, "--mlflow-run", f"runs:/{RUN}") == 0
        url = server.url
    written = (root / EVIDENCE).read_text()
    evidence = json.loads(written)
    assert (evidence["metrics"][0]["value"], evidence["parameters"]) == (0.93, {"max_depth": "4"})
    assert evidence["source"] == [{"runId": RUN, "uri": f"{url}/#/runs/{RUN}"}]
    assert evidence["dataUntil"] == "2026-11-01T00:00:00Z"
    told = capsys.readouterr()
    assert "canary-9" not in written + told.out + told.err


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ({"accuracy": "high"}, "metrics.json cannot be used as evidence: the metric 'accuracy' is no number"),
        ({"latency": {"p50": 1}}, "metrics.json cannot be used as evidence: latency.p95"),
        ("{", "neither JSON nor XML"),
        ({"parameters": {"api_key": "canary-5"}, "tests": {"passed": 1, "failed": 0}}, "the parameter 'api_key'"),
        ({"card": "javascript:alert(1)"}, "card: "),
    ],
)
def test_what_cannot_be_used_writes_nothing(
    root: Path, tmp_path: Path, content: Any, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert add(root, "--from", given(tmp_path / "metrics.json", content)) == 1
    shown = capsys.readouterr().err
    assert told in shown
    assert "canary-5" not in shown
    assert not (root / EVIDENCE).exists()


def test_evidence_of_another_release_is_not_overwritten(
    root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    metrics = given(tmp_path / "metrics.json", {"accuracy": 0.93})
    assert add(root, "--from", metrics) == 0
    model = root / "environments/dev/models/iris.yaml"
    model.write_text(model.read_text().replace("iris/1.0", "iris/other"))
    assert add(root, "--from", metrics) == 1
    assert "releaseDigest is sha256:" in capsys.readouterr().err


def test_a_file_that_is_a_link_is_not_written_through(root: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside.json"
    (root / EVIDENCE).parent.mkdir(parents=True)
    (root / EVIDENCE).symlink_to(outside)
    assert add(root, "--from", given(tmp_path / "metrics.json", {"accuracy": 0.93})) == 1
    assert not outside.exists()


def test_hostile_names_are_shown_inert(root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    hostile = {"metrics": [{"name": "\u202e::error::##vso[task] ghp_" + "a" * 36, "value": 1}]}
    assert add(root, "--from", given(tmp_path / "metrics.json", hostile), "--dry-run") == 0
    told = capsys.readouterr()
    for bad in ("\u202e", "##vso[", "\n::error", "ghp_aaaa"):
        assert bad not in told.out + told.err
    assert not (root / EVIDENCE).exists()


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["--env", "dev"], 64, "there is nothing to add"),
        (["--env", "deb", "--card", "https://x.example"], 1, "did you mean 'dev'?"),
    ],
)
def test_what_is_asked_wrongly_is_told(
    root: Path, arguments: list[str], code: int, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert exit_code(["evidence", "add", "iris", "--root", str(root), *arguments]) == code
    assert told in capsys.readouterr().err


def test_a_model_that_is_not_there_is_told_with_the_one_that_was_meant(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["evidence", "add", "irsi", "--root", str(root), "--env", "dev", "--card", "https://x.example"]
    assert exit_code(arguments) == 1
    assert "did you mean 'iris'?" in capsys.readouterr().err
