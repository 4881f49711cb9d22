"""Causes in what Prometheus says: its own ALERTS, of the alerts that were rendered for a target. Pure.

Whatever else is there, of other alerts, models or releases, is no cause: only what Git has rendered can become one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any

from mlgitops.manifest import Manifest
from mlgitops.response.cause import Cause, Signal, Value

Labels = Mapping[str, str]

SIGNALS: Mapping[str, Signal] = {
    "ModelDataDrift": Signal.DRIFT,
    "ModelStale": Signal.STALE,
    "ModelAvailabilityBurnRate": Signal.SLO_BURN,
    "ModelLatencyBurnRate": Signal.SLO_BURN,
    "ModelBusinessMetricBelowFloor": Signal.BUSINESS,
    "ModelErrorBurst": Signal.ERRORS,
}
"""By the name of an alert, what it is a sign of; the other alerts are for people alone."""
MOST_VALUES = 20
"""Numbers that are kept of a cause."""
_LONGEST = 100


@dataclass(frozen=True, slots=True)
class Watch:
    """The alerts that a target has: by cause, the expressions of its rules, as rendered."""

    environment: str
    target: str
    rules: Mapping[Cause, tuple[str, ...]]

    @property
    def expression(self) -> str:
        """PromQL for those that fire."""
        names = "|".join(sorted(SIGNALS))
        where = f'environment="{self.environment}",target="{self.target}"'
        return f'ALERTS{{alertstate="firing",alertname=~"{names}",{where}}}'


def watch(environment: str, target: str, manifests: Iterable[Manifest]) -> Watch:
    """What is to be watched at a target, by its PrometheusRules."""
    rules: dict[Cause, tuple[str, ...]] = {}
    for rule in _rules(manifests):
        cause = _cause(environment, target, {"alertname": str(rule.get("alert", "")), **(rule.get("labels") or {})})
        if cause is not None:
            rules[cause] = (*rules.get(cause, ()), str(rule["expr"]))
    return Watch(environment, target, rules)


def _rules(manifests: Iterable[Manifest]) -> Iterator[dict[str, Any]]:
    for manifest in manifests:
        if manifest["kind"] == "PrometheusRule":
            for group in manifest["spec"]["groups"]:
                yield from group["rules"]


def firing(watched: Watch, samples: Iterable[tuple[Labels, float]]) -> list[Cause]:
    """The causes that the samples of ``expression`` tell of, each once."""
    found = (_cause(watched.environment, watched.target, labels) for labels, value in samples if value == 1)
    return sorted({cause for cause in found if cause is not None and cause in watched.rules})


def _cause(environment: str, target: str, labels: Labels) -> Cause | None:
    name = labels.get("alertname", "")
    if name not in SIGNALS or (labels.get("environment"), labels.get("target")) != (environment, target):
        return None
    metric = f"/{labels['metric']}" if labels.get("metric") else ""
    return Cause(SIGNALS[name], environment, labels.get("model", ""), labels.get("version", ""), f"{name}{metric}")


def measures(watched: Watch, cause: Cause) -> list[str]:
    """PromQL for the numbers behind a cause."""
    if cause.signal is not Signal.DRIFT:
        return list(dict.fromkeys(watched.rules[cause]))
    place = f'environment="{cause.environment}",target="{watched.target}"'
    of = f'{{model="{cause.model}",version="{cause.version}",{place}}}'
    return [f"mlgitops_drift_threshold{of}", f"mlgitops_drift_feature{of}"]


def values(name: str, samples: Iterable[tuple[Labels, float]]) -> list[Value]:
    """The numbers of some samples, the largest first; what is no number is left out. ``name`` is for those without."""
    found = [Value(_named(labels) or name, value) for labels, value in samples if isfinite(value)]
    return sorted(found, key=lambda one: (-one.value, one.name))[:MOST_VALUES]


def _named(labels: Labels) -> str:
    return (labels.get("feature") or labels.get("__name__") or "")[:_LONGEST]
