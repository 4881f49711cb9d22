from __future__ import annotations

from collections.abc import Callable

from mlgitops.manifest import Manifest
from mlgitops.plan.change import Action, Impact, Plan
from mlgitops.plan.summary import summarise
from mlgitops.targets import Inventory


def test_totals_count_every_action_and_impact(
    make: Callable[..., Manifest], applied: Callable[..., Inventory], planned: Callable[..., Plan]
) -> None:
    old = [make("a", data={"v": "1"}), make("b"), make("volume", "PersistentVolumeClaim")]
    summary = summarise(planned([make("a", data={"v": "2"}), make("b"), make("c")], old, applied(*old)))
    assert summary.total.actions == {
        Action.CREATE: 1,
        Action.UPDATE: 1,
        Action.DELETE: 1,
        Action.UNCHANGED: 1,
        Action.REPLACE: 0,
    }
    assert summary.total.impacts[Impact.ROLLOUT] == 2
    assert summary.total.impacts[Impact.DESTROYS_DATA] == 1
    assert summary.total.impacts[Impact.RETRAIN] == 0
    assert summary.targets == {"aws": summary.total}
