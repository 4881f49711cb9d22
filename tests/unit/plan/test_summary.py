from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlgitops.plan import Action, Impact, summarise

if TYPE_CHECKING:
    Make = Any
    Applied = Any
    Planned = Any


def test_totals_count_every_action_and_impact(make: Make, applied: Applied, planned: Planned) -> None:
    old = [make("a", data={"v": "1"}), make("b"), make("volume", "PersistentVolumeClaim")]
    summary = summarise(planned([make("a", data={"v": "2"}), make("b"), make("c")], old, applied(*old)))
    assert summary.total.actions == {Action.CREATE: 1, Action.UPDATE: 1, Action.DELETE: 1, Action.UNCHANGED: 1}
    assert summary.total.impacts[Impact.ROLLOUT] == 2
    assert summary.total.impacts[Impact.DESTROYS_DATA] == 1
    assert summary.total.impacts[Impact.RETRAIN] == 0
    assert summary.targets == {"aws": summary.total}
