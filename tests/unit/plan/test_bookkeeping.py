from __future__ import annotations

from collections.abc import Callable

from mlgitops.manifest import Manifest, identity
from mlgitops.plan.bookkeeping import narrowed, widened
from mlgitops.plan.change import Plan
from mlgitops.targets import Inventory, content_digest


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
