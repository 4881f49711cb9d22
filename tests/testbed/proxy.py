"""A proxy in front of a server that loses, delays, cuts and forges answers as a test says.

def refuse(exchange: Exchange) -> None:
    exchange.reply(Answer(503))

with FaultProxy(plane.apiserver, lambda request: refuse if request.number == 3 else None) as proxy:
    kubeconfig = plane.write_kubeconfig("proxy", proxy.access("admin"))

It speaks HTTP/1.1 with requests and answers of a known length, which leaves out watches.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Protocol, Self
from urllib.parse import parse_qs, urlsplit

from tests.testbed.audit import QUESTIONS
from tests.testbed.credentials import Access

SECONDS = 120.0
"""The longest that anything is waited for, be it a client, the server or the end of the test."""
MOST_CONNECTIONS = 64
LONGEST_BODY = 64 * 2**20
_HOP_BY_HOP = frozenset({"connection", "content-length", "keep-alive", "transfer-encoding"})


@dataclass(frozen=True)
class Request:
    """Headers are named ``Like-This``.

    ``number`` counts the requests that are meant to change something, from 1; it is 0 for all others.
    """

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes
    number: int = 0

    @property
    def path(self) -> str:
        """Without the query."""
        return urlsplit(self.target).path

    @property
    def query(self) -> Mapping[str, list[str]]:
        """The query's values by name."""
        return parse_qs(urlsplit(self.target).query)

    @property
    def mutating(self) -> bool:
        """Whether it is meant to change something, which a dry-run and a question about rights are not."""
        if self.method in ("GET", "HEAD") or "dryRun" in self.query:
            return False
        return not self.path.startswith(f"/apis/{QUESTIONS}/")


