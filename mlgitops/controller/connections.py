"""Connections to the controller's server: few at once, short, and told nothing but the answer.

Whoever sends or reads slowly is cut off at the deadline, and makes room earlier where there are too many.
"""

from __future__ import annotations

import io
import socket
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from socketserver import TCPServer, ThreadingMixIn
from typing import Any

from mlgitops.controller.answers import Answer, Answers

DEADLINE = 10.0
"""Seconds that a connection may last, from when it is taken to the end of the answer."""
MOST_CONNECTIONS = 32
"""Connections that are served at once, a thread for each."""
LINGER = 0.5
"""Seconds for which what is still sent after an answer is read and thrown away."""
MAX_HEAD = 32 * 2**10
"""Bytes of a request's line and headers."""


class _Handler(BaseHTTPRequestHandler):
    """One request of a connection, and its end."""

    server: Listener
    protocol_version = "HTTP/1.0"
    _headers: Mapping[str, str]

    def setup(self) -> None:
        """A file whose reading ends at the deadline and after so many bytes, however slowly they come."""
        self.connection = self.request
        self._deadline = time.monotonic() + DEADLINE
        self._incoming = _Incoming(self.connection, self._deadline)
        self.rfile = io.BufferedReader(self._incoming)
        self.wfile = _Outgoing(self.connection, self._deadline)

    def parse_request(self) -> bool:
        """Whether the request can be understood; headers that come twice are refused where that could matter."""
        if not super().parse_request():
            return False
        self.close_connection = True
        self._headers = {name.lower(): value for name, value in self.headers.items()}
        if len(self._headers) < len(self.headers) and len(self.headers.get_all("Content-Length", [])) > 1:
            self.send_error(HTTPStatus.BAD_REQUEST)
            return False
        return True

    def do_GET(self) -> None:
        self._send(self.server.answers.page(self._path(), self._headers))

    do_HEAD = do_GET  # noqa: N815

    def do_POST(self) -> None:
        self._send(self.server.answers.posted(self._path(), self._headers, self._read))

    def _other(self) -> None:
        self._send(self.server.answers.other(self._path()))

    do_PUT = do_PATCH = do_DELETE = do_OPTIONS = do_TRACE = do_CONNECT = _other  # noqa: N815

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """An error's status and nothing of the request."""
        self._headers = {}
        self.close_connection = True
        self._send(Answer(HTTPStatus(code)))

    def finish(self) -> None:
        """Ends the connection, so that whoever is still sending gets to read the answer all the same."""
        if getattr(self, "command", None) == "POST":
            with suppress(OSError):
                self.connection.shutdown(socket.SHUT_WR)
                self._incoming.discard(LINGER)
        super().finish()

    def log_message(self, format: str, *args: Any) -> None:
        """Requests are counted, not told."""

    def _path(self) -> str:
        return self.path.partition("?")[0]

    def _read(self, length: int) -> bytes:
        self._incoming.allow(length)
        with suppress(OSError):
            return self.rfile.read(length)
        return b""

    def _send(self, answer: Answer) -> None:
        body = answer.body or f"{answer.status.phrase}\n".encode()
        self.send_response_only(answer.status)
        headers = {"Content-Type": answer.type, "Content-Length": str(len(body)), "Cache-Control": "no-store"}
        allowed = {"Allow": answer.allow} if answer.allow else {}
        for name, value in {**headers, **allowed, "Connection": "close"}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


class _Incoming(io.RawIOBase):
    """What comes from a connection, until the deadline and up to so many bytes."""

    def __init__(self, connection: socket.socket, deadline: float) -> None:
        self._connection = connection
        self._deadline = deadline
        self._allowed = MAX_HEAD

    def allow(self, more: int) -> None:
        """So many bytes more may come."""
        self._allowed += more

    def discard(self, seconds: float) -> None:
        """Reads what still comes, for so long at most. Raises ``OSError``."""
        self._deadline = min(self._deadline, time.monotonic() + seconds)
        scratch = bytearray(65536)
        came = 1
        while came:
            self._connection.settimeout(_left(self._deadline))
            came = self._connection.recv_into(scratch)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        with memoryview(buffer) as view:
            wanted = min(len(view), self._allowed)
            if not wanted:
                return 0
            self._connection.settimeout(_left(self._deadline))
            came = self._connection.recv_into(view[:wanted])
        self._allowed -= came
        return came


class _Outgoing(io.BufferedIOBase):
    """What goes to a connection, until the deadline."""

    def __init__(self, connection: socket.socket, deadline: float) -> None:
        self._connection = connection
        self._deadline = deadline

    def writable(self) -> bool:
        return True

    def write(self, content: Any) -> int:
        self._connection.settimeout(_left(self._deadline))
        self._connection.sendall(content)
        return len(content)


def _left(deadline: float) -> float:
    """Seconds until the deadline. Raises ``TimeoutError`` where it is over."""
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


class Listener(ThreadingMixIn, TCPServer):
    """Takes connections, at most so many at once; the oldest one makes room for a new one."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, listening: socket.socket, answers: Answers) -> None:
        super().__init__(("", 0), _Handler, bind_and_activate=False)
        self.socket.close()
        self.socket = listening
        self.answers = answers
        self._free = threading.Semaphore(MOST_CONNECTIONS)
        self._open: dict[int, socket.socket] = {}
        self._opened = threading.Lock()

    def process_request(self, request: Any, client_address: Any) -> None:
        """Serves a connection in a thread; drops it where none gets free."""
        if not self._free.acquire(blocking=False):
            self._end_oldest()
            if not self._free.acquire(timeout=1):
                self.shutdown_request(request)
                return
        with self._opened:
            self._open[id(request)] = request
        try:
            super().process_request(request, client_address)
        except RuntimeError:  # no more threads can be started
            self._ended(request)
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Serves it, and makes room."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._ended(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A connection that broke is its client's business."""

    def _ended(self, request: Any) -> None:
        with self._opened:
            self._open.pop(id(request), None)
        self._free.release()

    def _end_oldest(self) -> None:
        with self._opened:
            oldest = next(iter(self._open.values()), None)
            if oldest is not None:
                with suppress(OSError):
                    oldest.shutdown(socket.SHUT_RDWR)
