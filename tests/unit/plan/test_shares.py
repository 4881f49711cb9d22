from __future__ import annotations

from typing import Any

import pytest

from mlgitops.manifest import Manifest
from mlgitops.plan.shares import Share, shares


def service(name: str, release: str, **predictor: Any) -> Manifest:
    metadata = {"name": name, "labels": {"mlgitops.dev/release": release}}
    return {"kind": "InferenceService", "metadata": metadata, "spec": {"predictor": predictor}}


def route(*backends: dict[str, Any]) -> Manifest:
    explain = {"matches": [{}], "backendRefs": [{"name": "iris-explainer"}]}
    spec = {"rules": [explain, {"backendRefs": list(backends)}]}
    return {"kind": "HTTPRoute", "metadata": {"name": "iris-traffic"}, "spec": spec}


BOTH = service("iris", "1.0"), service("iris-canary", "1.1")
STABLE, NEW = {"name": "iris-predictor"}, {"name": "iris-canary-predictor"}


@pytest.mark.parametrize(
    ("backends", "expected"),
    [
        (({**STABLE, "weight": 90}, {**NEW, "weight": 10}), (Share("1.0", 90), Share("1.1", 10))),
        (({**STABLE, "weight": 0}, {**NEW, "weight": 100}), (Share("1.1", 100), Share("1.0", 0))),
        ((STABLE,), (Share("1.0", 100), Share("1.1", 0))),  # a shadow gets copies
        ((STABLE, NEW), (Share("1.0", 50), Share("1.1", 50))),
        ((), (Share("1.0", 0), Share("1.1", 0))),
    ],
)
def test_two_releases_behind_a_route_share_its_weights(backends: Any, expected: tuple[Share, ...]) -> None:
    assert shares([*BOTH, route(*backends)]) == expected


def test_a_transformer_stands_for_its_service() -> None:
    backends = {"name": "iris-transformer", "weight": 3}, {"name": "iris-canary-transformer", "weight": 1}
    assert shares([*BOTH, route(*backends)]) == (Share("1.0", 75), Share("1.1", 25))


def test_one_release_answers_everything() -> None:
    assert shares([BOTH[0], route(STABLE)]) == ()
    assert shares([BOTH[0]]) == shares([]) == ()


def test_on_knative_the_newer_revision_has_its_percent() -> None:
    assert shares([service("iris", "1.1", canaryTrafficPercent=10)]) == (Share("1.1", 10),)
    assert shares([service("iris", "1.1", canaryTrafficPercent=0)]) == (Share("1.1", 0),)
    assert shares([service("iris", "1.1", canaryTrafficPercent=100)]) == ()