@dataclass(frozen=True)
class Answer:
    """What the client gets; without a body, a Status object as the API server makes them."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    def encoded(self, *, length: bool = True) -> bytes:
        """As it goes over the wire; without ``length`` it ends where the connection ends."""
        body = self.body or _status(self.status)
        named = {"Content-Type": "application/json", **self.headers}
        named |= {"Content-Length": str(len(body))} if length else {"Connection": "close"}
        lines = "".join(f"{name}: {value}\r\n" for name, value in named.items())
        phrase = http.client.responses.get(self.status, "Unknown")
        return f"HTTP/1.1 {self.status} {phrase}\r\n{lines}\r\n".encode() + body


class Exchange:
    """One request, and what can be done with it. A fault that replies nothing closes the connection."""

    def __init__(self, request: Request, client: ssl.SSLSocket, server: http.client.HTTPSConnection, over: Any) -> None:
        self.request = request
        self.stays_open = False
        self._client = client
        self._server = server
        self._over: threading.Event = over

    def forward(self) -> Answer:
        """The server's answer, once it is complete."""
        self._server.request(
            self.request.method, self.request.target, self.request.body or None, dict(self.request.headers)
        )
        response = self._server.getresponse()
        kept = {name: value for name, value in response.getheaders() if name.lower() not in _HOP_BY_HOP}
        return Answer(response.status, kept, response.read(LONGEST_BODY))

    def reply(self, answer: Answer) -> None:
        """Gives the client the whole answer."""
        self._client.sendall(answer.encoded())
        self.stays_open = True

    def cut(self, answer: Answer, *, length: bool = True) -> None:
        """Gives half of the body; without ``length`` nothing in HTTP tells the client that there was more."""
        encoded = answer.encoded(length=length)
        self._client.sendall(encoded[: len(encoded) - len(answer.body) // 2])
        with contextlib.suppress(OSError):
            self._client.unwrap()

    def drip(self, answer: Answer, *, head: bool) -> None:
        """Gives one byte a second, from the first on or from the body on."""
        encoded = answer.encoded()
        fast = 0 if head else len(encoded) - len(answer.body)
        self._client.sendall(encoded[:fast])
        for index in range(fast, len(encoded)):
            if self._over.wait(1.0):
                return
            self._client.sendall(encoded[index : index + 1])

    def reset(self) -> None:
        """Ends the connection as a crashed machine does, with a TCP reset."""
        self._client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        socket.socket(fileno=self._client.detach()).close()

    def blackhole(self, seconds: float = SECONDS) -> None:
        """Says nothing for so long, or for as long as the proxy is there."""
        self._over.wait(seconds)


Fault = Callable[[Exchange], None]
Rule = Callable[[Request], Fault | None]


def relay(exchange: Exchange) -> None:
    """No fault."""
    exchange.reply(exchange.forward())


class Upstream(Protocol):
    """What the proxy stands in front of: an API server, or a Gitea."""

    @property
    def port(self) -> int: ...

    @property
    def certificate(self) -> Path: ...

    @property
    def key(self) -> Path: ...

    def access(self, user: str, /) -> Access:
        """How a user, or who has a token, reaches it."""


class FaultProxy:
    """Listens on a loopback port for as long as the ``with`` block lasts, with the server's own certificate.

    ``rule`` says of each request what goes wrong with it, None for nothing; it may be replaced at any time.
    ``requests`` are those that came, in order.
    """

    def __init__(self, server: Upstream, rule: Rule = lambda request: None) -> None:
        self.rule = rule
        self.requests: list[Request] = []
        self._upstream = server
        self._guard = threading.Lock()
        self._over = threading.Event()
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(server.certificate, server.key)
        self._trust = ssl.create_default_context(cafile=server.certificate)
        self._threads: list[threading.Thread] = []
        self._clients: set[socket.socket] = set()

    def __enter__(self) -> Self:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=MOST_CONNECTIONS)
        self.port: int = self._listener.getsockname()[1]
        self._accepting = threading.Thread(target=self._accept, name="proxy", daemon=True)
        self._accepting.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Lets what was forwarded end, so that nothing reaches the server afterwards."""
        self._over.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._accepting.join(SECONDS)
        with self._guard:
            for client in tuple(self._clients):
                with contextlib.suppress(OSError):
                    client.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(SECONDS)

    def access(self, user: str) -> Access:
        """How one of the server's users reaches it through this proxy."""
        return self.through(self._upstream.access(user))

    def through(self, access: Access) -> Access:
        """The same access, through this proxy."""
        return replace(access, server=f"https://127.0.0.1:{self.port}")

    @property
    def mutations(self) -> int:
        """How many requests came that are meant to change something."""
        return sum(request.mutating for request in self.requests)

    def _accept(self) -> None:
        while not self._over.is_set():
            try:
                raw, _ = self._listener.accept()
            except OSError:
                return
            raw.settimeout(SECONDS)
            self._threads = [thread for thread in self._threads if thread.is_alive()]
            if len(self._threads) >= MOST_CONNECTIONS:
                raw.close()
                continue
            thread = threading.Thread(target=self._serve, args=(raw,), name="proxy-client", daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, raw: socket.socket) -> None:
        with contextlib.suppress(OSError, http.client.HTTPException), contextlib.ExitStack() as stack:
            stack.callback(raw.close)
            client = stack.enter_context(self._context.wrap_socket(raw, server_side=True))
            with self._guard:
                self._clients.add(client)
            stack.callback(self._clients.discard, client)
            server = http.client.HTTPSConnection("127.0.0.1", self._upstream.port, timeout=SECONDS, context=self._trust)
            stack.callback(server.close)
            incoming = stack.enter_context(client.makefile("rb"))
            while not self._over.is_set() and (request := self._received(incoming)) is not None:
                exchange = Exchange(request, client, server, self._over)
                (self.rule(request) or relay)(exchange)
                if not exchange.stays_open:
                    return

    def _received(self, incoming: BinaryIO) -> Request | None:
        """The next request, counted; None where the client is done."""
        first = incoming.readline(65_536).split()
        if len(first) != 3:
            return None
        headers = http.client.parse_headers(incoming)
        length = int(headers.get("Content-Length", "0"))
        if length > LONGEST_BODY or "Transfer-Encoding" in headers:
            return None
        kept = {name.title(): value for name, value in headers.items() if name.lower() not in _HOP_BY_HOP}
        request = Request(first[0].decode(), first[1].decode(), kept, incoming.read(length))
        with self._guard:
            if request.mutating:
                request = replace(request, number=self.mutations + 1)
            self.requests.append(request)
        return request


def _status(status: int) -> bytes:
    reason = {410: "Expired", 429: "TooManyRequests", 503: "ServiceUnavailable", 504: "Timeout"}.get(status, "")
    body = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": reason, "code": status}
    return json.dumps(body | {"message": f"forged by the proxy: {status}"}).encode()
