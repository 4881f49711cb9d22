"""A fake forge's server on a loopback port: routes, pages, a record of what was asked, and faults on order."""

from __future__ import annotations

import contextlib
import json
import re
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, urlencode, urlsplit

from tests.fakes.hub import RefusedByHubError

Query = Mapping[str, str]
Route = tuple[str, str, Callable[..., Any]]


@dataclass
class Fault:
    """What happens instead of an answer, ``times`` times, to requests of a method whose path matches.

    ``carried_out``: the request is done nevertheless and only its answer is lost. ``status`` 0 with ``body`` cuts the
    connection after half of it; ``pace`` sends it one byte at a time, that many seconds apart, or (``slow_head``) the
    head alone.
    """

    status: int = 0
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    method: str = ".*"
    path: str = ""
    times: int = 1
    carried_out: bool = False
    pace: float = 0.0
    slow_head: bool = False


@dataclass(frozen=True)
class Asked:
    """One request as it came in."""

    method: str
    path: str
    query: Query
    authorization: str


class FakeServer:
    """Running while the ``with`` block does. A route's function gets the parts of its path, the query and the body."""

    authorization = ""
    page_parameters = ("page", "per_page")

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.faults: list[Fault] = []
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"fake": self}))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})

    @property
    def url(self) -> str:
        """Its address, without a slash at the end."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def routes(self) -> Sequence[Route]:
        """Method, pattern of the path and function of everything that it answers."""
        raise NotImplementedError

    def problem(self, status: int, words: str) -> Any:
        """The body of an error, in this forge's shape."""
        return {"message": words}

    def inject(self, fault: Fault) -> None:
        """Orders a fault, after those that were ordered before."""
        self.faults.append(fault)

    def methods(self, pattern: str) -> list[str]:
        """The methods by which paths that match were asked for, in order."""
        return [asked.method for asked in self.asked if re.search(pattern, asked.path)]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def fault_for(self, asked: Asked) -> Fault | None:
        """The next fault that was ordered for such a request."""
        with self._lock:
            for fault in self.faults:
                if fault.times and re.fullmatch(fault.method, asked.method) and re.search(fault.path, asked.path):
                    fault.times -= 1
                    return fault
        return None

    def answer(self, asked: Asked, body: Any) -> tuple[int, Any]:
        """Status and JSON for a request."""
        with self._lock:
            self.asked.append(asked)
            if asked.authorization != self.authorization:
                return 401, self.problem(401, "Bad credentials")
            for method, pattern, function in self.routes():
                if method == asked.method and (found := re.fullmatch(pattern, asked.path)):
                    try:
                        return (201 if method == "POST" else 200), function(*found.groups(), asked.query, body)
                    except RefusedByHubError as error:
                        return error.status, self.problem(error.status, error.words)
            return 404, self.problem(404, "Not Found")

    def page(self, asked: Asked, data: Any) -> tuple[Any, str]:
        """One page of a list, and the Link header that leads to the next one."""
        number_name, size_name = self.page_parameters
        if not isinstance(data, list) or size_name not in asked.query:
            return data, ""
        number, size = int(asked.query.get(number_name, "1")), min(int(asked.query[size_name]), 2)
        link = urlencode({**asked.query, number_name: number + 1})
        more = f'<{self.url}{asked.path}?{link}>; rel="next"' if len(data) > number * size else ""
        return data[(number - 1) * size : number * size], more


class _Handler(BaseHTTPRequestHandler):
    """Answers for ``fake``, which a subclass of each server's own names."""

    fake: FakeServer
    protocol_version = "HTTP/1.1"

    def do(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length)) if length else None
        parts = urlsplit(self.path)
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        self._answer(Asked(self.command, parts.path, query, self.headers.get("Authorization", "")), body)

    def _answer(self, asked: Asked, body: Any) -> None:
        fault = self.fake.fault_for(asked)
        if fault is None:
            status, data = self.fake.answer(asked, body)
            shown, link = self.fake.page(asked, data)
            self._send(status, json.dumps(shown).encode(), {"Link": link} if link else {})
            return
        if fault.carried_out:
            self.fake.answer(asked, body)
        else:
            self.fake.asked.append(asked)
        self._fail(fault)

    do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = do  # noqa: N815 - names that http.server looks for

    def _send(self, status: int, content: bytes, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", **headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _fail(self, fault: Fault) -> None:
        if fault.status and not fault.pace:
            self._send(fault.status, fault.body, fault.headers)
            return
        self.close_connection = True
        with contextlib.suppress(OSError):  # the client has enough at some point
            self._trickle(fault)

    def _trickle(self, fault: Fault) -> None:
        head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(fault.body)
        if fault.slow_head:
            sent = head
        else:
            self.wfile.write(head)
            sent = fault.body if fault.pace else fault.body[: len(fault.body) // 2]
        for start in range(len(sent)):
            self.wfile.write(sent[start : start + 1])
            self.wfile.flush()
            time.sleep(fault.pace)

    def log_message(self, *arguments: object) -> None:
        pass
