"""What a gate cannot tell blocks, and it says which datum is missing."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import Any

import pytest

from mlgitops.promotion.gates import Facts, Side, Verdict, evaluate
from mlgitops.spec.promotion import Gate, Window

NOWHERE = Window(cron="0 9 * * 1-4", duration="8h", timezone="Europe/Bern")
GAP = {"name": "parity", "attribute": "region", "maxGap": 0.1}
HEALTH = {"environment": "dev", "state": "degraded", "since": "2026-11-20T00:00:00Z"}


@pytest.mark.parametrize(
    ("uses", "changes", "told"),
    [
        ("capacity", {"capacity": None}, "nobody worked out what the targets would be asked for"),
        ("capacity", {"capacity": ()}, "the environment has no target"),
        ("signature-compatible", {"champion": Side({"version": "1.0"})}, "of the running release: the release does"),
        ("not-worse-than-champion", {"champion": Side({"version": "1.0"})}, "of the running release: there is no"),
        ("model-card", {"governance": {}}, "neither governance.card nor the evidence names a model card"),
        ("licence", {"governance": {}}, "governance.licence is not set"),
        ("model-fresh", {"release": {"trainedAt": "2026-11-31T00:00:00Z"}}, "is no time"),
        ("model-fresh", {"release": {"trainedAt": "2026-11-01T00:00:00"}}, "has no time zone"),
        ("model-fresh", {"release": {"trainedAt": "2026-12-01T00:00:00Z"}}, "which has not come yet"),
        ("fairness", {"given": {}}, "neither governance.fairness nor maxGap gives a bound"),
        ("fairness", {"governance": {"fairness": [GAP]}}, "does not say the gap of parity of region"),
        ("tests-passed", {"evidence": {"tests": {"passed": 0, "failed": 0, "skipped": 9}}}, "no test ran"),
        ("error-rate", {"given": {"max": 0.1, "requests": 5000}}, "on 1000 requests, which are fewer than 5000"),
        ("soaked", {"arrived": None}, "the release has not been in dev"),
        ("change-window", {"windows": (NOWHERE,)}, "the time zone Europe/Bern is not known here"),
        ("soaked", {"evidence": {"health": [{**HEALTH, "environment": "test"}]}}, "does not say how it did in dev"),
        (
            "soaked", {"evidence": {"health": [{**HEALTH, "observedAt": "2026-11-24T08:00:00Z"}]}},
            "it was degraded in dev at 2026-11-24T08:00:00Z",
        ),
    ],
)  # fmt: skip
def test_a_gate_that_lacks_a_datum_blocks_and_names_it(judge: Any, uses: str, changes: Any, told: str) -> None:
    result = judge(uses, **changes)
    assert (result.verdict, told in result.message) == (Verdict.BLOCK, True), result.message


@pytest.mark.parametrize(
    ("running", "told"),
    [
        ({"dataDigest": "sha256:" + "f" * 64}, "the two releases were measured on different data"),
        (
            {"metrics": [{"name": "accuracy", "value": 0.9, "higherIsBetter": False}]},
            "the two releases do not agree whether a higher accuracy is better",
        ),
    ],
)
def test_what_cannot_be_compared_blocks(judge: Any, facts: Facts, running: dict[str, Any], told: str) -> None:
    assert facts.champion is not None
    champion = replace(facts.champion, evidence={**(facts.champion.evidence or {}), **running})
    result = judge("not-worse-than-champion", champion=champion)
    assert (result.verdict, told in result.message) == (Verdict.BLOCK, True), result.message


def test_a_signature_that_nothing_here_can_check_blocks(judge: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith("cryptography")]:
        monkeypatch.setitem(sys.modules, name, None)
    result = judge("signed")
    assert (result.verdict, "install mlgitops[signing]" in result.message) == (Verdict.BLOCK, True), result.message


@pytest.mark.parametrize(
    ("expression", "told"),
    [("candidate.metrics.accuracy", "comes to float, and not to true or false"), ("candidate.metrics.f1 > 0.1", "f1")],
)
def test_an_expression_that_gives_no_answer_blocks(facts: Facts, expression: str, told: str) -> None:
    (result,) = evaluate([Gate.model_validate({"name": "ours", "expression": expression})], facts)
    assert (result.verdict, told in result.message) == (Verdict.BLOCK, True), result.message
