"""What is written by a run that held the lock and does so no more."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from mlgitops.errors import TargetError
from mlgitops.targets.kubernetes.connection import KubernetesConnection
from tests.testbed.control_plane import ADMIN
from tests.testbed.proxy import Answer, Exchange, FaultProxy, Request


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mlgitops.targets.kubernetes.client.PATIENCE", 1.0)


@pytest.fixture
def lose(target: Any) -> Callable[[KubernetesConnection], None]:
    """``lose(connection)``: its lock runs out and is somebody else's."""

    def lost(connection: KubernetesConnection) -> None:
        connection._lease._stop.set()
        connection._lease._until = 0.0
        path = f"/apis/coordination.k8s.io/v1/namespaces/{target.namespace}/leases/{connection._name}"
        lease = target.plane.api.get(path)
        lease["spec"]["holderIdentity"] = "somebody else"
        target.plane.api.request("PUT", path, lease)

    return lost


@pytest.fixture
def through(target: Any) -> Iterator[Callable[[Callable[[Exchange], None]], KubernetesConnection]]:
    """``through(fault)``: a connection that holds the lock, and whose writes of objects meet with that."""

    def rule(request: Request) -> Callable[[Exchange], None] | None:
        return faults[-1] if request.method == "PATCH" and request.mutating else None

    faults: list[Callable[[Exchange], None]] = []
    with FaultProxy(target.plane.apiserver, rule) as proxy:
        path = target.plane.write_kubeconfig(f"proxy-{proxy.port}", proxy.access(ADMIN))

        def connected(fault: Callable[[Exchange], None]) -> KubernetesConnection:
            faults.append(fault)
            connection: KubernetesConnection = target.connect(kubeconfig=str(path))
            connection._begin()
            return connection

        yield connected


def test_what_was_about_to_leave_when_the_lock_ran_out_stays(
    target: Any, lose: Callable[[KubernetesConnection], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As of a run that was stopped after its last look at the lock."""
    connection = target.connect()
    connection._begin()
    lose(connection)
    monkeypatch.setattr(connection._lease, "require", lambda: None)
    with target.plane.audit.recording() as recorded, pytest.raises(TargetError):
        connection.put(target.make("a"), "")
    assert recorded.mutating() == []


def test_a_lock_that_somebody_removed_is_lost_and_not_made_anew(target: Any) -> None:
    connection = target.connect()
    connection._begin()
    path = f"/apis/coordination.k8s.io/v1/namespaces/{target.namespace}/leases"
    target.plane.api.request("DELETE", f"{path}/{connection._name}")
    connection._lease._until = 0.0
    with pytest.raises(TargetError, match="lock on the target was lost"):
        connection.put(target.make("a"), "")
    connection._lease.release()
    assert target.plane.api.get(path)["items"] == []


def test_what_is_tried_again_looks_at_the_lock_again(
    target: Any, lose: Callable[[KubernetesConnection], None], through: Callable[..., KubernetesConnection]
) -> None:
    def busy(exchange: Exchange) -> None:
        lose(connection)
        exchange.reply(Answer(503))

    connection = through(busy)
    with pytest.raises(TargetError, match="lock on the target was lost"):
        connection.put(target.make("a"), "")
    assert not target.plane.api.exists(target.make("a"))


def test_what_was_written_while_the_lock_was_lost_is_said(
    target: Any, lose: Callable[[KubernetesConnection], None], through: Callable[..., KubernetesConnection]
) -> None:
    """It had left already, and nothing holds it back then."""

    def slow(exchange: Exchange) -> None:
        answer = exchange.forward()
        lose(connection)
        exchange.reply(answer)

    connection = through(slow)
    with pytest.raises(TargetError, match="ConfigMap/a was written while the lock on the target was lost") as caught:
        connection.put(target.make("a"), "")
    assert "drift shows" in caught.value.help


def test_a_lock_that_ran_out_and_is_nobody_elses_is_renewed_and_the_write_goes_on(
    target: Any, through: Callable[..., KubernetesConnection]
) -> None:
    busy = [True]

    def once(exchange: Exchange) -> None:
        if busy:
            busy.clear()
            connection._lease._until = 0.0
            exchange.reply(Answer(503))
        else:
            exchange.reply(exchange.forward())

    connection = through(once)
    connection.put(target.make("a"), "")
    assert target.plane.api.exists(target.make("a"))
    assert connection._lease.is_held()
