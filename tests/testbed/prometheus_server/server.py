"""A real Prometheus of its own: loopback only, its data in a directory that goes with it.

with Prometheus(build.program(os.environ)) as prometheus, Exporter() as exporter:
    prometheus.scrape(exporter.address, namespace="dev-models", model="iris", version="1.0")
    prometheus.rules(prometheus_rule)
    prometheus.query("up")
"""

from __future__ import annotations

import contextlib
import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlencode

import urllib3

from tests.testbed.errors import PortTakenError, TestbedError
from tests.testbed.process import Process, free_port
from tests.testbed.waiting import wait_until

START_SECONDS = 60.0
ASK_SECONDS = 10.0
ATTEMPTS = 3


class Prometheus:
    """Running while the ``with`` block does. ``interval`` is how often it scrapes and evaluates rules, in seconds.

    ``stop`` and ``start`` are an outage: it keeps its address and what it has recorded. ``pause`` and ``resume`` are
    one in which connections get no answer.
    """

    def __init__(self, program: Path, interval: float = 0.5) -> None:
        self.interval = interval
        self._program = program
        self._stack = contextlib.ExitStack()
        self._scraped: dict[str, Mapping[str, str]] = {}
        self._rules: list[Mapping[str, Any]] = []
        self.directory: Path
        self.port: int
        self.process: Process

    @property
    def url(self) -> str:
        """Its address, without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        root = Path(self._stack.enter_context(tempfile.TemporaryDirectory(prefix="mlgitops-prometheus-")))
        try:
            self._start(root)
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    # What it looks at

    def scrape(self, address: str, **labels: str) -> None:
        """From now on it scrapes ``address`` (HOST:PORT), and every sample from there has these labels.

        They are what a PodMonitor puts on the metrics of a pod: ``namespace``, ``model``, ``version`` and so on. A
        label that a sample has already is kept, as with ``honorLabels``.
        """
        self._scraped[address] = labels
        self._configured()

    def forget(self, address: str) -> None:
        """It does not scrape that address any more, as when a pod is gone."""
        del self._scraped[address]
        self._configured()

    def rules(self, *manifests: Mapping[str, Any]) -> None:
        """The rules of these PrometheusRules are the ones it evaluates, in the place of those before."""
        self._rules = list(manifests)
        self._configured()

    def clear(self) -> None:
        """It scrapes and evaluates nothing any more, and runs. What it has recorded is kept."""
        self._scraped, self._rules = {}, []
        try:
            self.process.require_running()
        except TestbedError:
            self.start()
        self._configured()

    # What it says

    def query(self, expression: str) -> list[dict[str, Any]]:
        """The instant vector of an expression: objects with ``metric`` (labels) and ``value`` (time, text)."""
        target = f"{self.url}/api/v1/query?{urlencode({'query': expression})}"
        answer = urllib3.request("GET", target, retries=False, timeout=ASK_SECONDS)
        data = answer.json()
        assert data["status"] == "success", data
        return list(data["data"]["result"])

    def number(self, expression: str) -> float | None:
        """The value of an expression that has one; None where it has none."""
        found = self.query(expression)
        return float(found[0]["value"][1]) if found else None

    def firing(self, **labels: str) -> set[str]:
        """The names of the alerts that fire, of those with these labels."""
        chosen = "".join(f',{name}="{value}"' for name, value in labels.items())
        return {one["metric"]["alertname"] for one in self.query(f'ALERTS{{alertstate="firing"{chosen}}}')}

    def wait_for(self, expression: str, seconds: float = START_SECONDS) -> None:
        """Waits until an expression has a value."""
        wait_until(lambda: bool(self.query(expression)), f"Prometheus to say {expression}", seconds)

    # Whether it is there

    def stop(self) -> None:
        """Ends it, so that nobody listens at its address."""
        self.process.stop()

    def start(self) -> None:
        """Starts it again, with all that it has recorded."""
        self.process.start()
        wait_until(self._is_ready, "Prometheus to be ready", START_SECONDS)

    def pause(self) -> None:
        """Holds it still: nobody gets an answer."""
        self.process.pause()

    def resume(self) -> None:
        """Lets it go on after ``pause``."""
        self.process.resume()

    # How it is done

    def _start(self, root: Path) -> None:
        """Starts it in a directory below ``root``; again, on another port, where another process took ours."""
        for attempt in range(1, ATTEMPTS + 1):
            self.directory, self.port = root / str(attempt), free_port()
            self.directory.mkdir()
            self._write()
            self.process = Process(self._command(), self.directory)
            self._stack.callback(self.process.kill)
            try:
                self.start()
                return
            except PortTakenError:
                if attempt == ATTEMPTS:
                    raise

    def _command(self) -> list[str | Path]:
        flags = {
            "config.file": self._file,
            "storage.tsdb.path": self.directory / "data",
            "web.listen-address": f"127.0.0.1:{self.port}",
            "log.level": "warn",
            "scrape.discovery-reload-interval": "200ms",  # of two pauses before what is new is scraped, 5 s each
        }
        return [self._program, "--web.enable-lifecycle", *(f"--{name}={value}" for name, value in flags.items())]

    @property
    def _file(self) -> Path:
        return self.directory / "prometheus.json"

    def _configured(self) -> None:
        """Has it read its files again, which it has done once it answers."""
        self._write()
        answer = urllib3.request("POST", f"{self.url}/-/reload", retries=False, timeout=START_SECONDS)
        assert answer.status == 200, answer.data.decode()

    def _write(self) -> None:
        """What it reads: JSON, which is YAML."""
        groups = [group for one in self._rules for group in one["spec"]["groups"]]
        (self.directory / "rules.json").write_text(json.dumps({"groups": groups}))
        every = f"{self.interval * 1000:.0f}ms"
        static = [{"targets": [address], "labels": dict(labels)} for address, labels in self._scraped.items()]
        content = {
            "global": {"scrape_interval": every, "scrape_timeout": every, "evaluation_interval": every},
            "scrape_configs": [{"job_name": "models", "honor_labels": True, "static_configs": static}],
            "rule_files": ["rules.json"],
        }
        self._file.write_text(json.dumps(content))

    def _is_ready(self) -> bool:
        self.process.require_running()
        try:
            answer = urllib3.request("GET", f"{self.url}/-/ready", retries=False, timeout=2.0)
        except urllib3.exceptions.HTTPError:
            return False
        return answer.status == 200
