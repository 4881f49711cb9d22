"""The price list of a project: what its protected branch says resources cost at each target."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

from mlgitops.errors import FindingsError
from mlgitops.promotion.cost import PriceList
from mlgitops.spec.document import load
from mlgitops.spec.project import Project
from mlgitops.spec.project_files import PROJECT_FILE
from mlgitops.spec.validation import validate
from mlgitops.workflows.promotion.base import Base


def price_list(base: Base, targets: Iterable[str]) -> PriceList | None:
    """The prices at some targets by their clouds; None where the project keeps none. Raises ``FindingsError``."""
    document = load(PROJECT_FILE, base.content(PROJECT_FILE) or b"")
    project, findings = validate(Project, document.data, document.written)
    if project is None:
        raise FindingsError(findings)
    prices = project.spec.prices
    if prices is None:
        return None
    clouds = {target: _cloud(base, target) for target in targets}
    by_cloud = {str(cloud): own for cloud, own in prices.per_hour.items()}
    return PriceList(prices.currency, {target: _exact(by_cloud.get(cloud, {})) for target, cloud in clouds.items()})


def _exact(prices: Mapping[str, str]) -> dict[str, Decimal]:
    return {resource: Decimal(price) for resource, price in prices.items()}


def _cloud(base: Base, target: str) -> str:
    """The cloud of a target; empty where that cannot be read, of which rendering tells."""
    path = f"targets/{target}.yaml"
    content = base.content(path)
    spec = load(path, content).data.get("spec") if content is not None else None
    return str(spec.get("cloud", "")) if isinstance(spec, dict) else ""
