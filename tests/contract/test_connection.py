"""What every ``mlgitops.targets.Connection`` does, whatever kind of target it leads to."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mlgitops.errors import StalePlanError, TargetError
from mlgitops.manifest import Manifest, identity
from mlgitops.plan.change import Plan
from mlgitops.plan.compare import plan_target
from mlgitops.plan.outcome import Outcome
from mlgitops.targets import Connection, Inventory, InventoryEntry, content_digest, owner_of
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
    target = plan_target("aws", {}, desired, live, connection.inventory())
    return Plan("shop", "dev", commit, "sha256:r", (target,), version="0.1.0")


def carry_out(connection: Connection, plan: Plan) -> Outcome:
    return apply(plan, {"aws": connection}, lambda: TIME, lambda change: None)


def applied(connect: Open, *desired: Manifest) -> None:
    assert carry_out(connect(), planned(connect(), *desired)).succeeded


def manifests(connection: Connection) -> dict[str, Manifest]:
    return {one.name: live.manifest for one, live in connection.live(()).items()}


def test_before_the_first_apply_it_is_empty(connect: Open, make: Make) -> None:
    connection = connect()
    assert connection.inventory() == Inventory("shop/dev/aws", {})
    assert connection.live([identity(make("a"))]) == {}
    assert connection.owned() == {}


def test_what_was_applied_is_live_and_in_the_inventory(connect: Open, make: Make) -> None:
    desired = [make("a", data={"version": "12345e6"}), make("b", data={"text": "two\nlines\n"})]
    applied(connect, *desired)
    assert manifests(connect()) == {"a": desired[0], "b": desired[1]}
    assert connect().inventory() == inventory_of(*desired)
    assert {live.digest for live in connect().live(()).values()} == set(map(content_digest, desired))


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


def test_what_changed_is_replaced_and_what_is_no_longer_desired_is_deleted(connect: Open, make: Make) -> None:
    applied(connect, make("a", data={"v": "1"}), make("b"), make("c"))
    applied(connect, make("a", data={"v": "2"}), make("b"))
    assert manifests(connect()) == {"a": make("a", data={"v": "2"}), "b": make("b")}
    assert set(connect().owned()) == set(connect().inventory().entries) == {identity(make("a")), identity(make("b"))}


def test_every_apply_moves_the_inventorys_version(connect: Open, make: Make) -> None:
    versions = {connect().inventory().version}
    for value in "123":
        applied(connect, make("a", data={"v": value}))
        versions.add(connect().inventory().version)
    assert len(versions) == 4


@pytest.mark.parametrize("expected", ["", "sha256:other"])
def test_an_object_that_moved_is_neither_replaced_nor_deleted(connect: Open, make: Make, expected: str) -> None:
    applied(connect, make("a"))
    connection = connect()
    with connection.lock():
        with pytest.raises(StalePlanError, match="ml/ConfigMap/a moved"):
            connection.put(make("a", data={"v": "2"}), expected)
        with pytest.raises(StalePlanError, match="ml/ConfigMap/a moved"):
            connection.delete(identity(make("a")), expected)
        with pytest.raises(StalePlanError, match="ml/ConfigMap/b moved"):
            connection.put(make("b"), content_digest(make("a")))
    assert manifests(connect()) == {"a": make("a")}


def test_a_plan_that_somebody_overtook_is_refused(connect: Open, make: Make) -> None:
    plan = planned(connect(), make("a"))
    applied(connect, make("a", data={"v": "theirs"}))
    with pytest.raises(StalePlanError):
        carry_out(connect(), plan)
    assert manifests(connect()) == {"a": make("a", data={"v": "theirs"})}


def test_one_apply_at_a_time(connect: Open) -> None:
    with (
        connect().lock(),
        pytest.raises(TargetError, match="another apply holds the target: process"),
        connect().lock(),
    ):
        pytest.fail("two hold the target")
    with connect().lock():
        pass


def test_what_was_written_is_read_back_before_the_apply_is_over(connect: Open, make: Make) -> None:
    connection = connect()
    with connection.lock():
        connection.record({"event": "test", "time": TIME})
        connection.put(make("a"), "")
        connection.write_inventory(inventory_of(make("a")))
        assert connection.inventory() == inventory_of(make("a"))
        assert manifests(connection) == {"a": make("a")}
    assert connect().inventory() == inventory_of(make("a"))


def test_an_apply_that_failed_in_part_is_finished_by_the_next(connect: Open, make: Make) -> None:
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
    with prod.lock():
        prod.put(theirs, "")
        prod.write_inventory(Inventory("shop/prod/aws", {identity(theirs): InventoryEntry(identity(theirs), "", "")}))
    assert set(connect().owned()) == {identity(make("ours"))}
    assert set(connect("shop/prod/aws").inventory().entries) == {identity(theirs)}


def test_an_inventory_is_rebuilt_from_the_labels(connect: Open, make: Make) -> None:
    applied(connect, make("a"), make("b"))
    rebuilt = connect().rebuild_inventory()
    assert rebuilt == connect().inventory()
    assert rebuilt.entries == inventory_of(make("a"), make("b")).entries
    assert rebuilt.applied_at == ""
    applied(connect, make("a"), make("b"))
    assert connect().inventory() == inventory_of(make("a"), make("b"))
