"""What a cluster last said about an object and what belongs to it. Reads only."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from mlgitops.manifest import Identity
from mlgitops.targets.events import Event
from mlgitops.targets.kubernetes.client import Client
from mlgitops.targets.kubernetes.failures import GoneError

MOST = 20
_PAGE = 500
_PAGES = 10
"""The most pages that are read of one kind: Events only explain, and a namespace may have any number of them."""
MOST_LISTED = _PAGE * _PAGES
_BENEATH = ("Pod", "ReplicaSet")
"""What controllers make for an object; a ReplicaSet is told that a quota or a policy refuses its pods."""
_HASH = "[a-z0-9]{1,10}"
NAMED = {
    "InferenceService": "(predictor|transformer|explainer)-.+",
    "LLMInferenceService": "kserve-.+",
    "Deployment": f"{_HASH}(-[a-z0-9]{{5}})?",
}
"""How the names beneath an object go on after its own and a dash, as KServe 0.15 to 0.20 and Kubernetes make them."""


def events(client: Client, one: Identity, others: Collection[str] = ()) -> list[Event]:
    """The last Events, newest first. What is beneath an object is known by its name, which begins with the object's.

    ``others`` are names of objects of the same kind and namespace: what is theirs is left out.
    """
    namespace = one.namespace or "default"
    own = _listed(client, namespace, f"involvedObject.kind={one.kind},involvedObject.name={one.name}")
    beneath = [event for kind in _BENEATH for event in _listed(client, namespace, f"involvedObject.kind={kind}")]
    found = [*own, *(event for event in beneath if is_beneath(event, one, others))]
    return sorted(found, key=lambda event: event.last_seen, reverse=True)[:MOST]


def in_namespace(client: Client, namespace: str) -> list[Event]:
    """Every Event of a namespace, up to the bound of pages, the oldest first."""
    return sorted(_listed(client, namespace, ""), key=lambda event: event.last_seen)


def is_beneath(event: Event, one: Identity, others: Collection[str] = ()) -> bool:
    """Whether an Event about a pod or a ReplicaSet is about one that a controller made for an object, by its name."""
    name = event.object.partition("/")[2]
    if event.object.partition("/")[0] not in _BENEATH:
        return False
    longer = (other for other in others if other.startswith(f"{one.name}-"))
    if any(_fits(one.kind, other, name) for other in longer):
        return False
    return _fits(one.kind, one.name, name)


def _fits(kind: str, owner: str, name: str) -> bool:
    rest = name.removeprefix(f"{owner}-")
    return rest != name and re.fullmatch(NAMED.get(kind, ".+"), rest) is not None


def _listed(client: Client, namespace: str, selector: str) -> Iterator[Event]:
    """Page by page, up to a bound; what a page that has expired would have had is done without."""
    query = {"limit": str(_PAGE), **({"fieldSelector": selector} if selector else {})}
    for _ in range(_PAGES):
        try:
            answer = client.get(f"/api/v1/namespaces/{namespace}/events", query)
        except GoneError:
            return
        yield from map(_event, answer.get("items") or ())
        following = (answer.get("metadata") or {}).get("continue")
        if not following:
            return
        query["continue"] = following


def _event(item: Mapping[str, Any]) -> Event:
    about, series = item.get("involvedObject") or {}, item.get("series") or {}
    times = (series.get("lastObservedTime"), item.get("lastTimestamp"), item.get("eventTime"))
    return Event(
        f"{about.get('kind', '')}/{about.get('name', '')}",
        item.get("type") or "Normal",
        item.get("reason") or "",
        item.get("message") or "",
        next(filter(None, times), ""),
        int(series.get("count") or item.get("count") or 1),
    )
