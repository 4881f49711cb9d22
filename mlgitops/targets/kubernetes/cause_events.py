"""Writes an Event that has a name of its own: what is there is brought up to date, so that there is only one."""

from __future__ import annotations

from typing import Any

from mlgitops.errors import NotAuthorisedError
from mlgitops.targets.kubernetes.client import Client
from mlgitops.targets.kubernetes.discovery import Discovery
from mlgitops.targets.kubernetes.failures import ApiError

MERGE = "application/merge-patch+json"


def tell(client: Client, event: dict[str, Any]) -> None:
    """Puts the Event there as it is to be. The API forgets Events after a while: then it is made anew.

    Raises ``TargetError`` and ``NotAuthorisedError``.
    """
    metadata = event["metadata"]
    collection = f"/api/v1/namespaces/{metadata['namespace']}/events"
    path = f"{collection}/{metadata['name']}"
    changing = {name: event[name] for name in ("reason", "message", "type", "lastTimestamp", "count")}
    try:
        client.send("PATCH", path, body=changing, content=MERGE)
        return
    except ApiError as error:
        if error.status != 404:
            raise
    try:
        client.send("POST", collection, body={**event, "involvedObject": _identified(client, event["involvedObject"])})
    except ApiError as error:
        if not error.collides:
            raise
        client.send("PATCH", path, body=changing, content=MERGE)


def _identified(client: Client, about: dict[str, Any]) -> dict[str, Any]:
    """What an Event is about with its uid, by which ``kubectl describe`` finds it; as it is where nobody can tell."""
    group, _, version = about["apiVersion"].rpartition("/")
    served = Discovery(client).find(group, about["kind"], version)
    if served is None:
        return about
    try:
        found = client.get(f"{served.collection(about['namespace'])}/{about['name']}")
    except NotAuthorisedError:
        return about
    except ApiError as error:
        if error.status != 404:
            raise
        return about
    return {**about, "uid": found["metadata"]["uid"]}
