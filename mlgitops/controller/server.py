"""The controller's small HTTP server: probes, metrics and status for the cluster, webhooks from the forge.

    GET  /healthz   200 while the loop is alive, 503 with the reason when it is not
    GET  /readyz    200 once Git was followed
    GET  /metrics   for Prometheus
    GET  /status    how everything stands, as JSON
    POST /webhook   202: the branch is looked at now; nothing else can be brought about

Pages and webhook may be served at addresses of their own, so that only the second is let in from outside. One answer a
connection; ``connections`` says how long one may last.
"""

from __future__ import annotations

import socket
import threading
from types import TracebackType
from typing import Self

from mlgitops.controller.answers import Answers, Pages, Webhook, read_secrets
from mlgitops.controller.connections import Listener
from mlgitops.controller.log import Log
from mlgitops.errors import MlgitopsError

__all__ = ["Pages", "Server", "Webhook"]

NOTICED_SECONDS = 0.1
"""The longest that the end of the block goes unnoticed by the thread that listens."""


class Server:
    """Serves while the ``with`` block lasts, in threads of its own. ``address`` is HOST:PORT, or :PORT for every host.

    Raises ``MlgitopsError`` where the address cannot be had, or the file of the webhook's secrets cannot be used.
    """

    def __init__(self, address: str, log: Log, pages: Pages | None = None, webhook: Webhook | None = None) -> None:
        if webhook:
            read_secrets(webhook.secrets)
        host, port = _host_and_port(address)
        self._listener = Listener(_listening(host, port, address), Answers(log, pages, webhook))
        self._thread = threading.Thread(
            target=self._listener.serve_forever, kwargs={"poll_interval": NOTICED_SECONDS}, name="server", daemon=True
        )

    @property
    def port(self) -> int:
        """The port that it listens at."""
        return int(self._listener.socket.getsockname()[1])

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listener.shutdown()
        self._listener.server_close()
        self._thread.join()


def _host_and_port(address: str) -> tuple[str, int]:
    host, colon, port = address.rpartition(":")
    if not colon or not (port.isascii() and port.isdigit() and int(port) < 65536):
        raise MlgitopsError(f"{address!r} is not an address to listen at", help="give HOST:PORT, or :PORT")
    return host.removeprefix("[").removesuffix("]"), int(port)


def _listening(host: str, port: int, address: str) -> socket.socket:
    both = not host and socket.has_dualstack_ipv6()
    family = socket.AF_INET6 if both or ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=128, dualstack_ipv6=both)
    except OSError as error:
        raise MlgitopsError(
            f"cannot listen at {address}: {error.strerror or error}",
            help="Give --listen an address of this machine, and a port that is free.",
        ) from error
