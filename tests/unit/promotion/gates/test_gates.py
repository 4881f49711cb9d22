from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlgitops.promotion.gates import Facts, Side, Verdict, evaluate, lowered
from mlgitops.promotion.gates.library import LIBRARY
from mlgitops.spec.gates import GATES
from mlgitops.spec.promotion import Freeze, Gate, Window

NEEDS: dict[str, tuple[tuple[str, ...], ...]] = {
    "digest-pinned": (("release", "artifact", "digest"),),
    "signed": (("release", "artifact", "digest"), ("evidence", "artifactSignature")),
    "provenance-complete": (
        ("release", "artifact", "digest"), ("release", "trainingRun"), ("release", "sourceCommit"),
        ("release", "dataDigest"), ("release", "trainedAt"),
    ),
    "metric-floor": (("evidence", "metrics"),),
    "not-worse-than-champion": (
        ("evidence", "metrics"), ("evidence", "dataDigest"), ("champion", "metrics"), ("champion", "dataDigest"),
    ),
    "latency-p95": (("evidence", "latency"), ("evidence", "latency", "p95"), ("evidence", "latency", "requests")),
    "latency-p99": (("evidence", "latency"), ("evidence", "latency", "p99"), ("evidence", "latency", "requests")),
    "error-rate": (("evidence", "latency", "errorRate"), ("evidence", "latency", "requests")),
    "fairness": (("evidence", "fairness"),),
    "explainability": (("evidence", "explainability"),),
    "tests-passed": (("evidence", "tests"),),
    "no-drift": (("evidence", "drift"),),
    "data-fresh": (("evidence", "dataUntil"),),
    "model-fresh": (("release", "trainedAt"),),
    "soaked": (("evidence", "health"),),
    "signature-compatible": (("release", "signature"),),
}  # fmt: skip
"""What each gate cannot do without, by where it stands."""


def gate(uses: str, given: Mapping[str, Any], **more: Any) -> Gate:
    return Gate.model_validate({"uses": uses, "with": dict(given), **more})


def without(facts: Facts, place: tuple[str, ...]) -> Facts:
    part, *keys = place
    candidate, champion = copy.deepcopy(facts.candidate), copy.deepcopy(facts.champion)
    assert champion is not None
    data: Any = {"release": candidate.release, "evidence": candidate.evidence, "champion": champion.evidence}[part]
    for key in keys[:-1]:
        data = data[key]
    del data[keys[-1]]
    return replace(facts, candidate=candidate, champion=champion)


def every_need() -> list[tuple[str, tuple[str, ...]]]:
    return [(name, place) for name, places in NEEDS.items() for place in places]


def test_the_library_and_its_parameters_are_the_same_list() -> None:
    assert list(LIBRARY) == list(GATES)


@pytest.mark.parametrize("name", list(GATES))
def test_every_built_in_gate_passes_on_a_good_release_and_says_why(
    name: str, facts: Facts, parameters: Mapping[str, Mapping[str, Any]]
) -> None:
    (result,) = evaluate([gate(name, parameters[name])], facts)
    assert (result.name, result.verdict) == (name, Verdict.OK)
    assert result.value
    assert result.message


@pytest.mark.parametrize(("name", "place"), every_need(), ids=str)
def test_a_gate_does_not_pass_without_what_it_needs(
    name: str, place: tuple[str, ...], facts: Facts, parameters: Mapping[str, Mapping[str, Any]]
) -> None:
    (result,) = evaluate([gate(name, parameters[name])], without(facts, place))
    assert result.verdict is Verdict.BLOCK
    assert place[-1] in result.message or "not say" in result.message


@pytest.mark.parametrize("name", [name for name in NEEDS if any(place[0] == "evidence" for place in NEEDS[name])])
def test_a_gate_over_evidence_says_why_there_is_none(
    name: str, facts: Facts, parameters: Mapping[str, Mapping[str, Any]]
) -> None:
    bare = replace(facts, candidate=Side(facts.candidate.release, problem="the release names no evidence"))
    (result,) = evaluate([gate(name, parameters[name])], bare)
    assert (result.verdict, result.message) == (Verdict.BLOCK, "cannot be told: the release names no evidence")


def test_a_gate_that_warns_stops_nothing(facts: Facts) -> None:
    (result,) = evaluate([gate("metric-floor", {"metric": "f1", "min": 1.0}, level="warn")], facts)
    assert result.verdict is Verdict.WARN
    assert "no metric 'f1'" in result.message


def test_a_gate_that_is_not_there_blocks(facts: Facts) -> None:
    (result,) = evaluate([gate("no-such-gate", {})], facts)
    assert (result.verdict, result.message) == (
        Verdict.BLOCK, "cannot be told: there is no built-in gate 'no-such-gate'",
    )  # fmt: skip


@pytest.mark.parametrize("given", [{}, {"metric": "accuracy"}, {"metric": "accuracy", "min": 0.1, "mni": 1}])
def test_wrong_parameters_block(given: dict[str, Any], facts: Facts) -> None:
    (result,) = evaluate([gate("metric-floor", given)], facts)
    assert result.verdict is Verdict.BLOCK
    assert result.message.startswith("cannot be told: with")


def test_windows_and_freezes_are_gates_though_nobody_lists_them(facts: Facts) -> None:
    closed = Window.model_validate({"cron": "0 20 * * *", "duration": "1h"})
    frozen = Freeze.model_validate({"reason": "audit", "cron": "0 8 * * *", "duration": "2h"})
    results = evaluate([], replace(facts, windows=(closed,), freezes=(frozen,)))
    assert [(one.name, one.verdict) for one in results] == [
        ("change-window", Verdict.BLOCK), ("freeze", Verdict.BLOCK),
    ]  # fmt: skip


def test_a_freeze_that_is_listed_is_there_once_and_at_its_own_level(facts: Facts) -> None:
    frozen = Freeze.model_validate({"reason": "audit", "cron": "0 8 * * *", "duration": "2h"})
    (result,) = evaluate([gate("freeze", {}, level="warn")], replace(facts, freezes=(frozen,)))
    assert (result.verdict, result.message) == (Verdict.WARN, "frozen: audit")


def test_lowered_results_never_block(facts: Facts) -> None:
    results = evaluate([gate("no-such-gate", {}), gate("digest-pinned", {})], facts)
    assert [one.verdict for one in lowered(results)] == [Verdict.WARN, Verdict.OK]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
KEYS = sorted({place[-1] for places in NEEDS.values() for place in places})


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.dictionaries(st.sampled_from(KEYS), JSON), name=st.sampled_from(list(GATES)))
def test_no_evidence_of_an_odd_form_breaks_a_gate(
    data: dict[str, Any], name: str, facts: Facts, parameters: Mapping[str, Mapping[str, Any]]
) -> None:
    odd = replace(facts, candidate=Side(data, data), champion=Side(data, data))
    (result,) = evaluate([gate(name, parameters[name])], odd)
    assert result.name == name


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(missing=st.sets(st.sampled_from(every_need()), min_size=1, max_size=3), level=st.sampled_from(["block"]))
def test_no_gate_passes_on_missing_data(
    missing: set[tuple[str, tuple[str, ...]]], level: str, facts: Facts,
    parameters: Mapping[str, Mapping[str, Any]],
) -> None:  # fmt: skip
    for name, place in missing:
        results = evaluate([gate(name, parameters[name], level=level)], without(facts, place))
        assert [one.verdict for one in results] == [Verdict.BLOCK]
