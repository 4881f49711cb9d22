from __future__ import annotations

from decimal import Decimal

from mlgitops.promotion.cost import Cost, PriceList, cost
from mlgitops.promotion.footprint import Delta

GIB = Decimal(2**30)


def delta(resource: str, before: int, after: int, most: int | None = None) -> Delta:
    return Delta(resource, Decimal(before), Decimal(after), Decimal(before), Decimal(after if most is None else most))


def test_cores_gibibytes_and_pieces_cost_their_price_times_the_hours_of_a_day() -> None:
    prices = PriceList("EUR", {"aws": {"cpu": Decimal("0.5"), "memory": Decimal("0.25"), "nvidia.com/gpu": Decimal(3)}})
    changed = (delta("cpu", 1, 3, most=5), Delta("memory", GIB, 2 * GIB, GIB, 4 * GIB), delta("nvidia.com/gpu", 1, 0))
    assert cost([("aws", changed)], prices) == Cost(
        24 * (2 * Decimal("0.5") + Decimal("0.25") - 3), 24 * (4 * Decimal("0.5") + 3 * Decimal("0.25") - 3)
    )


def test_each_target_has_its_own_prices_and_what_has_none_is_named() -> None:
    prices = PriceList("EUR", {"aws": {"cpu": Decimal(1)}, "gcp": {"cpu": Decimal(2)}})
    changed = [
        ("aws", [delta("cpu", 0, 1)]),
        ("gcp", [delta("cpu", 0, 1), delta("tpu", 0, 1)]),
        ("x", [delta("cpu", 0, 1)]),
    ]
    assert cost(changed, prices) == Cost(Decimal(72), Decimal(72), (("gcp", "tpu"), ("x", "cpu")))


def test_all_that_is_counted_in_bytes_is_priced_by_the_gibibyte() -> None:
    names = ("memory", "ephemeral-storage", "hugepages-2Mi")
    prices = PriceList("EUR", {"aws": dict.fromkeys(names, Decimal(1))})
    assert cost([("aws", [delta(name, 0, 2**30) for name in names])], prices).least == 72
