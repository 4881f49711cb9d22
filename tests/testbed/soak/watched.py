"""A controller as a process of its own: what its pages say, what it logs, and how much memory it has."""

from __future__ import annotations

import json
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import urllib3

from tests.testbed.command import Command

SECONDS = 120.0


class Watched:
    """Runs from the moment it is made, and serves its pages."""

    def __init__(self, arguments: Sequence[str], directory: Path, variables: Mapping[str, str], said: Path) -> None:
        said.mkdir(parents=True)
        self.log = said / "err"
        self.command = Command(["controller", "--listen", "127.0.0.1:0", *arguments], directory, variables, said)
        self._port = 0

    @classmethod
    @contextmanager
    def running(
        cls, arguments: Sequence[str], directory: Path, variables: Mapping[str, str], said: Path
    ) -> Iterator[Watched]:
        """One that is ended with the block, as a signal ends it."""
        watched = cls(arguments, directory, variables, said)
        try:
            yield watched
        finally:
            if watched.command.poll() is None:
                watched.command.send(signal.SIGCONT)
                watched.command.send(signal.SIGTERM)
            ended = watched.command.ended()
        assert ended.code == 128 + signal.SIGTERM, ended.said[-4000:]

    def lines(self) -> list[dict[str, Any]]:
        """What it logged; the command says more, in plain text, once it ends."""
        whole = self.log.read_text().rpartition("\n")[0]
        return [json.loads(line) for line in whole.splitlines() if line.startswith("{")]

    def messages(self) -> Counter[str]:
        """How often it logged what."""
        return Counter(str(line["message"]) for line in self.lines())

    def status(self) -> dict[str, Any]:
        """What ``/status`` says."""
        if not self._port:
            self.until(lambda: "serving" in self.messages(), "it to serve")
            self._port = next(line["port"] for line in self.lines() if line["message"] == "serving")
        answer = urllib3.request("GET", f"http://127.0.0.1:{self._port}/status", retries=3)
        found: dict[str, Any] = answer.json()
        return found

    def words(self) -> dict[str, str]:
        """The word of each target, by ``ENVIRONMENT/TARGET``; an empty one before the first look."""
        return {
            f"{one['environment']}/{one['target']}": (one["result"] or {"word": ""})["word"]
            for one in self.status()["targets"]
        }

    def reason(self, target: str) -> str:
        """Why a target, ``ENVIRONMENT/TARGET``, is not well."""
        for one in self.status()["targets"]:
            if f"{one['environment']}/{one['target']}" == target:
                return str((one["result"] or {"reason": ""})["reason"])
        return ""

    def memory(self) -> float:
        """Its resident memory, in MB."""
        return memory(self.command.pid)

    def until(self, condition: Callable[[], object], what: str, seconds: float = SECONDS) -> None:
        """Waits for something to come to pass."""
        deadline = time.monotonic() + seconds
        while not condition():
            assert self.command.poll() is None, f"it ended: {self._tail()}"
            assert time.monotonic() < deadline, f"waited in vain for {what}: {self._tail()}"
            time.sleep(0.1)

    def _tail(self) -> str:
        status = json.dumps(self.status(), indent=1) if self._port else ""
        return f"{self.log.read_text()[-4000:]}\n{status[:6000]}"


def memory(process: int) -> float:
    """The resident memory of a process, in MB."""
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0
