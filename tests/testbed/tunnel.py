"""A proxy as companies have between their machines and the world: it opens tunnels by HTTP's CONNECT, and sees no more.

with TunnelProxy() as proxy:
    subprocess.run(["mlgitops", "plan"], env={"HTTPS_PROXY": proxy.url})
    assert proxy.asked == ["127.0.0.1:6443"]
"""

from __future__ import annotations

import contextlib
import select
import socket
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

SECONDS = 60.0
"""The longest that anything is waited for."""
_PIECE = 65_536


class TunnelProxy:
    """Listens on a loopback port for as long as the ``with`` block lasts.

    ``asked`` are the places that tunnels were asked to, as ``HOST:PORT``. Each leads to where it asks for, or to ``to``
    where that is given, as if the name were known to the proxy alone.
    """

    def __init__(self, to: tuple[str, int] | None = None) -> None:
        self.asked: list[str] = []
        self._to = to
        self._over = threading.Event()
        self._threads: list[threading.Thread] = []

    @property
    def url(self) -> str:
        """The proxy's own URL."""
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def __enter__(self) -> Self:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._start(self._accept)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(SECONDS)

    def _start(self, work: Callable[..., None], *arguments: socket.socket) -> None:
        thread = threading.Thread(target=work, args=arguments, name="tunnel", daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while not self._over.is_set():
                self._start(self._serve, self._listener.accept()[0])

    def _serve(self, client: socket.socket) -> None:
        with client, contextlib.suppress(OSError, ValueError):
            client.settimeout(SECONDS)
            method, place, _ = _head(client).split(b"\r\n")[0].decode().split(" ")
            if method != "CONNECT":
                client.sendall(b"HTTP/1.1 405 Method Not Allowed\r\nContent-Length: 0\r\n\r\n")
                return
            self.asked.append(place)
            host, _, port = place.rpartition(":")
            with socket.create_connection(self._to or (host, int(port)), timeout=SECONDS) as server:
                client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                self._relay({client: server, server: client})

    def _relay(self, ends: dict[socket.socket, socket.socket]) -> None:
        """Passes on what comes from either end until one of them has no more, or all is over."""
        while not self._over.is_set():
            for source in select.select(ends, [], [], 0.2)[0]:
                piece = source.recv(_PIECE)
                if not piece:
                    return
                ends[source].sendall(piece)


def _head(client: socket.socket) -> bytes:
    """A request up to the empty line that ends its headers."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        piece = client.recv(1)
        if not piece:
            raise ValueError("the client went away")
        head += piece
    return head
