"""Objectives, age and worth of a model, by Prometheus' own promtool."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

pytestmark = [pytest.mark.integration, pytest.mark.promtool]

Rules = Callable[..., dict[str, Any]]
Raised = Callable[[dict[str, Any], dict[str, str], str, str], bool]

OF = 'namespace="dev-models",model="fraud-detector"'
ALL, ANSWERED = f"request_preprocess_seconds_count{{{OF}}}", f"request_postprocess_seconds_count{{{OF}}}"
OBJECTIVE = {"objectives": [{"metric": "availability", "objective": 99}]}
BUSINESS = {"business": [{"name": "saved", "query": "sum(saved) # in CHF", "floor": 5, "over": "1h"}]}


@pytest.mark.parametrize(
    ("answered", "at", "fires"),
    [
        ("0+100x500", "2h", False),
        ("0+99x500", "2h", False),  # what the objective leaves room for
        ("0+80x500", "2h", True),  # 20 times as fast as it can last
        ("0+80x60 4800+100x400", "70m", False),  # the last hour was bad, the last 5 minutes were not
        ("0+100x120 12000+0x3", "122m", False),  # the last 5 minutes are bad, the last hour was not
    ],
    ids=["none fails", "as promised", "burns", "over again", "a moment"],
)
def test_a_budget_that_burns_pages_while_it_burns_over_both_windows(
    rules: Rules, raised: Raised, answered: str, at: str, fires: bool
) -> None:
    rule = rules(**OBJECTIVE)
    for group in rule["spec"]["groups"]:
        group["rules"] = [one for one in group["rules"] if one["labels"].get("window") == "1h"]
    series = {ALL: "0+100x500", ANSWERED: answered}
    assert raised(rule, series, "ModelAvailabilityBurnRate", at) is fires


@pytest.mark.parametrize(
    ("values", "at", "fires"), [("9x200", "2h", False), ("4x200", "2h", True), ("4x200", "30m", False)]
)
def test_a_business_metric_below_its_floor_alerts_after_a_while(
    rules: Rules, raised: Raised, values: str, at: str, fires: bool
) -> None:
    assert raised(rules(**BUSINESS), {"saved": values}, "ModelBusinessMetricBelowFloor", at) is fires


def test_a_model_is_stale_once_it_is_older_than_it_may_be(rules: Rules, raised: Raised) -> None:
    """Promtool's clock begins in 1970, so that a release of today becomes stale no sooner than that."""
    rule = rules(staleness={"maxAge": "90d"})
    ((stale,),) = (group["rules"] for group in rule["spec"]["groups"])
    assert not raised(rule, {}, "ModelStale", "1h")
    trained, age = stale["expr"].removeprefix("vector(time()) - ").split(" > ")
    stale["expr"] = stale["expr"].replace(trained, f"-{age}", 1)
    assert raised(rule, {}, "ModelStale", "1h")
