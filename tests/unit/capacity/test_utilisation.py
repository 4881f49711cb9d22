"""What is said of a model by what it uses, and what is proposed."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlgitops.capacity.queries import queries, watched
from mlgitops.capacity.utilisation import MIB, Asks, Uses, Utilisation, Verdict, proposal

ASKS = Asks(Decimal(4), Decimal(8192 * MIB))
GPU = ASKS._replace(accelerator="a10g", accelerators=1)


def used(cpu: float | None, memory: float | None, gpu: float | None = None, asks: Asks = ASKS) -> Utilisation:
    return Utilisation("iris", "aws", asks, Uses(cpu, None if memory is None else memory * MIB, gpu))


@pytest.mark.parametrize(
    ("found", "verdict", "cpu", "memory"),
    [
        (used(3.0, 6800), Verdict.FITS, "4", 8192),
        (used(0.5, 1000), Verdict.OVER_ASKED, "0.65", 1216),
        (used(3.0, 1000), Verdict.OVER_ASKED, "4", 1216),
        (used(0.01, 1000), Verdict.IDLE, "0.05", 1216),
        (used(0.01, 1000, 0.5, GPU), Verdict.OVER_ASKED, "0.05", 1216),
        (used(3.0, 7500), Verdict.TIGHT, "4", 9024),
        (used(4.5, 6800), Verdict.TIGHT, "5.85", 8192),
        (used(3.0, 6800, 0.05, GPU), Verdict.OVER_ASKED, "4", 8192),
        (used(None, 6800), Verdict.UNKNOWN, "4", 8192),
        (used(3.0, None), Verdict.UNKNOWN, "4", 8192),
    ],
)
def test_the_verdict_and_the_proposal(found: Utilisation, verdict: Verdict, cpu: str, memory: int) -> None:
    assert found.verdict is verdict
    assert (found.proposed.cpu, found.proposed.memory) == (Decimal(cpu), Decimal(memory * MIB))


@given(st.floats(0, 1000), st.floats(0, 10**6))
def test_what_is_proposed_always_holds_what_was_used_and_keeps_its_own_bounds(cpu: float, memory: float) -> None:
    found = used(cpu, memory)
    assert float(found.proposed.cpu) >= cpu
    assert float(found.proposed.memory) >= memory * MIB * 0.999999
    assert found.proposed.cpu >= Decimal("0.05")
    assert found.proposed.memory % (64 * MIB) == 0


def test_a_model_gets_what_its_busiest_target_needs_and_nothing_where_one_was_not_measured() -> None:
    here, there = used(0.5, 1000), used(1.5, 500)
    assert proposal([here, there]) == Asks(Decimal("1.95"), Decimal(1216 * MIB))
    assert proposal([here, there, used(None, None)]) is None
    assert proposal([used(3.0, 6800)]) is None
    assert proposal([]) is None


@pytest.mark.parametrize(
    ("kind", "pod", "is_own"),
    [
        ("InferenceService", "iris-predictor-7d9f8b6c5-x2x4z", True),
        ("InferenceService", "iris-canary-predictor-7d9f8b6c5-x2x4z", True),
        ("InferenceService", "iris-predictor-00001-deployment-7d9f8b6c5-x2x4z", True),
        ("InferenceService", "iris-transformer-7d9f8b6c5-x2x4z", False),
        ("InferenceService", "iris-2-predictor-7d9f8b6c5-x2x4z", False),
        ("LLMInferenceService", "iris-kserve-7d9f8b6c5-x2x4z", True),
        ("Deployment", "iris-7d9f8b6c5-x2x4z", True),
        ("Deployment", "iris-other-7d9f8b6c5-x2x4z", False),
    ],
)
def test_pods_are_told_apart_by_their_names(kind: str, pod: str, is_own: bool) -> None:
    assert bool(watched("iris", kind, ASKS, 1).pods.fullmatch(pod)) is is_own


def test_the_queries_are_of_one_namespace_and_window() -> None:
    found = queries("prod-models", "7d")
    assert all('namespace="prod-models"' in query and "[7d" in query for query in found)
    assert 'exported_namespace="prod-models"' in found.accelerator
