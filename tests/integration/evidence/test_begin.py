"""``mlgitops evidence begin``: what a training run writes down before there is a release."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mlgitops.cli.main import exit_code

pytestmark = pytest.mark.integration


@pytest.fixture
def begin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder without a project, with metrics in it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "metrics.json").write_text(
        json.dumps({"metrics": {"accuracy": 0.97, "logLoss": 0.11}, "parameters": {"penalty": "l2"}})
    )
    return tmp_path


ARGUMENTS = ("evidence", "begin", "iris", "--version=2.0", "--from=metrics.json", "--to=evidence.json")


def test_it_is_written_without_a_project(begin: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code([*ARGUMENTS, "--at-least=accuracy=0.9", "--at-most=logLoss=0.3"]) == 0
    assert "iris 2.0" in capsys.readouterr().out
    written = json.loads((begin / "evidence.json").read_text())
    assert written["formatVersion"] == "mlgitops.dev/evidence/v1"
    assert (written["model"], written["version"], written["parameters"]) == ("iris", "2.0", {"penalty": "l2"})
    assert written["metrics"] == [
        {"name": "accuracy", "value": 0.97, "higherIsBetter": True, "threshold": 0.9},
        {"name": "logLoss", "value": 0.11, "higherIsBetter": False, "threshold": 0.3},
    ]


def test_it_fails_out_of_bounds_and_says_by_how_much(begin: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code([*ARGUMENTS, "--at-least=accuracy=0.99", "--at-least=recall=0.5"]) == 1
    told = capsys.readouterr().err
    assert "out of bounds: accuracy is 0.97, and must be at least 0.99\n" in told
    assert "out of bounds: recall was not measured\n" in told
    assert (begin / "evidence.json").exists()


@pytest.mark.parametrize("bound", ["accuracy", "accuracy=", "=0.9", "accuracy=good", "accuracy=nan", "accuracy=inf"])
def test_a_bound_is_a_metric_and_a_number(begin: Path, capsys: pytest.CaptureFixture[str], bound: str) -> None:
    assert exit_code([*ARGUMENTS, f"--at-least={bound}"]) == 64
    assert "is not METRIC=NUMBER" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("[1]", "metrics.json cannot be used as evidence: it holds no JSON object"),
        ('{"parameters": {"password": "s3cr3t-s3cr3t-s3cr3t"}}', "the parameter 'password' is not written down"),
        ('{"metrics": {"accuracy": "good"}}', "the metric 'accuracy' is no number"),
    ],
)
def test_what_is_no_evidence_is_refused(
    begin: Path, capsys: pytest.CaptureFixture[str], content: str, told: str
) -> None:
    (begin / "metrics.json").write_text(content)
    assert exit_code(list(ARGUMENTS)) == 1
    assert told in capsys.readouterr().err
    assert not (begin / "evidence.json").exists()


def test_a_version_that_is_none_is_refused(begin: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code([*ARGUMENTS[:3], "--version=two words", *ARGUMENTS[4:]]) == 1
    assert "this is no evidence: version" in capsys.readouterr().err
