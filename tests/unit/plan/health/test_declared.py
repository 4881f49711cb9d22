from __future__ import annotations

from collections.abc import Callable

from mlgitops.manifest import Manifest
from mlgitops.plan.health import DeclaredRule, State, health
from mlgitops.spec.cel import compiled

Live = Callable[..., Manifest]
WIDGET = "example.com/v1 Widget"
RULE = DeclaredRule(
    "example.com", "Widget", compiled("object.status.phase == 'Good'"), compiled("object.status.phase == 'Bad'")
)


def test_a_declared_rule_tells_ready_failed_and_not_yet(live: Live) -> None:
    assert health(live(WIDGET, {"phase": "Good"}), [RULE]).state is State.READY
    bad = health(live(WIDGET, {"phase": "Bad"}), [RULE])
    assert (bad.state, "object.status.phase == 'Bad'" in bad.reason) == (State.FAILED, True)
    assert health(live(WIDGET), [RULE]).reason == "not yet: object.status.phase == 'Good'"


def test_it_is_for_its_own_group_and_kind_only(live: Live) -> None:
    assert health(live("other.com/v1 Widget", {"phase": "Good"}), [RULE]).state is State.UNKNOWN


def test_it_goes_before_a_rule_of_ours(live: Live) -> None:
    always = DeclaredRule("", "Namespace", compiled("true"))
    assert health(live("v1 Namespace", {"phase": "Terminating"}), [always]).state is State.READY


def test_what_is_being_deleted_is_so_under_any_rule(live: Live) -> None:
    going = live(WIDGET, {"phase": "Good"})
    going["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z"
    found = health(going, [RULE])
    assert (found.state, found.since) == (State.PROGRESSING, "2026-01-01T00:00:00Z")
