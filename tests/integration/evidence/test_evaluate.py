"""``evaluate`` against KServe's own server with a scikit-learn model that it trained, and against servers that fail."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mlgitops.cli.main import exit_code

pytestmark = pytest.mark.integration
EVIDENCE = "environments/dev/evidence/iris/1.0.json"


def evaluate(root: Path, url: str, golden: Path, *more: str) -> int:
    return exit_code([
        "evaluate", "iris", "--root", str(root), "--env", "dev", "--url", url, "--golden", str(golden), *more,
    ])  # fmt: skip


@pytest.mark.serving
@pytest.mark.parametrize("protocol", ["v2", "v1"])
def test_a_real_server_is_measured_and_the_evidence_is_written(
    protocol: str, model_server: Any, golden: Callable[..., Path], project: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    root = project()
    code = evaluate(root, model_server.url, golden(protocol), "--requests", "40", "--concurrency", "4")
    assert code == 0, capsys.readouterr()
    written = json.loads((root / EVIDENCE).read_text())
    latency = written["latency"]
    assert (latency["requests"], latency["errorRate"], latency["concurrency"]) == (40, 0.0, 4)
    assert 0 < latency["p50"] <= latency["p95"] <= latency["p99"] < 30_000
    assert latency["throughput"] > 0
    assert written["metrics"] == [{"name": "golden-agreement", "value": 1.0, "higherIsBetter": True}]
    assert written["source"][0]["uri"] == model_server.url
    assert (written["model"], written["version"]) == ("iris", "1.0")


@pytest.mark.serving
@pytest.mark.parametrize("protocol", ["v2", "v1"])
def test_wrong_answers_of_a_real_server_are_told_and_counted(
    protocol: str, model_server: Any, golden: Callable[..., Path], project: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    root = project()
    code = evaluate(root, model_server.url, golden(protocol, [0, 2, 2, 2]), "--requests", "8")
    told = capsys.readouterr()
    assert code == 1
    assert "2 x line 4:" in told.err
    assert "is 1, not 2" in told.err
    written = json.loads((root / EVIDENCE).read_text())
    assert (written["latency"]["errorRate"], written["metrics"][0]["value"]) == (0.25, 0.75)


@pytest.mark.serving
def test_a_model_that_the_server_does_not_have_writes_nothing(
    model_server: Any, golden: Callable[..., Path], project: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    root = project()
    code = evaluate(root, model_server.url, golden("v2"), "--name", "other", "--requests", "4")
    assert code == 1
    assert "the model answered nothing: the server answered 404" in capsys.readouterr().err
    assert not (root / EVIDENCE).exists()


def test_where_nobody_listens_nothing_is_written(
    golden: Callable[..., Path], project: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    root = project()
    assert evaluate(root, f"http://127.0.0.1:{port}", golden("v2"), "--requests", "4") == 1
    assert "it could not be connected to" in capsys.readouterr().err
    assert not (root / EVIDENCE).exists()


def test_an_address_with_a_login_is_refused_without_showing_it(
    golden: Callable[..., Path], project: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert evaluate(project(), "http://ann:canary-7f3@127.0.0.1:1", golden("v2")) == 1
    told = capsys.readouterr()
    assert "neither a login nor a query" in told.err
    assert "canary-7f3" not in told.out + told.err
