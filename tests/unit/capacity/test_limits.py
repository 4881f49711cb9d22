"""What is more than a quota or a budget."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from mlgitops.capacity.cluster_queue import queue_quota
from mlgitops.capacity.footprint import Footprint
from mlgitops.capacity.limits import QUEUED, over_quota, spending
from mlgitops.capacity.pods import AcceleratorClass
from mlgitops.capacity.terms import Budget, PriceTable, Terms, from_json, to_json


def cpu(number: int) -> dict[str, Decimal]:
    return {"cpu": Decimal(number)} if number else {}


def found(least: int = 0, most: int = 0, jobs: int = 0, largest: int = 0) -> Footprint:
    return Footprint(cpu(least), cpu(most), cpu(jobs), cpu(largest))


def excess(one: Footprint, *, queued: bool = False) -> list[tuple[int, bool, str]]:
    terms = Terms(quota={"cpu": Decimal(10), "a10g": Decimal(0)}, queued=queued)
    return [(int(each.asked), each.certain, each.what) for each in over_quota(one, terms)]


def test_what_always_runs_or_is_one_job_cannot_run_at_all_above_the_quota() -> None:
    assert excess(found(least=11, most=12)) == [(11, True, "with the fewest replicas")]
    assert excess(found(least=2, most=2, jobs=11, largest=11)) == [(11, True, "by a single job")]
    assert excess(found(least=10, most=10)) == []


def test_what_would_be_too_much_only_at_times_is_told_as_possible() -> None:
    assert excess(found(least=2, most=11)) == [(11, False, "with the most replicas and every job")]
    assert excess(found(least=2, most=6, jobs=5, largest=5)) == [(11, False, "with the most replicas and every job")]


def test_where_jobs_queue_they_do_not_add_to_what_runs() -> None:
    assert excess(found(least=2, most=6, jobs=30, largest=5), queued=True) == []
    assert excess(found(least=2, most=11), queued=True) == [(11, False, "with the most replicas")]


def test_a_quota_by_the_resource_is_for_all_of_its_classes() -> None:
    classes = {name: AcceleratorClass("nvidia.com/gpu", {"a": name}) for name in ("a10g", "h100")}
    asked = {"a10g": Decimal(2), "h100": Decimal(3), "nvidia.com/gpu": Decimal(1)}
    terms = Terms(classes, {"nvidia.com/gpu": Decimal(5), "a10g": Decimal(2)})
    (one,) = over_quota(Footprint(asked, asked, {}, {}), terms)
    assert (one.resource, int(one.asked)) == ("nvidia.com/gpu", 6)


def test_a_job_that_no_queue_can_admit_is_certain_and_what_always_runs_is_no_job() -> None:
    terms = Terms(queued=True, queue={"cpu": Decimal(10)})
    assert [one.what for one in over_quota(found(least=50, most=50, jobs=11, largest=11), terms)] == [QUEUED]
    assert list(over_quota(found(least=50, most=50, jobs=30, largest=10), terms)) == []


def queue(*quotas: tuple[str, str, str | None], cohort: str | None = None) -> dict[str, Any]:
    resources = [
        {"name": name, "nominalQuota": nominal, **({"borrowingLimit": limit} if limit else {})}
        for name, nominal, limit in quotas
    ]
    spec = {"resourceGroups": [{"flavors": [{"name": "a", "resources": resources}] * 2}]}
    return {"kind": "ClusterQueue", "spec": {**spec, **({"cohortName": cohort} if cohort else {})}}


def test_a_cluster_queue_gives_what_all_flavours_have_and_what_it_may_borrow() -> None:
    assert queue_quota([queue(("cpu", "4", None), ("memory", "1Ki", "9Ki"))]) == {"cpu": 8, "memory": 2048}
    assert queue_quota([queue(("cpu", "4", None), ("memory", "1Ki", "1Ki"), cohort="all")]) == {"memory": 4096}
    assert queue_quota([queue(("cpu", "4", None)), queue(("cpu", "9", None))]) == {"cpu": 18}
    assert queue_quota([queue(("cpu", "4", None)), queue(("cpu", "9", None), cohort="all")]) == {}
    assert queue_quota([{"kind": "ClusterQueue", "spec": {"resourceGroups": 1}}, {"kind": "Job"}]) == {}


def test_a_budget_is_held_against_all_targets_together_and_names_what_has_no_price() -> None:
    table = PriceTable("EUR", "contract 7", "2026-11-01", {"cpu": Decimal(1)})
    targets = [("aws", found(1, 3), Terms(prices=table)), ("here", found(1, 1), Terms())]
    fewest = spending(Budget(Decimal(800)), targets)
    assert (int(fewest.monthly), fewest.is_over, fewest.currency, fewest.cost.unpriced) == (
        730,
        False,
        "EUR",
        ("cpu at here",),
    )
    assert spending(Budget(Decimal(800), "most"), targets).is_over


def test_terms_survive_the_cache() -> None:
    table = PriceTable("EUR", "contract 7", "2026-11-01", {"cpu": Decimal("0.042")})
    terms = Terms({"a10g": AcceleratorClass("nvidia.com/gpu", {"a": "b"})}, {"cpu": Decimal("1.5")}, table, queued=True)
    assert from_json(to_json(terms)) == terms
    assert from_json(to_json(Terms())) == Terms()
