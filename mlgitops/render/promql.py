"""Alerts, and values as Prometheus writes them. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from mlgitops.spec.quantities import milliseconds
from mlgitops.spec.resolved import ResolvedModel

_UNITS = {"d": 86_400_000, "h": 3_600_000, "m": 60_000, "s": 1_000, "ms": 1}


def prometheus_duration(duration: str) -> str:
    """A ``Duration`` as Prometheus reads it: units from large to small, each once. ``90m`` becomes ``1h30m``."""
    rest, text = milliseconds(duration), ""
    for unit, size in _UNITS.items():
        count, rest = divmod(rest, size)
        text += f"{count}{unit}" if count else ""
    return text


def number(value: float | Decimal) -> str:
    """A number without an exponent and without trailing zeros: 0.0144, 500."""
    text = f"{Decimal(str(value)):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def alert(
    model: ResolvedModel,
    name: str,
    expression: str,
    labels: Mapping[str, str],
    annotations: Mapping[str, str],
    hold: str | None = None,
) -> dict[str, Any]:
    """An alerting rule about a model, with its labels and runbook besides those given.

    ``hold`` is how long the expression must hold; at once where it is left out.
    """
    place, runbook = model.place, model.spec.governance.runbook
    own = {
        "model": model.name,
        "version": model.spec.release.version,
        "environment": place.environment,
        "target": place.target,
    }
    return {
        "alert": name,
        "expr": expression,
        **({"for": prometheus_duration(hold)} if hold else {}),
        "labels": {**own, **labels},
        "annotations": {**annotations, **({"runbook_url": runbook} if runbook else {})},
    }
