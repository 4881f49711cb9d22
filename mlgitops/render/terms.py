"""What holds at a target beside its manifests, from its spec and the Project: classes, quota, prices. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from mlgitops.capacity.pods import AcceleratorClass
from mlgitops.capacity.terms import Budget, PriceTable, Terms
from mlgitops.render.container import accelerator_selector
from mlgitops.spec.environment import EnvironmentSpec
from mlgitops.spec.project import Prices
from mlgitops.spec.project import PriceTable as SpecTable
from mlgitops.spec.quantities import amount
from mlgitops.spec.target import Quota, TargetSpec


def terms(target: TargetSpec, prices: Prices | None) -> Terms:
    """The terms of one target."""
    classes = {
        name: AcceleratorClass(one.resource, accelerator_selector(target, name))
        for name, one in target.accelerators.items()
    }
    quota = _quota(target.quota) if target.quota else {}
    return Terms(classes, quota, _table(prices, target.cloud) if prices else None, bool(target.components.kueue))


def budget(environment: EnvironmentSpec) -> Budget | None:
    """The environment's budget; None where it has none."""
    own = environment.budget
    return Budget(Decimal(own.monthly), own.replicas, own.level) if own else None


def _quota(quota: Quota) -> dict[str, Decimal]:
    shared = {name: amount(value) for name in ("cpu", "memory") if (value := getattr(quota, name)) is not None}
    return {**shared, **{name: Decimal(number) for name, number in sorted(quota.accelerators.items())}}


def _table(prices: Prices, cloud: str) -> PriceTable | None:
    by_cloud: Mapping[str, SpecTable] = {str(name): table for name, table in prices.per_hour.items()}
    own = by_cloud.get(cloud)
    if own is None:
        return None
    numbers = {name: Decimal(price) for name, price in sorted(own.resources.items())}
    return PriceTable(prices.currency, own.source, own.as_of, numbers)
