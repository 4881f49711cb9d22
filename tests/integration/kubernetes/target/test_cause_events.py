"""One Event for each cause, on the model's InferenceService, whatever is there already."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from mlgitops.response.cause import Cause, Signal
from mlgitops.response.event import event
from mlgitops.response.ledger import Known
from mlgitops.targets.kubernetes.cause_events import tell
from mlgitops.targets.kubernetes.client import Client

KNOWN = Known(Cause(Signal.DRIFT, "prod", "iris", "1.0", "ModelDataDrift"), 1_800_000_000.0, targets={"aws": 0.0})
NOW = 1_800_000_060.0


@pytest.fixture
def client(target: Any) -> Client:
    return target.connect()._client  # type: ignore[no-any-return]


def made(target: Any, known: Known = KNOWN, *, ended: bool = False) -> dict[str, Any]:
    return event(known, target.service("iris"), "rollback", NOW, ended=ended)


def there(target: Any, client: Client) -> list[tuple[str, int, str]]:
    found = client.get(f"/api/v1/namespaces/{target.namespace}/events")["items"]
    return [(one["reason"], one["count"], one["type"]) for one in found if one["source"]["component"] == "mlgitops"]


def test_it_is_made_once_and_then_brought_up_to_date(target: Any, client: Client) -> None:
    tell(client, made(target))
    tell(client, made(target))
    assert there(target, client) == [("Drift", 1, "Warning")]
    tell(client, made(target, replace(KNOWN, times=2)))
    assert there(target, client) == [("Drift", 2, "Warning")]
    tell(client, made(target, ended=True))
    assert there(target, client) == [("DriftEnded", 1, "Normal")]


def test_one_that_the_api_has_forgotten_is_made_anew(target: Any, client: Client) -> None:
    tell(client, made(target))
    name = made(target)["metadata"]["name"]
    client.send("DELETE", f"/api/v1/namespaces/{target.namespace}/events/{name}")
    tell(client, made(target, replace(KNOWN, times=3)))
    assert there(target, client) == [("Drift", 3, "Warning")]


def test_status_and_people_find_it_at_the_service(target: Any, client: Client) -> None:
    from mlgitops.manifest import identity

    tell(client, made(target))
    (found,) = target.connect().events(identity(target.service("iris")))
    assert found.reason == "Drift"
    assert "mlgitops rollback iris --env prod" in found.message


def test_kubectl_finds_it_by_the_uid_of_the_service(target: Any, client: Client) -> None:
    target.apply(target.service("iris"))
    tell(client, made(target))
    live = target.plane.api.read(target.service("iris"))["metadata"]["uid"]
    (found,) = client.get(
        f"/api/v1/namespaces/{target.namespace}/events", {"fieldSelector": f"involvedObject.uid={live}"}
    )["items"]
    assert found["reason"] == "Drift"
