"""How a release does where it runs, as ``mlgitops status -o json`` tells it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


def health(
    data: Mapping[str, Any], model: str, release_digest: str, environment: str, now: str
) -> list[dict[str, str]]:
    """One observation: ready only where every target is, since the last of them is.

    Raises ``ValueError`` where the model does not run there, runs another release, or a target could not be read.
    """
    states: list[Mapping[str, Any]] = []
    for one in _running(data, model, environment):
        if one.get("releaseDigest") != release_digest:
            raise ValueError(f"another release of {model} runs in {environment}")
        found = one.get("health")
        if not isinstance(found, Mapping):
            raise ValueError(f"it does not say how {model} does")
        states.append(found)
    if not states:
        raise ValueError(f"{model} does not run in {environment}")
    worst = next((str(one.get("state")) for one in states if one.get("state") != "ready"), "ready")
    since = max(str(one.get("since") or "") for one in states)
    if not since:
        raise ValueError(f"it does not say since when {model} is {worst}")
    return [{"environment": environment, "state": worst, "since": since, "observedAt": now}]


def _running(data: Mapping[str, Any], model: str, environment: str) -> Iterator[Mapping[str, Any]]:
    for place in _maps(data.get("environments")):
        if place.get("environment") != environment:
            continue
        for target in _maps(place.get("targets")):
            if target.get("error"):
                raise ValueError(f"the target {target.get('target')} could not be read")
            yield from (one for one in _maps(target.get("running")) if one.get("owner") == f"Model/{model}")


def _maps(value: Any) -> Iterator[Mapping[str, Any]]:
    return (item for item in (value if isinstance(value, list) else ()) if isinstance(item, Mapping))
