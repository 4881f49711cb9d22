"""Alerts on requests that fail in a burst, and on requests that do not come."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from mlgitops.manifest import in_order
from mlgitops.render import monitoring
from mlgitops.spec.side_by_side import side_by_side

WATCHED: dict[str, Any] = {"errorBurst": {"share": 2.5, "over": "10m"}, "missingTraffic": {"after": "90m"}}
GOVERNANCE = {"runbook": "https://runbooks.example.com/fraud"}


@pytest.fixture
def rules(resolved_model: Any) -> Callable[..., dict[str, dict[str, Any]]]:
    """Renders a model; gives its alerting rules by name."""

    def render(**model: Any) -> dict[str, dict[str, Any]]:
        found = monitoring.render(resolved_model(monitoring=WATCHED, governance=GOVERNANCE, **model))
        groups = [group for one in found if one["kind"] == "PrometheusRule" for group in one["spec"]["groups"]]
        return {rule["alert"]: rule for group in groups for rule in group["rules"]}

    return render


@pytest.mark.parametrize("fmt", ["sklearn", "mlflow", "onnx"])
def test_as_it_was_reviewed(
    resolved_model: Any, golden: Callable[[str, str], None], manifests_text: Any, fmt: str
) -> None:
    model = resolved_model(serving={"format": fmt}, monitoring=WATCHED, governance=GOVERNANCE)
    found = [one for one in in_order(monitoring.render(model)) if one["kind"] == "PrometheusRule"]
    golden(f"render/request-alerts-{fmt}.yaml", manifests_text(found))


def test_they_say_which_model_version_and_place_and_where_the_runbook_is(rules: Any) -> None:
    found = rules(environment="prod", release={"version": "2.0"})
    assert list(found) == ["ModelErrorBurst", "ModelTrafficMissing"]
    for rule in found.values():
        place = {"model": "fraud-detector", "version": "2.0", "environment": "prod", "target": "aws-prod"}
        assert place.items() <= rule["labels"].items()
        assert rule["annotations"]["runbook_url"] == GOVERNANCE["runbook"]


def test_a_burst_needs_enough_requests_to_be_one(rules: Any) -> None:
    expression = rules()["ModelErrorBurst"]["expr"]
    share, enough = expression.split("\nand\n")
    assert share.endswith("> 0.025")
    assert enough.endswith(" * 600 >= 20")
    assert expression.count("[10m]") == 3


def test_missing_traffic_holds_for_as_long_as_is_asked(rules: Any) -> None:
    rule = rules()["ModelTrafficMissing"]
    assert rule["for"] == "1h30m"
    assert rule["expr"].endswith(" or vector(0)) == 0")


def test_what_is_not_asked_for_is_not_rendered(resolved_model: Any) -> None:
    assert [one["kind"] for one in monitoring.render(resolved_model(monitoring={}))] == ["PodMonitor"]


def test_of_two_releases_each_may_burst_and_traffic_is_that_of_both(resolved_model: Any) -> None:
    stable = {"version": "1.3.0", "artifact": {"uri": "s3://models/fraud/1.3.0"}}
    rollout = {"strategy": "canary", "stable": stable}
    model = resolved_model(monitoring=WATCHED, rollout=rollout)
    assert side_by_side(model) is not None
    found = [one for one in monitoring.render(model) if one["kind"] == "PrometheusRule"]
    rules = [rule for one in found for group in one["spec"]["groups"] for rule in group["rules"]]
    bursts = [rule for rule in rules if rule["alert"] == "ModelErrorBurst"]
    assert [f'version="{rule["labels"]["version"]}"' in rule["expr"] for rule in bursts] == [True, True]
    (missing,) = (rule for rule in rules if rule["alert"] == "ModelTrafficMissing")
    assert "version=" not in missing["expr"]
