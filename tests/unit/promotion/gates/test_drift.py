from __future__ import annotations

from typing import Any

import pytest

from mlgitops.promotion.gates import Facts, Verdict


def seen(facts: Facts, **changes: Any) -> dict[str, Any]:
    assert facts.candidate.evidence is not None
    return {**facts.candidate.evidence["drift"][0], **changes}


def test_drift_at_one_of_two_targets_blocks_and_is_named(judge: Any, facts: Facts) -> None:
    there = seen(facts, target="there", detected=True, driftedFeatures=1, drifted=["age"])
    result = judge("no-drift", evidence={"drift": [seen(facts), there]})
    assert (result.verdict, result.value) == (Verdict.BLOCK, "1 drifted")
    assert result.message == "at there, requests moved away from the training data: age"


def test_many_features_are_not_all_named(judge: Any, facts: Facts) -> None:
    names = [f"f{index}" for index in range(9)]
    result = judge("no-drift", evidence={"drift": [seen(facts, detected=True, driftedFeatures=9, drifted=names)]})
    assert result.message.endswith("f0, f1, f2, f3, f4 and 4 more")


@pytest.mark.parametrize("observed", ["2026-11-20T08:00:00Z", "2027-01-01T00:00:00Z"])
def test_what_was_seen_long_ago_or_will_be_seen_does_not_count(judge: Any, facts: Facts, observed: str) -> None:
    assert judge("no-drift", evidence={"drift": [seen(facts, observedAt=observed)]}).verdict is Verdict.BLOCK


def test_what_one_of_two_targets_will_see_does_not_count(judge: Any, facts: Facts) -> None:
    later = seen(facts, target="there", observedAt="2027-01-01T00:00:00Z")
    assert judge("no-drift", evidence={"drift": [seen(facts)]}).verdict is Verdict.OK
    assert judge("no-drift", evidence={"drift": [seen(facts), later]}).verdict is Verdict.BLOCK


def test_what_was_seen_in_another_environment_tells_nothing(judge: Any, facts: Facts) -> None:
    result = judge("no-drift", evidence={"drift": [seen(facts, environment="staging")]})
    assert result.message == "cannot be told: the evidence does not say whether requests drifted in dev"


def test_a_release_that_ran_nowhere_cannot_be_told_about(judge: Any) -> None:
    assert "has run nowhere before" in judge("no-drift", source="").message
