"""A model that scikit-learn has trained, answering by the Open Inference Protocol, version 2, as a pod would."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import joblib


class ServedModel:
    """Serving on the loopback interface while the ``with`` block does, always what is in the file."""

    def __init__(self, path: Path) -> None:
        self._path, self._loaded = path, 0
        self._model: Any = None
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True

    @property
    def url(self) -> str:
        """Its address, without a slash at the end."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def predict(self, table: list[list[float]]) -> list[int]:
        """The class of each row."""
        changed = self._path.stat().st_mtime_ns
        if changed != self._loaded:
            self._model, self._loaded = joblib.load(self._path), changed
        return [int(one) for one in self._model.predict(table)]

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()


def _handler(served: ServedModel) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = 65_536  # head and body at once, since the second of two small writes waits for an acknowledgement

        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            (tensor,) = asked["inputs"]
            rows, columns = tensor["shape"]
            table = [tensor["data"][row * columns : (row + 1) * columns] for row in range(rows)]
            output = {"name": "output-0", "datatype": "INT64", "shape": [rows], "data": served.predict(table)}
            body = json.dumps({"model_name": "iris", "outputs": [output]}).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Says nothing."""

    return Handler
