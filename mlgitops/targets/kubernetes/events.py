"""What a cluster last said about an object and the pods that belong to it. Reads only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mlgitops.manifest import Identity
from mlgitops.targets.events import Event
from mlgitops.targets.kubernetes.client import Client

MOST = 20
_PAGE = 500


def events(client: Client, one: Identity) -> list[Event]:
    """The last Events, newest first. Pods are known by their names, which begin with the object's."""
    namespace = one.namespace or "default"
    own = _listed(client, namespace, f"involvedObject.kind={one.kind},involvedObject.name={one.name}")
    of_pods = _listed(client, namespace, "involvedObject.kind=Pod")
    found = [*own, *(event for event in of_pods if event.object.startswith(f"Pod/{one.name}-"))]
    return sorted(found, key=lambda event: event.last_seen, reverse=True)[:MOST]


def _listed(client: Client, namespace: str, selector: str) -> Iterator[Event]:
    query = {"fieldSelector": selector, "limit": str(_PAGE)}
    answer = client.get(f"/api/v1/namespaces/{namespace}/events", query)
    return map(_event, answer.get("items") or ())


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
