"""Rules of a rollout by steps."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from pydantic import ValidationError

from mlgitops.check import rollout_steps
from mlgitops.spec.resolve import Resolution
from mlgitops.spec.rollout import Measure, RolloutStep

GATEWAY = {"name": "public", "namespace": "ingress", "hostname": "{model}.models.example.com"}
STANDARD: dict[str, Any] = {
    "components": {"gatewayApi": "1.3.0", "prometheusOperator": "0.85.0"},
    "serving": {"gateway": GATEWAY},
    "prometheus": {"url": "http://prometheus.monitoring:9090"},
}
KNATIVE: dict[str, Any] = {
    "serving": {"deploymentMode": "Knative"},
    "components": {"prometheusOperator": "0.85.0"},
    "prometheus": {"url": "http://prometheus.monitoring:9090"},
}
STABLE: dict[str, Any] = {"version": "1.3.2", "artifact": {"uri": "s3://example-models/fraud/1.3.2"}}
ERRORS = {"name": "errors", "of": "errors", "max": 1}
ANALYSIS: dict[str, Any] = {"measures": [ERRORS]}
STEPS: list[dict[str, Any]] = [{"weight": 5, "hold": "10m"}, {"weight": 50, "hold": "1h"}]


@pytest.fixture
def places(resolved_model: Any) -> Any:
    """The codes and pointers of the findings about a rollout by steps."""

    def found(rollout: Any, target: Any = STANDARD, **model: Any) -> list[tuple[str, str]]:
        whole = {"strategy": "canary", "stable": STABLE, "analysis": ANALYSIS, "steps": STEPS, **rollout}
        resolved = resolved_model(rollout=whole, target=target, **model)
        return [(finding.code, finding.pointer) for finding in rollout_steps.check(resolved)]

    return found


def test_steps_with_an_analysis_have_no_findings(places: Any) -> None:
    assert places({}) == []
    assert places({"steps": [{"mirror": 20, "hold": "5m"}, *STEPS]}) == []
    assert places({"stable": None}) == []


@pytest.mark.parametrize(
    ("rollout", "found"),
    [
        ({"steps": []}, ("rollout-steps-missing", "spec.rollout.analysis")),
        ({"strategy": "rolling"}, ("rollout-steps-unused", "spec.rollout.steps")),
        ({"strategy": "shadow"}, ("rollout-steps-unused", "spec.rollout.steps")),
        ({"steps": list(reversed(STEPS))}, ("rollout-steps-order", "spec.rollout.steps.1.weight")),
        (
            {"steps": [{"weight": 5, "mirror": 20, "hold": "5m"}]},
            ("rollout-mirror-weight", "spec.rollout.steps.0.mirror"),
        ),
        ({"canary": {"weight": 5}}, ("rollout-weight-twice", "spec.rollout.canary.weight")),
        ({"analysis": None}, ("rollout-not-analysed", "spec.rollout.steps")),
    ],
)
def test_what_leads_nowhere_is_found_where_it_is_written(places: Any, rollout: Any, found: tuple[str, str]) -> None:
    assert places(rollout) == [found]


def test_knative_copies_no_requests(places: Any) -> None:
    assert places({}, KNATIVE) == []
    steps = [{"mirror": 20, "hold": "5m"}]
    assert places({"steps": steps}, KNATIVE) == [("rollout-needs-standard", "spec.rollout.steps.0.mirror")]


def test_an_analysis_needs_a_prometheus_and_metrics(places: Any) -> None:
    without = {**STANDARD, "prometheus": None}
    assert places({}, without) == [("rollout-prometheus-missing", "spec.rollout.analysis")]
    assert places({}, monitoring={"metrics": False}) == [("rollout-not-measurable", "spec.rollout.analysis")]


def test_what_the_runtime_does_not_export_cannot_be_measured(places: Any) -> None:
    triton = {"format": "onnx", "runtime": "kserve-tritonserver", "protocol": "v2"}
    slow = {"name": "slow", "of": "latency", "threshold": "250ms", "max": 1}
    found = places({"analysis": {"measures": [slow]}}, serving=triton)
    assert found == [("rollout-not-measurable", "spec.rollout.analysis.measures.0.of")]
    between = {**slow, "threshold": "260ms"}
    found = places({"analysis": {"measures": [between]}})
    assert found == [("rollout-not-measurable", "spec.rollout.analysis.measures.0.threshold")]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"of": "errors"}, "give a bound"),
        ({"of": "latency", "max": 1}, "of: latency takes threshold: add it"),
        ({"of": "errors", "threshold": "1s", "max": 1}, "threshold is for measures of latency: remove it"),
        ({"of": "query", "max": 1}, "of: query takes query: add it"),
        ({"of": "predictions", "max": 0.2}, "of: predictions takes histogram: add it"),
        ({"of": "predictions", "histogram": "score", "maxRatio": 2}, "compares both releases already"),
    ],
)
def test_a_measure_says_what_it_lacks(fields: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        Measure.model_validate({"name": "one", **fields})


def test_copies_need_a_gateway_api_that_knows_them(places: Any) -> None:
    older = {**STANDARD, "components": {**STANDARD["components"], "gatewayApi": "1.2.0"}}
    at = "spec.rollout.steps.0.mirror"
    assert places({"steps": [{"mirror": 20, "hold": "5m"}]}, older) == [("component-too-old", at)]
    assert places({"steps": [{"mirror": 100, "hold": "5m"}]}, older) == []


def test_names_of_measures_and_what_stands_in_queries_are_looked_at(places: Any) -> None:
    query = {"name": "own", "of": "query", "query": 'sum(up{version="$verison"}) + ${model}', "max": 1}
    found = places({"analysis": {"counted": "$requests", "measures": [query, {**ERRORS, "name": "own"}]}})
    assert sorted(found) == [
        ("duplicate-measure", "spec.rollout.analysis.measures.1.name"),
        ("unknown-placeholder", "spec.rollout.analysis.counted"),
        ("unknown-placeholder", "spec.rollout.analysis.measures.0.query"),
    ]


def test_a_step_that_exposes_nothing_is_refused() -> None:
    with pytest.raises(ValidationError, match="give weight or mirror"):
        RolloutStep.model_validate({"hold": "1m"})


def test_the_targets_of_an_environment_have_the_same_steps(resolved_model: Any) -> None:
    def found(*steps: Any) -> list[tuple[str, str]]:
        models = []
        for number, each in enumerate(steps):
            rollout = {"strategy": "canary" if each else "rolling", "stable": STABLE, "steps": each}
            model = resolved_model(rollout=rollout, target=STANDARD)
            models.append(replace(model, place=replace(model.place, target=f"target-{number}")))
        resolution = Resolution("prod", None, None, {}, tuple(models), (), (), frozenset())
        return [(finding.code, finding.pointer) for finding in rollout_steps.check_environment(resolution)]

    assert found(STEPS, STEPS) == []
    assert found(STEPS, []) == []
    assert found(STEPS, STEPS, STEPS[1:]) == [("rollout-steps-differ", "spec.rollout.steps")]


@pytest.mark.parametrize(
    ("measure", "compares"),
    [
        ({"name": "errors", "of": "errors", "max": 1}, False),
        ({"name": "errors", "of": "errors", "maxRatio": 2}, True),
        ({"name": "score", "of": "predictions", "histogram": "fraud_score", "max": 0.2}, True),
    ],
)
def test_what_is_compared_needs_a_stable_release_that_answers(places: Any, measure: Any, compares: bool) -> None:
    steps = [*STEPS, {"weight": 100, "hold": "1h"}]
    found = places({"steps": steps, "analysis": {"measures": [measure]}})
    assert found == ([("rollout-not-measurable", "spec.rollout.steps.2.weight")] if compares else [])
