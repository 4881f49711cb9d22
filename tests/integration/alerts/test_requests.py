"""Bursts of errors, missing traffic and the upkeep of logged requests, by Prometheus' own promtool."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Rules = Callable[..., dict[str, Any]]
Raised = Callable[[dict[str, Any], dict[str, str], str, str], bool]

OF = 'namespace="dev-models",model="fraud-detector"'
ALL, ANSWERED = f"request_preprocess_seconds_count{{{OF}}}", f"request_postprocess_seconds_count{{{OF}}}"
BURST = {"errorBurst": {"share": 2.5, "over": "10m"}}
MISSING = {"missingTraffic": {"after": "90m"}}
JOB = 'model="fraud-detector",version="1.4.0",environment="dev",target="aws-dev"'
LAST = f"mlgitops_payloads_last_run_timestamp_seconds{{{JOB}}}"
BROKEN = f'mlgitops_payloads_schema_violations{{{JOB},feature="amount",rule="range"}}'
SINK = {
    "url": "http://collector.example.com",
    "location": "s3://requests/fraud",
    "upkeep": {"image": "example.com/jobs:1", "retention": "30d", "features": [{"name": "amount", "max": 1}]},
}


@pytest.mark.parametrize(
    ("series", "fires"),
    [
        ({ALL: "0+100x60", ANSWERED: "0+100x60"}, False),
        ({ALL: "0+100x60", ANSWERED: "0+98x60"}, False),
        ({ALL: "0+100x60", ANSWERED: "0+97x60"}, True),
        ({ALL: "0+100x60"}, True),
        ({ALL: "0+1x60"}, False),
        ({}, False),
    ],
    ids=["none fails", "2 percent fail", "3 percent fail", "all fail", "all of too few fail", "none comes"],
)
def test_a_burst_is_raised_where_enough_requests_fail(
    rules: Rules, raised: Raised, series: dict[str, str], fires: bool
) -> None:
    assert raised(rules(**BURST), series, "ModelErrorBurst", "40m") is fires


@pytest.mark.parametrize(
    ("series", "at", "fires"),
    [
        ({ALL: "0+1x300"}, "200m", False),
        ({ALL: "0+10x30 300x200"}, "100m", False),
        ({ALL: "0+10x30 300x200"}, "140m", True),
        ({ALL: "0+10x30"}, "140m", True),
        ({}, "89m", False),
        ({}, "91m", True),
    ],
    ids=["a few come", "not for long", "for long", "no pod is scraped any more", "not yet", "none ever came"],
)
def test_missing_traffic_is_raised_where_none_came_for_long(
    rules: Rules, raised: Raised, series: dict[str, str], at: str, fires: bool
) -> None:
    assert raised(rules(**MISSING), series, "ModelTrafficMissing", at) is fires


@pytest.mark.parametrize("served", ["mlflow", "onnx"])
def test_what_other_runtimes_count_by_is_promql(rules: Rules, raised: Raised, served: str) -> None:
    rule = rules(served, **BURST, **MISSING)
    assert raised(rule, {}, "ModelTrafficMissing", "2h")
    assert not raised(rule, {}, "ModelErrorBurst", "2h")


@pytest.mark.parametrize(
    ("series", "alert", "at", "fires"),
    [
        ({LAST: "0x4000"}, "ModelPayloadsNotKept", "47h", False),
        ({LAST: "0x4000"}, "ModelPayloadsNotKept", "49h", True),
        ({}, "ModelPayloadsNotKept", "47h", False),
        ({}, "ModelPayloadsNotKept", "49h", True),
        ({LAST: "0x60", BROKEN: "3x60"}, "ModelPayloadSchema", "30m", True),
        ({LAST: "0x60"}, "ModelPayloadSchema", "30m", False),
    ],
    ids=["ran", "ran long ago", "never ran, not for long", "never ran", "rows do not fit", "rows fit"],
)
def test_the_upkeep_of_logged_requests_is_watched(
    rules: Rules, raised: Raised, series: dict[str, str], alert: str, at: str, fires: bool
) -> None:
    assert raised(rules(payloadSink=SINK), series, alert, at) is fires
