from __future__ import annotations

from collections.abc import Callable

import pytest

from mlgitops.manifest import Manifest, identity
from mlgitops.plan.bookkeeping import narrowed, widened
from mlgitops.plan.change import Plan
from mlgitops.plan.compare import plan_target
from mlgitops.targets import Inventory, InventoryEntry, Live, content_digest


def test_widening_adds_what_is_coming_and_keeps_what_was_applied(
    make: Callable[..., Manifest], applied: Callable[..., Inventory], planned: Callable[..., Plan]
) -> None:
    old, new, gone = make("a", data={"v": "1"}), make("a", data={"v": "2"}), make("gone")
    (target,) = planned([new, make("comes")], [old, gone], applied(old, gone)).targets
    wide = widened(applied(old, gone), target, "c2")
    assert {one.name for one in wide.entries} == {"a", "comes", "gone"}
    assert wide.entries[identity(old)].digest == content_digest(old)
    assert (wide.applied_at, wide.commit, wide.begun) == ("", "c1", "c2")


def test_narrowing_leaves_what_is_there(
    make: Callable[..., Manifest], applied: Callable[..., Inventory], planned: Callable[..., Plan]
) -> None:
    old, new, gone = make("a", data={"v": "1"}), make("a", data={"v": "2"}), make("gone")
    before = applied(old, gone, make("vanished"))
    (target,) = planned([new], [old, gone], before).targets
    assert narrowed(widened(before, target), target, ()).entries == applied(new).entries


def test_what_failed_stays_as_it_was(
    make: Callable[..., Manifest], applied: Callable[..., Inventory], planned: Callable[..., Plan]
) -> None:
    old, new, gone = make("a", data={"v": "1"}), make("a", data={"v": "2"}), make("gone")
    (target,) = planned([new], [old, gone], applied(old, gone)).targets
    after = narrowed(widened(applied(old, gone), target), target, {identity(old), identity(gone)})
    assert after.entries == applied(old, gone).entries


@pytest.mark.parametrize(("found", "generation"), [("d1", "7"), ("d2", "")])
def test_the_generation_of_our_last_write_is_kept_as_long_as_nobody_took_anything_over(
    make: Callable[..., Manifest], found: str, generation: str
) -> None:
    manifest = make("a", data={"v": "1"})
    one, applied = identity(manifest), content_digest(manifest)
    before = Inventory("shop/dev/aws", {one: InventoryEntry(one, "d1", "Model/iris", "u", generation="7")}, "c1", "t")
    live = {one: Live(found, lambda: manifest, f"u 2 {found}", applied, "u", "8")}
    target = plan_target("aws", {"kubernetes": {}}, [manifest], live, before)
    after = narrowed(widened(before, target), target, ()).entries[one]
    assert (after.digest, after.uid, after.generation) == (found, "u", generation)
