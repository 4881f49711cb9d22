"""Puts the exposure of a new release into the manifests that share requests out. Pure.

These are the HTTPRoute of a model in Standard mode, whose rules name the stable release first and then the new one, and
its InferenceService on Knative.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from mlgitops.manifest import Identity, Manifest, identity
from mlgitops.progressive.terms import Step, Terms

ROUTE = "HTTPRoute"
POINTERS: Mapping[str, tuple[str, ...]] = {
    ROUTE: ("/spec/rules",),  # one field for the API, which keeps no part of a list
    "InferenceService": ("/spec/predictor/canaryTrafficPercent",),
}
"""By kind, the fields that a step sets."""


def exposed(manifests: Iterable[Manifest], terms: Terms, step: Step) -> tuple[Manifest, ...]:
    """The manifests with the new release exposed so far; those that do not change are the same objects."""
    return tuple(_of(one, step) if is_bearer(identity(one), terms) else one for one in manifests)


def is_bearer(one: Identity, terms: Terms) -> bool:
    """Whether an object is the one that shares requests out."""
    return (one.kind, one.name) == terms.bearer


def _of(manifest: Manifest, step: Step) -> Manifest:
    spec = manifest["spec"]
    if manifest["kind"] == ROUTE:
        return {**manifest, "spec": {**spec, "rules": [_rule(rule, step) for rule in spec["rules"]]}}
    predictor = {**spec["predictor"], "canaryTrafficPercent": step.weight}
    return {**manifest, "spec": {**spec, "predictor": predictor}}


def _rule(rule: Mapping[str, Any], step: Step) -> dict[str, Any]:
    """A rule of the route, whose keys stay in their order."""
    stable, new = rule["backendRefs"]
    filters = {"filters": [mirror(new, step.mirror)]} if step.mirror else {}
    weighted = [{**stable, "weight": 100 - step.weight}, {**new, "weight": step.weight}]
    kept = {name: value for name, value in rule.items() if name != "filters"}
    return {**filters, **kept, "backendRefs": weighted}


def mirror(new: Mapping[str, Any], percent: int) -> dict[str, Any]:
    """The filter that copies requests; all of them where it names no share, which any Gateway API understands."""
    share = {} if percent == 100 else {"percent": percent}
    backend = {name: value for name, value in new.items() if name != "weight"}
    return {"type": "RequestMirror", "requestMirror": {"backendRef": backend, **share}}
