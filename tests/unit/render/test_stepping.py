"""How a rollout is to go, as the controller gets it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from mlgitops.progressive.terms import Server, Step, from_json, to_json
from mlgitops.render.rendering import Rendering, TargetRendering
from mlgitops.render.rendering import from_json as rendering_from_json
from mlgitops.render.rendering import to_json as rendering_to_json
from mlgitops.render.stepping import stepping, terms_of

GATEWAY = {"name": "public", "namespace": "ingress", "hostname": "{model}.models.example.com"}
TARGET: dict[str, Any] = {
    "components": {"gatewayApi": "1.3.0", "prometheusOperator": "0.85.0"},
    "serving": {"gateway": GATEWAY},
    "prometheus": {"url": "http://prometheus.monitoring:9090", "tokenFrom": "PROMETHEUS_TOKEN"},
}
STABLE: dict[str, Any] = {"version": "1.3.2", "artifact": {"uri": "s3://example-models/fraud/1.3.2"}}
MEASURES: list[dict[str, Any]] = [
    {"name": "errors", "of": "errors", "max": 1, "maxRatio": 1.5},
    {"name": "slow", "of": "latency", "threshold": "250ms", "max": 2},
    {"name": "score", "of": "predictions", "histogram": "fraud_score", "max": 0.2},
    {"name": "stopped", "of": "query", "query": 'sum(rate(stopped_total{version="$version"}[$window]))', "minRatio": 1},
]
ROLLOUT: dict[str, Any] = {
    "strategy": "canary",
    "stable": STABLE,
    "steps": [{"mirror": 20, "hold": "90s"}, {"weight": 5, "hold": "10m"}],
    "analysis": {"interval": "30s", "window": "2m", "measures": MEASURES},
}


@pytest.fixture
def terms(resolved_model: Any) -> Any:
    def made(target: Any = TARGET, **rollout: Any) -> Any:
        return terms_of(resolved_model(rollout={**ROLLOUT, **rollout}, target=target))

    return made


def test_steps_are_in_seconds_and_name_what_shares_requests_out(terms: Any) -> None:
    found = terms()
    assert found.steps == (Step(0, 20, 90.0), Step(5, 0, 600.0))
    assert found.bearer == ("HTTPRoute", "fraud-detector-traffic")
    assert (found.instance, found.stable) == ("fraud-detector-canary", "1.3.2")
    assert found.server == Server("http://prometheus.monitoring:9090", "PROMETHEUS_TOKEN")


def test_on_knative_the_service_shares_requests_out(terms: Any) -> None:
    found = terms({**TARGET, "serving": {"deploymentMode": "Knative"}}, steps=[{"weight": 5, "hold": "1m"}])
    assert (found.bearer, found.instance) == (("InferenceService", "fraud-detector"), "fraud-detector")


def test_each_measure_asks_about_both_releases(terms: Any) -> None:
    errors, slow, score, stopped = terms().analysis.measures
    assert 'version="1.3.2"' in errors.stable
    assert 'version="1.3.2"' not in errors.new
    assert (errors.max, errors.max_ratio, errors.min) == (1.0, 1.5, None)
    assert 'le="0.25"' in slow.new
    assert score.histogram
    assert score.new.startswith("sum by (le) (increase(fraud_score_bucket{")
    assert stopped.stable == 'sum(rate(stopped_total{version="1.3.2"}[2m]))'


def test_requests_are_counted_and_metrics_must_be_fresh(terms: Any) -> None:
    analysis = terms().analysis
    assert analysis.counted.endswith("* 120")
    assert 'version="1.3.2"' in analysis.beside
    assert 'version="1.3.2"' not in analysis.counted
    assert "timestamp(up{" in analysis.age
    assert (analysis.interval, analysis.oldest) == (30.0, 120.0)


def test_other_releases_or_steps_are_another_rollout(terms: Any) -> None:
    same, later = terms(), terms(steps=[{"weight": 5, "hold": "11m"}])
    other = terms(stable={**STABLE, "version": "1.3.1"})
    assert same.identity == terms(analysis=None).identity
    assert len({same.identity, later.identity, other.identity}) == 3


def test_without_steps_or_a_stable_release_there_is_none(terms: Any, resolved_model: Any) -> None:
    assert terms(steps=[]) is None
    assert terms(stable=None) is None
    assert stepping([resolved_model()]) == {}


def test_terms_are_kept_in_a_cache_with_their_rendering(terms: Any) -> None:
    found = terms()
    assert from_json(to_json(found)) == found
    target = TargetRendering("aws-dev", {"kubernetes": {}}, (), rollouts=(found, replace(found, analysis=None)))
    rendering = Rendering("shop", "dev", (target,))
    assert rendering_from_json(rendering_to_json(rendering)) == rendering
