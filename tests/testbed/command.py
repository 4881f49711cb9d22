"""The ``mlgitops`` command, running as a process of its own that need not import anything first.

Such a process is forked from a server that has imported what the command needs, so that it takes a few milliseconds to
start and not a few tenths of a second. It is a process all the same: it has its own environment, directory and output,
and dies of a signal.
"""

from __future__ import annotations

import importlib
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from multiprocessing.connection import wait
from pathlib import Path

SECONDS = 180.0
"""The longest that a command may take."""
IMPORTED = (
    "mlgitops.cli.apply", "mlgitops.cli.plan", "mlgitops.cli.progress", "mlgitops.cli.terminal", "mlgitops.check.rules",
    "mlgitops.plan.serialise", "mlgitops.render.render", "mlgitops.report.findings", "mlgitops.report.outcome",
    "mlgitops.report.plan", "mlgitops.targets.directory", "mlgitops.targets.kubernetes.connection",
    "mlgitops.workflows.apply", "mlgitops.workflows.overlay", "mlgitops.workflows.plan",
)  # fmt: skip

WAITING = {"settle": 1.0, "first_pause": 0.2, "longest_pause": 1.0}
"""How it waits until what it wrote is ready, in seconds, see ``mlgitops.workflows.wait.Terms``: what stands in for
controllers here says that something is ready only once it is, and does not take it back."""

_forks = multiprocessing.get_context("forkserver")
_forks.set_forkserver_preload(["tests.testbed.command", *IMPORTED])
_guard = threading.Lock()
"""Held by whoever looks at processes: multiprocessing reads how each ended once, and forgets it if two read at once."""


@dataclass(frozen=True)
class Ran:
    """How a command ended, as ``subprocess`` counts (a signal is negative), and what it said."""

    code: int
    out: str
    err: str

    @property
    def said(self) -> str:
        """All of it."""
        return self.out + self.err


class Command:
    """Runs from the moment it is made, and writes what it says to files in the folder ``said``.

    ``constants`` are of modules of ours, by full name, that are others there: how long it waits for something.
    """

    def __init__(
        self,
        arguments: Sequence[str],
        directory: Path,
        environment: Mapping[str, str],
        said: Path,
        constants: Mapping[str, float] | None = None,
    ) -> None:
        self._files = (said / "out", said / "err")
        for path in self._files:
            path.touch()
        given = (list(arguments), directory, dict(environment), self._files, dict(constants or {}))
        self._process = _forks.Process(target=_run, args=given, daemon=True)
        with _guard:
            self._process.start()

    @property
    def pid(self) -> int:
        """The process's id."""
        assert self._process.pid is not None
        return self._process.pid

    def poll(self) -> int | None:
        """How it ended; None while it runs."""
        with _guard:
            return self._process.exitcode

    def send(self, number: int) -> None:
        """Sends it a signal."""
        os.kill(self.pid, number)

    def ended(self, seconds: float = SECONDS) -> Ran:
        """How it ended; killed where it takes too long, which fails the test."""
        in_time = wait([self._process.sentinel], seconds)
        if not in_time:
            self.send(signal.SIGKILL)
            wait([self._process.sentinel])
        code = self.poll()
        assert code is not None
        ran = Ran(code, *(path.read_text() for path in self._files))
        assert in_time, f"the command did not end in {seconds:.0f} s:\n{ran.said}"
        return ran


def _run(
    arguments: Sequence[str],
    directory: Path,
    environment: Mapping[str, str],
    said: Sequence[Path],
    constants: Mapping[str, float],
) -> None:
    """What the new process does."""
    from mlgitops.cli.main import run

    _wait_less()
    for name, value in constants.items():
        module, _, constant = name.rpartition(".")
        setattr(importlib.import_module(module), constant, value)
    for number, path in enumerate(said, start=1):
        os.dup2(os.open(path, os.O_WRONLY | os.O_APPEND), number)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(directory)
    sys.argv = ["mlgitops", *arguments]
    run()


def _wait_less() -> None:
    """Waits by ``WAITING`` where a command says nothing else."""
    from mlgitops.workflows.wait import Terms

    defaults = [WAITING.get(one.name, one.default) for one in fields(Terms)]
    setattr(Terms.__init__, "__defaults__", tuple(defaults[1:]))  # noqa: B010 - the timeout has none
