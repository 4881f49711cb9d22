from __future__ import annotations

import json
from typing import Any

import pytest

from mlgitops.promotion.measured import About, fields_of

DIGEST = "sha256:" + "1" * 64
ABOUT = About("iris", "2.0", DIGEST, "dev", "2026-01-03T00:00:00Z", frozenset({"loss"}))


def fields(data: Any) -> dict[str, Any]:
    return fields_of(data if isinstance(data, bytes) else json.dumps(data).encode(), ABOUT)


def running(**changes: Any) -> dict[str, Any]:
    one = {
        "owner": "Model/iris",
        "releaseDigest": DIGEST,
        "health": {"state": "ready", "since": "2026-01-01T00:00:00Z"},
    }
    return {**one, **changes}


def status(*running: dict[str, Any], error: str = "") -> dict[str, Any]:
    target = {"target": "here", "error": error, "running": list(running)}
    return {"environments": [{"environment": "dev", "targets": [target]}]}


def run(**changes: Any) -> dict[str, Any]:
    info = {"run_id": "a" * 32, "status": "FINISHED", **changes.pop("info", {})}
    return {"run": {"info": info, "data": {"metrics": [], "params": [], "tags": [], **changes}}}


def test_names_and_numbers_are_metrics() -> None:
    assert fields({"accuracy": 0.9, "loss": 1})["metrics"] == [
        {"name": "accuracy", "value": 0.9, "higherIsBetter": True},
        {"name": "loss", "value": 1, "higherIsBetter": False},
    ]


def test_fields_of_evidence_are_taken_as_they_are() -> None:
    found = fields({"metrics": {"accuracy": 0.9}, "dataDigest": DIGEST, "fairness": []})
    assert (found["dataDigest"], found["metrics"][0]["name"]) == (DIGEST, "accuracy")


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ({"accuracy": "high"}, "the metric 'accuracy' is no number"),
        ({"accuracy": True}, "is no number"),
        ({"metrics": {}, "accuracy": 0.9}, "'accuracy' is no field of evidence"),
        ([1], "no JSON object"),
        (b"not at all", "neither JSON nor XML"),
        (b"<a><b></a>", "it is no XML"),
        (b"<testsuites/>", "there is no test in it"),
        (b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "declares a document type"),
        ("<testsuite/>".encode("utf-16"), "neither JSON nor XML"),
        ({"run": {}}, "no run of MLflow's"),
        (run(info={"status": "RUNNING"}), "its status is RUNNING"),
        (status(), "iris does not run in dev"),
        (status(running(releaseDigest="other")), "another release of iris runs in dev"),
        (status(running(), error="down"), "the target here could not be read"),
        (status(running(health={"state": "ready", "since": ""})), "since when"),
    ],
)
def test_what_cannot_be_used_is_refused_with_the_reason(data: Any, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        fields(data)


def test_junit_is_counted_test_by_test() -> None:
    report = b"""<?xml version="1.0"?><testsuites><testsuite tests="99">
      <testcase name="a"/><testcase name="b"><failure/></testcase><testcase name="c"><skipped/></testcase>
      <testcase name="d"><error/><skipped/></testcase></testsuite></testsuites>"""
    assert fields(report) == {"tests": {"passed": 1, "failed": 2, "skipped": 1}}


def test_a_run_gives_its_metrics_parameters_and_tagged_digests() -> None:
    found = fields(run(
        metrics=[{"key": "loss", "value": 0.2}, {"key": "broken", "value": "NaN"}],
        params=[
            {"key": "depth", "value": "3"}, {"key": "empty", "value": ""}, {"key": "db_password", "value": "canary"},
        ],
        tags=[{"key": "mlgitops.dataDigest", "value": DIGEST}, {"key": "mlflow.user", "value": "ann"}],
    ))  # fmt: skip
    assert found == {
        "metrics": [{"name": "loss", "value": 0.2, "higherIsBetter": False}],
        "parameters": {"depth": "3"},
        "dataDigest": DIGEST,
        "source": [{"runId": "a" * 32}],
    }


def test_health_is_that_of_the_worst_target_since_the_last_one() -> None:
    later = {"state": "ready", "since": "2026-01-02T00:00:00Z"}
    found = fields(status(running(), running(health=later)))["health"]
    assert found == [{"environment": "dev", "state": "ready", "since": "2026-01-02T00:00:00Z", "observedAt": ABOUT.now}]
    worse = fields(status(running(), running(health={"state": "failed", "since": "2026-01-02T00:00:00Z"})))["health"]
    assert worse[0]["state"] == "failed"
