"""Which release of a model answers how many of its requests, by what is live. Pure.

Two releases run side by side while a rollout lasts: in mode Standard as two InferenceServices behind an HTTPRoute, on
Knative as two revisions of one, of which the newer gets ``canaryTrafficPercent``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from mlgitops.manifest import LABEL_RELEASE, Manifest, labels
from mlgitops.progressive.exposure import PARTS
from mlgitops.spec.positions import value_of


@dataclass(frozen=True, slots=True)
class Share:
    """A release, and the percent of the requests that it answers, 0 to 100. Copies of requests do not count."""

    release: str
    percent: int


def shares(manifests: Iterable[Manifest]) -> tuple[Share, ...]:
    """The shares of a model's releases, the largest first; empty where one release answers everything.

    ``manifests`` are all live objects of the model. On Knative the release before is not known by name, and left out.
    """
    live = list(manifests)
    services = [one for one in live if one["kind"] == "InferenceService"]
    routes = [one for one in live if one["kind"] == "HTTPRoute"]
    if len(services) > 1 and routes:
        weights = _weights(routes[0].get("spec") or {})
        found = [Share(_release(one), _percent(weights, one["metadata"]["name"])) for one in services]
        return tuple(sorted(found, key=lambda share: (-share.percent, share.release)))
    given = [(one, value_of(one, ("spec", "predictor", "canaryTrafficPercent"))) for one in services]
    return tuple(Share(_release(one), percent) for one, percent in given if percent is not None and percent < 100)


def _weights(spec: Mapping[str, Any]) -> dict[str, int]:
    """The weight of each InferenceService in the last rule, which is for every path; 1 where none is given."""
    rules = spec.get("rules") or [{}]
    return {_service(one["name"]): one.get("weight", 1) for one in rules[-1].get("backendRefs") or ()}


def _service(backend: str) -> str:
    name, _, part = backend.rpartition("-")
    return name if part in PARTS else backend


def _percent(weights: Mapping[str, int], name: str) -> int:
    total = sum(weights.values())
    return round(100 * weights.get(name, 0) / total) if total else 0


def _release(service: Manifest) -> str:
    return labels(service).get(LABEL_RELEASE, "")
