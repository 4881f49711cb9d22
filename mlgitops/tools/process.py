"""One safe way of running a program.

No shell, no inherited environment, nothing on stdin, a deadline, a bound on what it may print and on the memory it may
use. A program that breaks a bound is killed with everything it started.
"""

from __future__ import annotations

import contextlib
import os
import resource
import selectors
import signal
import subprocess
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from mlgitops.errors import ToolError, ToolMissingError

ERROR_TAIL = 8192
"""Bytes of stderr that are kept: the last ones, since that is where programs say why they stopped."""

_CHUNK = 65536


class ToolTimeoutError(ToolError):
    """A program did not end within its time limit."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a program may use.

    ``timeout`` is in seconds of wall clock, ``output`` in bytes of stdout, ``memory`` in bytes of address space, 0 for
    no bound. The memory bound is the kernel's where it can be set on another process (Linux), and is not enforced
    elsewhere.
    """

    timeout: float
    output: int
    memory: int = 0


@dataclass(frozen=True, slots=True)
class Completed:
    """What a program left: its exit status (negative: the signal that ended it), stdout, and the tail of stderr."""

    program: str
    status: int
    output: bytes
    errors: str

    def require(self, accepted: Collection[int] = (0,)) -> Completed:
        """This, if the status is one of ``accepted``. Raises ``ToolError`` with the tail of stderr if not."""
        if self.status not in accepted:
            said = self.errors.strip()
            raise ToolError(
                f"{self.program} {describe(self.status)}" + (f":\n{said}" if said else ""),
                help="see what it says, and run it by itself",
            )
        return self


def describe(status: int) -> str:
    """An exit status in words."""
    return f"was ended by signal {-status}" if status < 0 else f"failed with status {status}"


def run(
    arguments: Sequence[str | Path], *, directory: Path, environment: Mapping[str, str], limits: Limits
) -> Completed:
    """Run a program in ``directory`` with exactly ``environment`` and wait for its end.

    Any exit status is returned. Raises ``ToolMissingError`` if the program cannot be started and ``ToolError`` if it
    broke a limit.
    """
    program = Path(arguments[0]).name
    process = _start(arguments, directory, environment)
    try:
        _bound_memory(process.pid, limits.memory)
        output, errors = _collect(process, program, limits)
    except BaseException:
        _kill(process)
        raise
    finally:
        _close(process)
    return Completed(program, process.returncode, output, errors.decode("utf-8", "replace"))


def _start(arguments: Sequence[str | Path], directory: Path, environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(
            [str(argument) for argument in arguments],
            cwd=directory,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
    except OSError as error:
        raise ToolMissingError(
            f"{arguments[0]} could not be started: {error.strerror}", help="install it, or put it on PATH"
        ) from error


def _bound_memory(pid: int, memory: int) -> None:
    # Set from outside: code between fork and exec (preexec_fn) can deadlock in a process that has threads.
    if memory and hasattr(resource, "prlimit"):
        with contextlib.suppress(ProcessLookupError):
            resource.prlimit(pid, resource.RLIMIT_AS, (memory, memory))


def _collect(process: subprocess.Popen[bytes], program: str, limits: Limits) -> tuple[bytes, bytes]:
    deadline = time.monotonic() + limits.timeout
    output, errors = bytearray(), bytearray()
    with selectors.DefaultSelector() as selector:
        for stream, buffer in ((process.stdout, output), (process.stderr, errors)):
            assert stream is not None  # for the type checker: both are pipes
            selector.register(stream, selectors.EVENT_READ, buffer)
        while selector.get_map():
            _read(selector, deadline - time.monotonic())
            del errors[:-ERROR_TAIL]
            _check(program, limits, deadline, len(output))
    _wait(process, program, limits, deadline)
    return bytes(output), bytes(errors)


def _read(selector: selectors.BaseSelector, timeout: float) -> None:
    for key, _ in selector.select(max(timeout, 0)):
        chunk = os.read(key.fd, _CHUNK)
        key.data.extend(chunk)
        if not chunk:
            selector.unregister(key.fileobj)


def _check(program: str, limits: Limits, deadline: float, printed: int) -> None:
    if printed > limits.output:
        raise ToolError(
            f"{program} printed more than {limits.output} bytes and was stopped", help="see why it prints that much"
        )
    if time.monotonic() >= deadline:
        raise _too_slow(program, limits)


def _wait(process: subprocess.Popen[bytes], program: str, limits: Limits, deadline: float) -> None:
    try:
        process.wait(max(deadline - time.monotonic(), 0.01))
    except subprocess.TimeoutExpired as error:
        raise _too_slow(program, limits) from error


def _too_slow(program: str, limits: Limits) -> ToolTimeoutError:
    return ToolTimeoutError(
        f"{program} did not end within {limits.timeout:g} s and was stopped",
        help="run this again when the machine has less to do",
    )


def _kill(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _close(process: subprocess.Popen[bytes]) -> None:
    for stream in (process.stdout, process.stderr):
        if stream is not None:
            stream.close()
