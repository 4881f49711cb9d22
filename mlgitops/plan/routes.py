"""What a route sends requests to, so that it is written once that is ready, and before what it leaves changes. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from mlgitops.manifest import Identity
from mlgitops.plan.change import Action, Change
from mlgitops.progressive.exposure import PARTS


def led_to(changes: Iterable[Change]) -> dict[Identity, tuple[Change, ...]]:
    """For each HTTPRoute that is to be written, the InferenceServices of its own model that are to get requests by it.

    These may be unchanged. One that gets copies alone, or a share of nothing, does not count: whoever takes requests
    away from what is broken must not have to wait until it is mended.
    """
    changes = list(changes)
    routes = [one for one in changes if one.identity.kind == "HTTPRoute" and one.owner.startswith("Model/")]
    owners = {route.owner for route in routes if route.writes}
    services: dict[str, list[Change]] = {}
    for one in changes:
        if one.identity.kind == "InferenceService" and one.owner in owners and one.action is not Action.DELETE:
            services.setdefault(one.owner, []).append(one)
    return {route.identity: tuple(_reached(route, services.get(route.owner, ()))) for route in routes if route.writes}


def left(changes: Iterable[Change]) -> frozenset[Identity]:
    """The InferenceServices that change while their model's route, which is to be written, sends them no requests.

    They are to be written after it: until then it may still send them what was meant for the release that they have.
    One that is new comes before it, since a route should name no Service that is not there.
    """
    changes = list(changes)
    reached = led_to(changes)
    owners = {one.owner for one in changes if one.identity in reached}
    kept = {service.identity for services in reached.values() for service in services}
    changed = (one.identity for one in changes if one.owner in owners and one.action in (Action.UPDATE, Action.REPLACE))
    return frozenset(one for one in changed if one.kind == "InferenceService" and one not in kept)


def _reached(route: Change, services: Iterable[Change]) -> Iterator[Change]:
    names = set(_backends((route.desired or {}).get("spec") or {}))
    for service in services:
        if names & {f"{service.identity.name}-{part}" for part in PARTS}:
            yield service


def _backends(spec: Mapping[str, Any]) -> Iterator[str]:
    """The Services with a weight, which is 1 where none is given (Gateway API, ``BackendRef``)."""
    for rule in spec.get("rules") or ():
        for backend in rule.get("backendRefs") or ():
            if backend.get("weight", 1) > 0:
                yield backend["name"]
