"""What every ``mlgitops.targets.Connection`` does, whatever kind of target it leads to.

Where a cluster rightly differs from files, a test says why:

- What is live has more in it than its manifest, so that ``Place.said`` is compared, and the digest that the inventory
  remembers is of what was applied and not of the manifest.
- An object is one of its own, known by its uid; a file is what it says.
- The API has a say in what becomes of a manifest, and reports on objects. Files become what they are told, in silence.
- A container takes with it what is inside. A file that defines a namespace does not.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from mlgitops.errors import StalePlanError, TargetError
from mlgitops.manifest import Identity, Manifest, identity
from mlgitops.plan.change import Plan
from mlgitops.plan.compare import plan_target
from mlgitops.plan.outcome import Outcome
from mlgitops.targets import Connection, Inventory, InventoryEntry, content_digest, owner_of, uid_of
from mlgitops.workflows.apply import apply

pytestmark = pytest.mark.integration

Open = Callable[..., Connection]
Make = Callable[..., Manifest]
TIME = "2026-01-01T00:00:00Z"


def inventory_of(*manifests: Manifest) -> Inventory:
    entries = {identity(m): InventoryEntry(identity(m), content_digest(m), owner_of(m)) for m in manifests}
    return Inventory("shop/dev/aws", entries, "c1", TIME)


def planned(connection: Connection, *desired: Manifest, commit: str = "c1") -> Plan:
    live = connection.live([identity(one) for one in desired])
    inventory = connection.inventory()
    target = plan_target("aws", {}, desired, live, inventory, lambda ones: connection.preview(ones, live))
    return Plan("shop", "dev", commit, "sha256:r", (target,), version="0.1.0")


def carry_out(connection: Connection, plan: Plan) -> Outcome:
    return apply(plan, {"aws": connection}, lambda: TIME, lambda change: None)


def applied(connect: Open, *desired: Manifest) -> None:
    assert carry_out(connect(), planned(connect(), *desired)).succeeded


@pytest.fixture
def manifests(place: Any) -> Callable[[Connection], dict[str, Manifest]]:
    """The objects of the inventory by name, as they were said."""
    return lambda connection: {one.name: place.said(live.manifest) for one, live in connection.live(()).items()}


def owners(inventory: Inventory) -> Mapping[Identity, str]:
    return {one: entry.owner for one, entry in inventory.entries.items()}


def test_before_the_first_apply_it_is_empty(connect: Open, make: Make) -> None:
    connection = connect()
    assert connection.inventory() == Inventory("shop/dev/aws", {})
    assert connection.live([identity(make("a"))]) == {}
    assert connection.owned() == {}


def test_what_was_applied_is_live_and_in_the_inventory(connect: Open, make: Make, place: Any, manifests: Any) -> None:
    desired = [make("a", data={"version": "12345e6"}), make("b", data={"text": "two\nlines\n"})]
    applied(connect, *desired)
    assert manifests(connect()) == {"a": desired[0], "b": desired[1]}
    inventory = connect().inventory()
    assert (inventory.id, inventory.commit, inventory.applied_at) == ("shop/dev/aws", "c1", TIME)
    assert owners(inventory) == owners(inventory_of(*desired))
    for one, live in connect().live(()).items():
        assert (live.digest, uid_of(live.version)) == (inventory.entries[one].digest, inventory.entries[one].uid)
        assert bool(live.uid) is not place.is_files
    if place.is_files:
        assert inventory == inventory_of(*desired)


def test_only_what_exists_is_live_among_what_is_wanted(connect: Open, make: Make) -> None:
    applied(connect, make("a"))
    assert set(connect().live([identity(make("b"))])) == {identity(make("a"))}


def test_a_second_apply_has_nothing_to_do_and_changes_nothing(connect: Open, make: Make) -> None:
    applied(connect, make("a"))
    before = connect().inventory().version
    plan = planned(connect(), make("a"), commit="c2")
    assert plan.is_empty
    assert carry_out(connect(), plan).succeeded
    assert connect().inventory().version == before


def test_what_changed_is_replaced_and_what_is_no_longer_desired_is_deleted(
    connect: Open, make: Make, manifests: Any
) -> None:
    applied(connect, make("a", data={"v": "1"}), make("b"), make("c"))
    applied(connect, make("a", data={"v": "2"}), make("b"))
    assert manifests(connect()) == {"a": make("a", data={"v": "2"}), "b": make("b")}
    assert set(connect().owned()) == set(connect().inventory().entries) == {identity(make("a")), identity(make("b"))}


def test_what_is_live_says_what_was_applied_unless_it_is_a_file_which_says_it_all(
    connect: Open, make: Make, place: Any
) -> None:
    applied(connect, make("a", data={"v": "1"}))
    (live,) = connect().live(()).values()
    assert (live.applied or live.digest) == content_digest(make("a", data={"v": "1"}))
    assert bool(live.applied) is not place.is_files


def test_every_apply_moves_the_inventorys_version(connect: Open, make: Make) -> None:
    versions = {connect().inventory().version}
    for value in "123":
        applied(connect, make("a", data={"v": value}))
        versions.add(connect().inventory().version)
    assert len(versions) == 4


@pytest.mark.parametrize("expected", ["", "sha256:other", "other 1 sha256:other"])
def test_an_object_that_moved_is_neither_replaced_nor_deleted(
    connect: Open, make: Make, place: Any, manifests: Any, expected: str
) -> None:
    applied(connect, make("a"))
    connection = connect()
    with connection.lock():
        with pytest.raises(StalePlanError, match=f"{place.namespace}/ConfigMap/a moved"):
            connection.put(make("a", data={"v": "2"}), expected)
        with pytest.raises(StalePlanError, match=f"{place.namespace}/ConfigMap/a moved"):
            connection.delete(identity(make("a")), expected)
        with pytest.raises(StalePlanError, match=f"{place.namespace}/ConfigMap/b moved"):
            connection.put(make("b"), content_digest(make("a")))
    assert manifests(connect()) == {"a": make("a")}


def test_a_plan_that_somebody_overtook_is_refused(connect: Open, make: Make, manifests: Any) -> None:
    plan = planned(connect(), make("a"))
    applied(connect, make("a", data={"v": "theirs"}))
    with pytest.raises(StalePlanError):
        carry_out(connect(), plan)
    assert manifests(connect()) == {"a": make("a", data={"v": "theirs"})}


def test_one_apply_at_a_time(connect: Open) -> None:
    """A cluster is locked by the first thing that is written, so that what only looks leaves no trace."""
    first = connect()
    with first.lock():
        first.record({"event": "test", "time": TIME})
        with pytest.raises(TargetError, match="another apply holds the target: process"), connect().lock():
            pytest.fail("two hold the target")
    with connect().lock():
        pass


def test_what_was_written_is_read_back_before_the_apply_is_over(connect: Open, make: Make, manifests: Any) -> None:
    connection = connect()
    with connection.lock():
        connection.record({"event": "test", "time": TIME})
        connection.write_inventory(inventory_of(make("a")))
        entry = connection.put(make("a"), "")
        assert manifests(connection) == {"a": make("a")}
        written = replace(inventory_of(make("a")), entries={entry.identity: entry})
        connection.write_inventory(written)
        assert replace(connection.inventory(), revision="") == written
    assert replace(connect().inventory(), revision="") == written


def test_an_apply_that_failed_in_part_is_finished_by_the_next(connect: Open, make: Make, manifests: Any) -> None:
    connection = connect()
    plan = planned(connection, make("a"), make("b"))
    put = connection.put

    def failing(manifest: Manifest, expected: str, *, force: bool = False) -> InventoryEntry:
        if identity(manifest).name == "b":
            raise TargetError("no room")
        return put(manifest, expected, force=force)

    connection.put = failing  # type: ignore[method-assign]
    assert not carry_out(connection, plan).succeeded
    assert (manifests(connect()), connect().inventory().applied_at) == ({"a": make("a")}, "")
    applied(connect, make("a"), make("b"))
    assert set(manifests(connect())) == {"a", "b"}
    assert connect().inventory().applied_at == TIME


def test_inventories_at_one_target_do_not_touch_each_other(connect: Open, make: Make) -> None:
    applied(connect, make("ours"))
    theirs = make("theirs", environment="prod")
    prod = connect("shop/prod/aws")
    entries = {identity(theirs): InventoryEntry(identity(theirs), "", "")}
    with prod.lock():
        prod.write_inventory(Inventory("shop/prod/aws", entries))
        prod.put(theirs, "")
        prod.write_inventory(Inventory("shop/prod/aws", entries, "c1"))
    assert set(connect().owned()) == {identity(make("ours"))}
    assert set(connect("shop/prod/aws").inventory().entries) == {identity(theirs)}


def test_objects_that_no_inventory_knows_stop_everything_until_it_is_rebuilt(connect: Open, make: Make) -> None:
    """So that the inventory is always written before the first object."""
    connection = connect()
    with connection.lock():
        connection.put(make("a"), "")
    with pytest.raises(TargetError, match=r"is gone, but .*1 of its objects are here") as caught:
        connect().inventory()
    assert caught.value.help == "mlgitops inventory rebuild --env dev --target aws"
    assert set(connect().rebuild_inventory().inventory.entries) == {identity(make("a"))}


def test_an_inventory_is_rebuilt_from_the_labels(connect: Open, make: Make) -> None:
    applied(connect, make("a"), make("b"))
    before = connect().inventory()
    rebuilt = connect().rebuild_inventory().inventory
    assert rebuilt == connect().inventory()
    assert rebuilt.entries == before.entries
    assert rebuilt.applied_at == ""
    applied(connect, make("a"), make("b"))
    assert connect().inventory().applied_at == TIME
    assert connect().inventory().entries == before.entries


def test_what_an_apply_would_make_of_an_object_is_asked_without_writing(
    connect: Open, make: Make, place: Any, manifests: Any
) -> None:
    """The API defaults, mutates and refuses; a file becomes what its manifest says, so that nothing has to be asked."""
    applied(connect, make("a", data={"v": "1"}))
    wanted = [make("a", data={"v": "2"}), make("b")]
    connection = connect()
    previews = connection.preview(wanted, connection.live(list(map(identity, wanted))))
    assert set(previews) <= set(map(identity, wanted))
    assert bool(previews) is not place.is_files
    for preview in previews.values():
        assert (preview.conflicts, preview.refused, preview.replaces) == ((), "", False)
    assert manifests(connect()) == {"a": make("a", data={"v": "1"})}


def test_whether_something_may_be_written_is_asked_without_writing(connect: Open, make: Make, manifests: Any) -> None:
    """An account that may not is told so by a cluster alone; of files it is known only once they are written."""
    applied(connect, make("a"))
    connection = connect()
    ours, new = identity(make("a")), identity(make("b"))
    connection.live([ours, new])
    before = connection.inventory().version
    connection.require_rights([ours, new], [ours])
    assert connect().inventory().version == before
    assert manifests(connect()) == {"a": make("a")}


def test_nothing_was_reported_on_an_object_that_nobody_reports_on(connect: Open, make: Make) -> None:
    applied(connect, make("a"))
    assert list(connect().events(identity(make("a")))) == []


def test_what_a_container_holds_is_what_would_be_deleted_with_it(connect: Open, make: Make, place: Any) -> None:
    """To remove the file of a namespace removes no other; a namespace in a cluster takes everything with it."""
    applied(connect, make("a"), make("b"))
    held = connect().inside(Identity("", "Namespace", "", place.namespace))
    ours = {identity(make("a")), identity(make("b"))}
    assert (ours & set(held)) == (set() if place.is_files else ours)
