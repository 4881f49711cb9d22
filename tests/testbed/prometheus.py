"""A Prometheus that answers instant queries as its documentation says ("HTTP API", version 3.5), with chosen values.

It reads nothing of PromQL: which vector it gives goes by a word within the query.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

Vector = list[tuple[Mapping[str, str], str]]
"""Labels and the value as Prometheus writes it."""


@dataclass
class FakePrometheus:
    """``vectors`` by a word of the query. ``status`` and ``body`` go before them. ``asked`` are the queries, and
    ``tokens`` what came as Authorization."""

    url: str = ""
    vectors: dict[str, Vector] = field(default_factory=dict)
    status: int = 200
    body: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    tokens: list[str | None] = field(default_factory=list)

    def answer(self, query: str) -> bytes:
        """The body for a query."""
        if self.body is not None:
            return self.body
        found = next((vector for word, vector in self.vectors.items() if word in query), [])
        result = [{"metric": dict(labels), "value": [1763980800.123, value]} for labels, value in found]
        return json.dumps({"status": "success", "data": {"resultType": "vector", "result": result}}).encode()


@contextmanager
def serving() -> Iterator[FakePrometheus]:
    """The server, on a port of its own, until the block ends."""
    fake = FakePrometheus()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
            fake.asked.append(form["query"][0])
            fake.tokens.append(self.headers["Authorization"])
            body = fake.answer(form["query"][0])
            self.send_response(fake.status if self.path == "/api/v1/query" else 404)
            for name, value in fake.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    fake.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
