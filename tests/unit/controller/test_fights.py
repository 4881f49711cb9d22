from __future__ import annotations

from mlgitops.controller.fights import Disputed, Repair, Terms, left_alone, told
from mlgitops.spec.reconcile import Fights

REPLICAS = Disputed("ml/Deployment/web", "spec.replicas", "sha256:a")
TERMS = Terms.of(Fights())


def repairs(*times: float, what: Disputed = REPLICAS) -> list[Repair]:
    return [Repair(what, "set by hpa", time) for time in times]


def left(evidence: list[Repair], now: float, before: frozenset[Disputed] = frozenset()) -> frozenset[Disputed]:
    return left_alone(before, [REPLICAS], evidence, TERMS, now)


def test_a_field_is_left_alone_after_so_many_repairs_within_the_time() -> None:
    assert not left(repairs(0, 100), 200)
    assert left(repairs(0, 100, 200), 300) == {REPLICAS}


def test_repairs_of_long_ago_do_not_count() -> None:
    assert not left(repairs(0, 100, 200), 601)


def test_repairs_of_another_field_or_of_another_wish_do_not_count() -> None:
    other = REPLICAS._replace(field="spec.paused")
    newer = REPLICAS._replace(wanted="sha256:b")
    assert not left([*repairs(1, 2, what=other), *repairs(3, 4, what=newer)], 10)


def test_it_is_left_alone_for_as_long_as_it_differs() -> None:
    assert left([], 10_000, frozenset({REPLICAS})) == {REPLICAS}
    assert not left_alone(frozenset({REPLICAS}), [], repairs(1, 2, 3), TERMS, 4)


def test_what_git_wants_otherwise_begins_anew() -> None:
    newer = REPLICAS._replace(wanted="sha256:b")
    assert not left_alone(frozenset({REPLICAS}), [newer], repairs(1, 2, 3), TERMS, 4)


def test_it_says_what_how_often_and_who() -> None:
    assert told(REPLICAS, repairs(1, 2, 3), "set by hpa at 2026-01-01T00:00:00Z") == (
        "spec.replicas of ml/Deployment/web is changed again and again, set by hpa at 2026-01-01T00:00:00Z; it was put "
        "back 3 times and is left alone now"
    )
    assert "nobody knows by whom" in told(Disputed("ml/ConfigMap/a", "", "sha256:a"), repairs(1), "")
