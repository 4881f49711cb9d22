"""What resources cost by a table of prices."""

from __future__ import annotations

from decimal import Decimal

from mlgitops.capacity.cost import Cost, cost, per_hour
from mlgitops.capacity.footprint import Amounts
from mlgitops.capacity.pods import AcceleratorClass
from mlgitops.capacity.terms import PriceTable, Terms

GIB = Decimal(2**30)


def amounts(*numbers: int) -> Amounts:
    return Amounts(*map(Decimal, numbers))


def table(**prices: str) -> PriceTable:
    named = {name.replace("__", "/").replace("_", "."): Decimal(price) for name, price in prices.items()}
    return PriceTable("EUR", "contract 7", "2026-11-01", named)


def test_cores_gibibytes_and_pieces_cost_their_price_times_the_hours_of_a_month_and_jobs_by_the_hour() -> None:
    prices = {"cpu": Decimal("0.5"), "memory": Decimal("0.25"), "nvidia.com/gpu": Decimal(3)}
    asked = [("cpu", amounts(2, 4, 8)), ("memory", Amounts(GIB, 3 * GIB)), ("nvidia.com/gpu", amounts(0, 1, 2))]
    assert cost(asked, prices) == Cost(730 * Decimal("1.25"), 730 * Decimal("5.75"), Decimal(10))


def test_what_has_no_price_is_named_and_not_counted_but_only_where_it_is_asked_for() -> None:
    asked = [("cpu", amounts(1, 1)), ("tpu", amounts(0, 1)), ("fpga", amounts())]
    assert cost(asked, {"cpu": Decimal(1)}) == Cost(Decimal(730), Decimal(730), Decimal(0), ("tpu",))


def test_all_that_is_counted_in_bytes_is_priced_by_the_gibibyte() -> None:
    names = ("memory", "ephemeral-storage", "hugepages-2Mi", "storage")
    asked = [(name, Amounts(GIB, GIB)) for name in names]
    assert cost(asked, dict.fromkeys(names, Decimal(1))).least == 4 * 730


def test_a_class_has_its_own_price_and_else_that_of_its_resource() -> None:
    classes = {name: AcceleratorClass("nvidia.com/gpu", {}) for name in ("a10g", "h100")}
    known = per_hour(Terms(classes, prices=table(nvidia_com__gpu="1", h100="6")))
    assert (known["a10g"], known["h100"], known["nvidia.com/gpu"]) == (Decimal(1), Decimal(6), Decimal(1))
    assert per_hour(Terms(classes)) == {}


def test_what_was_and_what_is_to_be_can_be_taken_from_each_other() -> None:
    one, other = Cost(Decimal(3), Decimal(5), Decimal(1), ("a",)), Cost(Decimal(1), Decimal(1), Decimal(1), ("b",))
    assert one.plus(other).minus(other)[:3] == one[:3]
    assert one.plus(other).unpriced == ("a", "b")
