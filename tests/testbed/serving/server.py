"""KServe's own server with a small scikit-learn model, on the loopback interface.

with ModelServer(build.python(os.environ)) as server:
    server.url
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

import urllib3

from tests.testbed.process import Process, free_port
from tests.testbed.waiting import wait_until

SCRIPT = Path(__file__).with_name("model_server.py")
MODEL = "iris"
START_SECONDS = 120.0


class ModelServer:
    """Running while the ``with`` block does."""

    def __init__(self, python: Path) -> None:
        self._python = python
        self._scratch = tempfile.TemporaryDirectory(prefix="serving-")
        self._port = free_port()
        self._process = Process([python, SCRIPT, str(self._port)], Path(self._scratch.name))

    @property
    def url(self) -> str:
        """Its address, without a slash at the end."""
        return f"http://127.0.0.1:{self._port}"

    def __enter__(self) -> Self:
        self._process.start()
        wait_until(self._is_ready, "KServe's server", START_SECONDS)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._scratch.cleanup()

    def _is_ready(self) -> bool:
        self._process.require_running()
        try:
            answer = urllib3.request("GET", f"{self.url}/v2/models/{MODEL}/ready", retries=False, timeout=2.0)
        except urllib3.exceptions.HTTPError:
            return False
        return answer.status == 200
