"""Facts about a release that passes every gate, to be changed one at a time."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from mlgitops.promotion.gates import Capacity, Facts, GateResult, Side, evaluate
from mlgitops.spec.promotion import Gate
from mlgitops.spec.quantities import amount
from tests.fakes.model_signing import signed_model

KEY, SIGNATURE, DIGEST = signed_model({"MLmodel": b"iris", "model.pkl": b"2.0"})
RELEASE: dict[str, Any] = {
    "version": "2.0",
    "artifact": {"uri": "s3://models/iris/2.0", "digest": DIGEST},
    "image": f"example.com/iris@{DIGEST}",
    "trainingRun": "run-7",
    "sourceCommit": "c" * 40,
    "dataDigest": DIGEST,
    "trainedAt": "2026-11-01T00:00:00Z",
    "signature": {
        "inputs": [{"name": "x", "datatype": "FP32", "shape": [-1, 4]}],
        "outputs": [{"name": "y", "datatype": "INT64", "shape": [-1]}],
    },
}
EVIDENCE: dict[str, Any] = {
    "artifactSignature": SIGNATURE,
    "dataDigest": DIGEST,
    "dataUntil": "2026-10-20T00:00:00Z",
    "metrics": [
        {"name": "accuracy", "value": 0.95, "higherIsBetter": True},
        {"name": "loss", "value": 0.2, "higherIsBetter": False},
    ],
    "latency": {"p50": 5.0, "p95": 40.0, "p99": 90.0, "throughput": 100.0, "errorRate": 0.001, "requests": 1000},
    "fairness": [{"name": "equal-opportunity", "attribute": "age", "gap": 0.03}],
    "explainability": {"uri": "s3://models/iris/shap", "method": "shap"},
    "tests": {"passed": 12, "failed": 0, "skipped": 1},
    "health": [
        {
            "environment": "dev",
            "state": "ready",
            "since": "2026-11-20T00:00:00Z",
            "observedAt": "2026-11-24T08:00:00Z",
        }
    ],
    "drift": [
        {
            "environment": "dev",
            "target": "here",
            "detected": False,
            "features": 4,
            "driftedFeatures": 0,
            "rows": 500,
            "measure": "psi",
            "threshold": 0.2,
            "since": "2026-11-23T08:00:00Z",
            "observedAt": "2026-11-24T08:00:00Z",
        }
    ],
}
GATES: dict[str, dict[str, Any]] = {
    "digest-pinned": {},
    "signed": {"keys": [KEY]},
    "provenance-complete": {},
    "metric-floor": {"metric": "accuracy", "min": 0.9},
    "not-worse-than-champion": {"metric": "accuracy", "by": 0.01},
    "latency-p95": {"max": "50ms"},
    "latency-p99": {"max": "100ms"},
    "error-rate": {"max": 0.01},
    "fairness": {"maxGap": 0.05},
    "explainability": {"methods": ["shap"]},
    "model-card": {},
    "licence": {"allowed": ["Apache-2.0"]},
    "tests-passed": {},
    "no-drift": {"maxAge": "2d"},
    "data-fresh": {"maxAge": "60d"},
    "model-fresh": {"maxAge": "30d"},
    "soaked": {"hours": 48},
    "signature-compatible": {},
    "capacity": {"max": {"cpu": "8"}},
    "change-window": {},
    "freeze": {},
}
"""Every built-in gate with parameters that the facts above meet."""


def _facts() -> Facts:
    running = copy.deepcopy(EVIDENCE)
    running["metrics"][0]["value"] = 0.94
    return Facts(
        model="iris", environment="prod", source="dev", now=datetime(2026, 11, 24, 9, 0, tzinfo=UTC),
        candidate=Side(copy.deepcopy(RELEASE), copy.deepcopy(EVIDENCE)),
        champion=Side({**copy.deepcopy(RELEASE), "version": "1.0"}, running),
        governance={"card": "https://example.com/card", "licence": "Apache-2.0", "fairness": []},
        arrived=datetime(2026, 11, 20, tzinfo=UTC),
        zones={"UTC": UTC, "Europe/Zurich": ZoneInfo("Europe/Zurich")},
        capacity=(Capacity("here", {"cpu": amount("6")}), Capacity("there", {"cpu": amount("8")})),
    )  # fmt: skip


@pytest.fixture
def facts() -> Facts:
    """Facts that meet every gate of ``parameters``."""
    return _facts()


@pytest.fixture(scope="session")
def parameters() -> Mapping[str, Mapping[str, Any]]:
    """Every built-in gate with parameters that the facts meet."""
    return GATES


Judge = Callable[..., GateResult]


@pytest.fixture
def judge(facts: Facts) -> Judge:
    """``judge("metric-floor", {"min": 0.9}, evidence={...}, release={...}, champion=None)``: one gate's result.

    ``evidence`` and ``release`` are merged over the candidate's at their top level; None takes a key away.
    """

    def made(
        uses: str,
        given: Mapping[str, Any] | None = None,
        *,
        release: Mapping[str, Any] | None = None,
        evidence: Mapping[str, Any] | None = None,
        **changes: Any,
    ) -> GateResult:
        candidate = Side(_over(facts.candidate.release, release), _over(facts.candidate.evidence, evidence))
        changed = replace(facts, **{"candidate": candidate, **changes})
        gate = Gate.model_validate({"uses": uses, "with": dict(GATES[uses] if given is None else given)})
        return evaluate([gate], changed)[-1]

    return made


def _over(base: Mapping[str, Any] | None, changes: Mapping[str, Any] | None) -> dict[str, Any]:
    return {key: value for key, value in {**(base or {}), **(changes or {})}.items() if value is not None}
