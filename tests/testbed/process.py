"""One program of a control plane, running: started, stopped for good, or held still for a while."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.testbed.errors import PortTakenError, TestbedError

TAIL_BYTES = 4096
GRACE_SECONDS = 5.0


class Process:
    """A program with a log file and a process group of its own.

    Programs of ours end when the pipe on their standard input closes, so they do not outlive this process even where it
    is killed. They see nothing of the environment, but what is given as ``variables``.
    """

    def __init__(
        self, command: Sequence[str | Path], directory: Path, variables: Mapping[str, str] | None = None
    ) -> None:
        self.name = Path(command[0]).name
        self.log = directory / f"{self.name}.log"
        self._command = [str(part) for part in command]
        self._directory = directory
        self._variables = dict(variables or {})
        self._running: subprocess.Popen[bytes] | None = None

    def require_running(self) -> int:
        """The process's id.

        Raises:
            PortTakenError: it ended because another process listens where it wanted to.
            TestbedError: it is not running, for another reason or because nobody started it.
        """
        if self._running is not None and self._running.poll() is None:
            return self._running.pid
        tail = self.tail()
        kind = PortTakenError if "address already in use" in tail else TestbedError
        raise kind(f"{self.name} is not running:\n{tail}")

    def start(self) -> None:
        """Starts it, again if it was stopped; a second start goes on with what the first left on disk."""
        environment = {"PATH": os.defpath, "HOME": str(self._directory), "TESTBED_EXIT_WITH_STDIN": "1"}
        environment |= self._variables
        with self.log.open("ab") as log:
            self._running = subprocess.Popen(
                self._command,
                cwd=self._directory,
                env=environment,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def pause(self) -> None:
        """Holds it still: connections stay open and get no answer."""
        os.killpg(self.require_running(), signal.SIGSTOP)

    def resume(self) -> None:
        """Lets it go on after ``pause``."""
        os.killpg(self.require_running(), signal.SIGCONT)

    def stop(self) -> None:
        """Asks it to end, and waits for that."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """Ends it at once, with no chance to tidy up."""
        self._end(signal.SIGKILL)

    def tail(self) -> str:
        """The last lines that it logged."""
        return self.log.read_bytes()[-TAIL_BYTES:].decode(errors="replace") if self.log.exists() else ""

    def _end(self, first: signal.Signals) -> None:
        if self._running is None:
            return
        process, self._running = self._running, None
        if process.poll() is None:
            os.killpg(process.pid, first)
        try:
            process.wait(GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        assert process.stdin is not None
        process.stdin.close()


def free_port() -> int:
    """A loopback port that is free now, though another process may take it before we do."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
