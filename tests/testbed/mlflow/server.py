"""A real MLflow on the loopback interface, with SQLite, and a model that was trained and registered there.

with MlflowServer(build.python(os.environ)) as server:
    server.url
    server.register("iris", alias="candidate")
"""

from __future__ import annotations

import json
import subprocess
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import urllib3

from tests.testbed.errors import TestbedError
from tests.testbed.process import Process, free_port
from tests.testbed.waiting import wait_until

SCRIPT = Path(__file__).with_name("train.py")
START_SECONDS = 180.0
TRAIN_SECONDS = 180.0


class MlflowServer:
    """Running while the ``with`` block does. It serves the models' files itself."""

    def __init__(self, python: Path) -> None:
        self._python = python
        self._scratch = tempfile.TemporaryDirectory(prefix="mlflow-")
        self._port = free_port()
        here = Path(self._scratch.name)
        command: list[str | Path] = [
            python, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(self._port), "--workers", "1",
            "--backend-store-uri", f"sqlite:///{here}/mlflow.db", "--artifacts-destination", str(here / "files"),
        ]  # fmt: skip
        self._variables = {"MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "true"}
        self._process = Process(command, here, self._variables)

    @property
    def url(self) -> str:
        """Its address, without a slash at the end."""
        return f"http://127.0.0.1:{self._port}"

    def __enter__(self) -> Self:
        self._process.start()
        wait_until(self._is_ready, "MLflow's server", START_SECONDS)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._scratch.cleanup()

    def register(self, name: str, alias: str) -> dict[str, Any]:
        """Trains a model of irises and registers it by MLflow's own client; its version, run, model and metrics.

        Raises:
            TestbedError: MLflow's client failed.
        """
        done = subprocess.run(
            [str(self._python), str(SCRIPT), self.url, name, alias], cwd=self._scratch.name, text=True,
            env={"PATH": "/usr/bin:/bin", "HOME": self._scratch.name, **self._variables}, check=False,
            capture_output=True, timeout=TRAIN_SECONDS,
        )  # fmt: skip
        if done.returncode:
            raise TestbedError(f"the model could not be registered: {done.stderr[-3000:]}")
        told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return told

    def _is_ready(self) -> bool:
        self._process.require_running()
        try:
            answer = urllib3.request("GET", f"{self.url}/health", retries=False, timeout=2)
        except urllib3.exceptions.HTTPError:
            return False
        return answer.status == 200
