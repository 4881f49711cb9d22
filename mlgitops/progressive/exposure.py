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
MIRROR = "RequestMirror"
PARTS = ("predictor", "transformer", "explainer")
"""KServe makes a Service ``NAME-PART`` for each part of an InferenceService."""
POINTERS: Mapping[str, tuple[str, ...]] = {
    ROUTE: ("/spec/rules",),  # one field for the API, which keeps no part of a list
    "InferenceService": ("/spec/predictor/canaryTrafficPercent",),
}
"""By kind, the fields that a step sets, as JSON pointers."""
ALONE: Mapping[str, str] = {"InferenceService": "spec.predictor.canaryTrafficPercent"}
"""By kind, the one field that may be written where all else is withheld; of a route that is all of it."""


def exposed(manifests: Iterable[Manifest], terms: Terms, step: Step) -> tuple[Manifest, ...]:
    """The manifests with the new release exposed so far; those that do not change are the same objects."""
    return tuple(_of(one, terms, step) if is_bearer(identity(one), terms) else one for one in manifests)


def is_bearer(one: Identity, terms: Terms) -> bool:
    """Whether an object is the one that shares requests out."""
    return (one.kind, one.name) == terms.bearer


def _of(manifest: Manifest, terms: Terms, step: Step) -> Manifest:
    spec = manifest["spec"]
    if manifest["kind"] == ROUTE:
        return {**manifest, "spec": {**spec, "rules": [_rule(rule, terms, step) for rule in spec.get("rules") or ()]}}
    predictor = {**spec["predictor"], "canaryTrafficPercent": step.weight}
    return {**manifest, "spec": {**spec, "predictor": predictor}}


def _rule(rule: Mapping[str, Any], terms: Terms, step: Step) -> dict[str, Any]:
    """A rule of the route, with its keys in their order. What an overlay added stays as it is."""
    backends = [_backend(one, terms, step) for one in rule.get("backendRefs") or ()]
    new = next((one for one in backends if _leads_to(one, terms.instance)), None)
    mirrors = [mirror(new, step.mirror)] if step.mirror and new else []
    filters = [*(one for one in rule.get("filters") or () if one.get("type") != MIRROR), *mirrors]
    kept = {name: value for name, value in rule.items() if name != "filters"}
    return {**({"filters": filters} if filters else {}), **kept, **({"backendRefs": backends} if backends else {})}


def _backend(backend: Mapping[str, Any], terms: Terms, step: Step) -> dict[str, Any]:
    if _leads_to(backend, terms.instance):
        return {**backend, "weight": step.weight}
    return {**backend, "weight": 100 - step.weight} if _leads_to(backend, terms.model) else dict(backend)


def _leads_to(backend: Mapping[str, Any], instance: str) -> bool:
    """Whether a backend is the Service of a part of an InferenceService."""
    name, _, part = str(backend.get("name", "")).rpartition("-")
    return name == instance and part in PARTS


def mirror(new: Mapping[str, Any], percent: int) -> dict[str, Any]:
    """The filter that copies requests; all of them where it names no share, which any Gateway API understands."""
    share = {} if percent == 100 else {"percent": percent}
    backend = {name: value for name, value in new.items() if name != "weight"}
    return {"type": MIRROR, "requestMirror": {"backendRef": backend, **share}}
