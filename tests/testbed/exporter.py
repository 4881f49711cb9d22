"""What a Prometheus scrapes: counters, gauges and histograms that a test sets, in the text format.

with Exporter() as exporter:
    exporter.add("requests_total", 3, code="200")
    exporter.observe("score", 0.7, BOUNDS)
    exporter.broken = True
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from math import inf
from types import TracebackType
from typing import Any, Self

Labels = tuple[tuple[str, str], ...]
CONTENT_TYPE = "text/plain; version=0.0.4"


class Exporter:
    """Serving while the ``with`` block does, on a loopback port of its own. May be used from several threads.

    ``broken`` has it answer with 500, ``nonsense`` with what is no metrics at all.
    """

    def __init__(self) -> None:
        self.broken = False
        self.nonsense = False
        self._values: dict[tuple[str, Labels], float] = {}
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True

    @property
    def address(self) -> str:
        """HOST:PORT."""
        return f"127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def set(self, name: str, value: float, **labels: str) -> None:
        """A gauge has that value, NaN and infinity too."""
        with self._lock:
            self._values[name, _sorted(labels)] = value

    def add(self, name: str, amount: float = 1.0, **labels: str) -> None:
        """A counter goes up; from 0 where it was not there."""
        with self._lock:
            self._add(name, amount, _sorted(labels))

    def observe(self, name: str, value: float, bounds: Sequence[float], **labels: str) -> None:
        """A histogram has one value more; ``bounds`` are the upper ends of its buckets, infinity apart."""
        with self._lock:
            for bound in (*bounds, inf):
                self._add(f"{name}_bucket", float(value <= bound), _sorted({**labels, "le": _number(bound)}))
            self._add(f"{name}_count", 1.0, _sorted(labels))
            self._add(f"{name}_sum", value, _sorted(labels))

    def forget(self, name: str) -> None:
        """There is no such metric any more."""
        with self._lock:
            self._values = {key: value for key, value in self._values.items() if key[0] != name}

    def text(self) -> str:
        """Everything in the text format."""
        with self._lock:
            values = sorted(self._values.items())
        return "".join(f"{name}{_braced(labels)} {_number(value)}\n" for (name, labels), value in values)

    def _add(self, name: str, amount: float, labels: Labels) -> None:
        self._values[name, labels] = self._values.get((name, labels), 0.0) + amount


def _sorted(labels: dict[str, str]) -> Labels:
    return tuple(sorted(labels.items()))


def _number(value: float) -> str:
    return {inf: "+Inf", -inf: "-Inf"}.get(value, repr(float(value)).replace("nan", "NaN"))


def _braced(labels: Labels) -> str:
    return "{" + ",".join(f'{name}="{value}"' for name, value in labels) + "}" if labels else ""


def _handler(exporter: Exporter) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = b"<html>Log in</html>" if exporter.nonsense else exporter.text().encode()
            self.send_response(500 if exporter.broken else 200)
            self.send_header("Content-Type", "text/html" if exporter.nonsense else CONTENT_TYPE)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Says nothing."""

    return Handler
