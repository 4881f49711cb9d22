"""An apply that is killed at one of its requests, by the proxy that the request comes to."""

from __future__ import annotations

import signal
from concurrent.futures import Future

from tests.testbed.command import Command
from tests.testbed.proxy import Exchange, Fault, FaultProxy, Request
from tests.testbed.scene import Scene


class Killer:
    """A rule that ends the client at the request of a number: before it is forwarded, or once it is committed."""

    def __init__(self, number: int, *, committed: bool) -> None:
        self.client: Future[Command] = Future()
        self._number = number
        self._committed = committed

    def __call__(self, request: Request) -> Fault | None:
        if request.number < self._number:
            return None
        return self._after if self._committed and request.number == self._number else self._kill

    def _after(self, exchange: Exchange) -> None:
        exchange.forward()
        self._kill(exchange)

    def _kill(self, exchange: Exchange) -> None:
        self.client.result(10).send(signal.SIGKILL)


def kill_apply(scene: Scene, number: int, *, committed: bool) -> None:
    """An apply that is killed at the request of that number, of those that are meant to change something.

    On return, what was forwarded has come to its end.
    """
    killer = Killer(number, committed=committed)
    with FaultProxy(scene.plane.apiserver, killer) as proxy:
        command = scene.start("apply", "--env", "dev", "--yes", "--no-wait", kubeconfig=scene.through(proxy))
        killer.client.set_result(command)
        ran = command.ended()
    assert ran.code == -signal.SIGKILL, ran.said
