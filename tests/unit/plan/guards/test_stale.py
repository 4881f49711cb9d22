from __future__ import annotations

from collections.abc import Callable

import pytest

from mlgitops.errors import StalePlanError
from mlgitops.manifest import Manifest, identity
from mlgitops.plan.change import Plan
from mlgitops.plan.guards.stale import check_source, check_target
from mlgitops.targets import Inventory, Live


def test_the_planned_source_passes_and_a_moved_one_is_named(
    make: Callable[..., Manifest], applied: Callable[..., Inventory], planned: Callable[..., Plan]
) -> None:
    plan = planned([make("a")], [], applied())
    check_source(plan, "c2", "sha256:r")
    with pytest.raises(StalePlanError, match="the commit moved from c2 to c3"):
        check_source(plan, "c3", "sha256:r")
    with pytest.raises(StalePlanError, match="what the project renders to moved"):
        check_source(plan, "c2", "sha256:other")


@pytest.mark.parametrize(
    ("now", "message"),
    [
        ("same", ""),
        ("edited", "ml/ConfigMap/a at aws moved"),
        ("removed", "ml/ConfigMap/a at aws moved"),
        ("appeared", "ml/ConfigMap/b at aws moved"),
        ("applied", "the inventory of aws moved"),
    ],
)
def test_a_target_that_moved_is_named(
    make: Callable[..., Manifest],
    applied: Callable[..., Inventory],
    planned: Callable[..., Plan],
    now: str,
    message: str,
) -> None:
    one, other = make("a"), make("b")
    (plan,) = planned([make("a", data={"v": "2"}), other], [one], applied(one)).targets
    live = {
        "edited": [make("a", data={"v": "9"})],
        "removed": [],
        "appeared": [one, other],
    }.get(now, [one])
    inventory = applied(one, other) if now == "applied" else applied(one)
    found = {identity(m): Live.of(m) for m in live}
    if message:
        with pytest.raises(StalePlanError, match=message):
            check_target(plan, inventory, found)
    else:
        check_target(plan, inventory, found)
