"""What leads to a model: routes, graphs and addresses in other manifests that name what serves it. Pure.

A model that KServe serves is reached by the Services that KServe makes for its InferenceService: by name within the
namespace, or by their hosts in the cluster (``iris-predictor.models.svc.cluster.local``). Hosts outside of the cluster
are the cluster's business and are not known here.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from mlgitops.manifest import LABEL_MODEL, Manifest, labels

ROUTES = frozenset(
    {
        ("gateway.networking.k8s.io", "HTTPRoute"), ("gateway.networking.k8s.io", "GRPCRoute"),
        ("gateway.networking.k8s.io", "TCPRoute"), ("gateway.networking.k8s.io", "TLSRoute"),
        ("networking.k8s.io", "Ingress"), ("networking.istio.io", "VirtualService"),
        ("serving.kserve.io", "InferenceGraph"), ("serving.kserve.io", "InferenceService"),
        ("eventing.knative.dev", "Trigger"), ("sources.knative.dev", "KafkaSource"),
    }
)  # fmt: skip
"""Group and kind of what sends requests to a model by its name. An InferenceService does in its transformer."""

_PARTS = ("", "-predictor", "-transformer", "-explainer")
_KNATIVE = ("", "-default")
_LANGUAGE_MODEL = ("", "-kserve-workload-svc", "-inference-pool")
"""What a route leads to for an LLMInferenceService: its Service, or the pool of its scheduler."""
_SERVED_BY = frozenset({"InferenceGraph", "InferenceService", "LLMInferenceService"})
_NAMED = frozenset({"backendRef", "backendRefs", "service", "ref", "services"})
_HOST = re.compile(
    r"(?P<scheme>(?:https?|grpcs?|h2c?)://)?(?:[^/@]*@)?(?P<host>[a-z0-9.-]+)(?P<port>:\d+)?(?:/.*)?", re.I
)
_BETWEEN = re.compile(r"[\s,;='\"()]+")


class Address(NamedTuple):
    """A Service by which a model is reached."""

    namespace: str
    name: str


def addresses(manifests: Iterable[Manifest], model: str) -> frozenset[Address]:
    """How a model is reached, by what serves it and its own Services among an environment's manifests."""
    own = (manifest for manifest in manifests if labels(manifest).get(LABEL_MODEL) == model)
    found: set[Address] = set()
    for manifest in own:
        namespace, name = manifest["metadata"].get("namespace", ""), manifest["metadata"]["name"]
        if manifest["kind"] == "InferenceService":
            found |= {Address(namespace, f"{name}{part}{end}") for part in _PARTS for end in _KNATIVE}
        elif manifest["kind"] == "LLMInferenceService":
            found |= {Address(namespace, f"{name}{part}") for part in _LANGUAGE_MODEL}
        elif manifest["kind"] in ("InferenceGraph", "Service"):
            found.add(Address(namespace, name))
    return frozenset(found)


def referrers(manifests: Iterable[Manifest], model: str, reached: Collection[Address]) -> Iterator[str]:
    """What leads to a model, in words: ``HTTPRoute/shop in web (spec.rules.0.backendRefs.0)``.

    The model's own manifests do not count, nor does what belongs to them by an owner reference.
    """
    for manifest in manifests:
        if labels(manifest).get(LABEL_MODEL) == model or _belongs(manifest, reached):
            continue
        namespace = manifest["metadata"].get("namespace", "")
        field = next(_fields(manifest.get("spec"), ("spec",), namespace, frozenset(reached)), "")
        if field:
            place = f" in {namespace}" if namespace else ""
            yield f"{manifest['kind']}/{manifest['metadata']['name']}{place} ({field})"


def _belongs(manifest: Manifest, reached: Collection[Address]) -> bool:
    """Whether KServe made it for the model."""
    metadata = manifest["metadata"]
    owners = (owner for owner in metadata.get("ownerReferences") or () if owner.get("kind") in _SERVED_BY)
    return any(Address(metadata.get("namespace", ""), owner.get("name", "")) in reached for owner in owners)


def _fields(value: Any, path: tuple[str, ...], namespace: str, reached: frozenset[Address]) -> Iterator[str]:
    """The fields that lead to one of the addresses."""
    if isinstance(value, Mapping):
        if _names(value, path, namespace) in reached:
            yield ".".join(path)
        for key, inner in value.items():
            yield from _fields(inner, (*path, str(key)), namespace, reached)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _fields(inner, (*path, str(index)), namespace, reached)
    elif isinstance(value, str) and any(
        _host_of(word, path[-1], namespace) in reached for word in _BETWEEN.split(value)
    ):
        yield ".".join(path)


def _names(value: Mapping[str, Any], path: tuple[str, ...], namespace: str) -> Address | None:
    """The Service that a reference names; None where it is no reference."""
    if isinstance(value.get("serviceName"), str):
        return Address(namespace, value["serviceName"])
    if isinstance(value.get("name"), str) and _NAMED & set(path[-2:]):
        return Address(str(value.get("namespace") or namespace), value["name"])
    return None


def _host_of(word: str, key: str, namespace: str) -> Address | None:
    """The Service that a URL or host in the cluster is of. A bare word is a host only where the field says so."""
    found = _HOST.fullmatch(word)
    if found is None:
        return None
    name, *rest = found["host"].lower().split(".")
    if not rest:
        return Address(namespace, name) if found["scheme"] or found["port"] or key == "host" else None
    return Address(rest[0], name) if len(rest) == 1 or rest[1] == "svc" else None
