"""Utilisation at the command line, against a Prometheus that answers as its documentation says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.testbed.prometheus import FakePrometheus, serving

POD = {"pod": "iris-predictor-7d9f8b6c5-x2x4z", "container": "kserve-container"}
OTHER = {"pod": "rose-predictor-7d9f8b6c5-x2x4z", "container": "kserve-container"}
IRIS = "environments/dev/models/iris.yaml"
PRICES = """\
  prices:
    currency: EUR
    perHour: {onprem: {source: rate card 7, asOf: 2026-11-01, resources: {cpu: 0.10, memory: 0.01}}}
"""


@pytest.fixture
def fake() -> Iterator[FakePrometheus]:
    with serving() as made:
        made.vectors = {
            "container_cpu": [(POD, "0.1"), ({**POD, "container": "queue-proxy"}, "7"), (OTHER, "9")],
            "container_memory": [(POD, str(200 * 2**20)), (OTHER, "9e9")],
        }
        yield made


@pytest.fixture
def root(project: Any, fake: FakePrometheus) -> Path:
    made: Path = project()
    target = made / "targets/here.yaml"
    target.write_text(target.read_text() + f"  prometheus: {{url: '{fake.url}', tokenFrom: PROMETHEUS_TOKEN}}\n")
    return made


def test_a_model_that_asks_for_too_much_gets_yaml_that_can_be_merged(
    run: Any, root: Path, fake: FakePrometheus, monkeypatch: pytest.MonkeyPatch
) -> None:
    (root / "mlgitops.yaml").write_text((root / "mlgitops.yaml").read_text() + PRICES)
    monkeypatch.setenv("PROMETHEUS_TOKEN", "t-4711")
    ran = run(root, "utilisation", "--env", "dev", "--window", "14d")
    assert (ran.code, ran.err) == (0, "")
    assert "here  asks for too much; cpu 0.1 of 1; memory 200Mi of 2Gi" in ran.out
    assert f"  merge into {IRIS} (saves 74.82 EUR a month):" in ran.out
    patch = "spec:\n  serving:\n    resources:\n      cpu: 150m\n      memory: 256Mi\n"
    assert patch in ran.out
    assert set(fake.tokens) == {"Bearer t-4711"}
    assert ["[14d" in query for query in fake.asked] == [True] * 3
    serving = patch.split("  serving:\n")[1]
    path = root / IRIS
    path.write_text(path.read_text().replace("  serving:\n", "  serving:\n" + serving))
    assert run(root, "validate").code == 0
    ran = run(root, "utilisation", "--env", "dev")
    assert ("here  fits" in ran.out, "merge into" in ran.out) == (True, False)


def test_the_same_as_json(run: Any, root: Path) -> None:
    found = json.loads(run(root, "utilisation", "--env", "dev", "-o", "json").out)
    assert found["formatVersion"] == "1.0"
    (one,) = found["models"]
    assert (one["verdict"], one["uses"]["cpu"], one["proposed"]["memory"]) == ("asks for too much", 0.1, 256 * 2**20)
    proposed = {"file": IRIS, "resources": {"cpu": "150m", "memory": "256Mi"}, "savedMonthly": None}
    assert found["proposals"] == {"iris": proposed}


def test_where_one_of_a_models_targets_was_left_out_there_is_no_patch(run: Any, root: Path) -> None:
    target = (root / "targets/here.yaml").read_text()
    (root / "targets/there.yaml").write_text(target.replace("name: here", "name: there").replace("s/here", "s/there"))
    environment = root / "environments/dev/environment.yaml"
    environment.write_text(environment.read_text().replace("targets: [here]", "targets: [here, there]"))
    ran = run(root, "utilisation", "--env", "dev")
    assert (ran.code, "there  asks for too much" in ran.out, "merge into" in ran.out) == (0, True, True)
    ran = run(root, "utilisation", "--env", "dev", "--target", "here")
    assert (ran.code, "no patch: it was not measured at all of its targets" in ran.out) == (0, True)
    assert "merge into" not in ran.out


def test_what_was_not_measured_is_never_idle(run: Any, root: Path, fake: FakePrometheus) -> None:
    fake.vectors = {}
    ran = run(root, "utilisation", "--env", "dev")
    assert (ran.code, "not measured: Prometheus has no samples of its pods" in ran.out) == (0, True)
    assert "merge into" not in ran.out


@pytest.mark.parametrize(("status", "code"), [(503, 1), (403, 4)])
def test_a_server_that_gives_no_answer_is_told_and_ends_so(
    run: Any, root: Path, fake: FakePrometheus, status: int, code: int
) -> None:
    fake.status = status
    ran = run(root, "utilisation", "--env", "dev")
    assert (ran.code, f"here could not be asked: Prometheus at {fake.url[7:]} answered {status}" in ran.out) == (
        code,
        True,
    )


def test_another_server_can_be_named_and_gets_no_token(
    run: Any, root: Path, fake: FakePrometheus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROMETHEUS_TOKEN", "t-4711")
    with serving() as other:
        assert run(root, "utilisation", "--env", "dev", "--prometheus", other.url).code == 0
        assert (len(other.asked), other.tokens, fake.asked) == (3, [None] * 3, [])


def test_a_target_that_names_none_is_told(run: Any, project: Any) -> None:
    ran = run(project(), "utilisation", "--env", "dev")
    assert (ran.code, "spec.prometheus" in ran.out) == (1, True)


@pytest.mark.parametrize(
    ("more", "code"),
    [(["--target", "there"], 1), (["--model", "lily"], 1), (["--window", "7 d"], 64), (["--window", "0d"], 64)],
)
def test_what_is_not_there_is_an_error(run: Any, root: Path, more: list[str], code: int) -> None:
    assert run(root, "utilisation", "--env", "dev", *more).code == code


def test_what_nobody_could_ask_is_refused_before_anybody_is_asked(run: Any, root: Path, fake: FakePrometheus) -> None:
    ran = run(root, "utilisation", "--env", "dev", "--prometheus", "localhost:9090")
    assert (ran.code, "--prometheus is http://HOST or https://HOST" in ran.err, fake.asked) == (64, True, [])
    ran = run(root, "utilisation", "--env", "dev", "--model", "irsi")
    assert (ran.code, fake.asked) == (1, [])
    assert "error: no model 'irsi' serves all the time in dev\nhelp: did you mean 'iris'? one of: iris" in ran.err
