"""Go as the set-up script finds it, for building the control plane and for fetching modules."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from scripts import bootstrap
from tests.testbed.errors import TestbedError


@dataclass(frozen=True)
class Go:
    """A Go that works, and the environment it works in."""

    program: Path
    environment: Mapping[str, str]

    def build(self, arguments: Sequence[str]) -> None:
        """``go <arguments>``, a long build that prints a line for each package; progress goes to stderr."""
        with _translated():
            bootstrap.run_with_progress([str(self.program), *arguments], self.environment)


@contextlib.contextmanager
def provided() -> Iterator[Go]:
    """The Go on PATH, else the pinned wheel for as long as the block runs."""
    with tempfile.TemporaryDirectory(prefix="mlgitops-go-") as scratch:
        with _translated():
            program, environment = bootstrap.provide_go(Path(scratch))
        yield Go(program, environment | {"GOWORK": "off"})  # a workspace around this checkout is none of our business


@contextlib.contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except bootstrap.BootstrapError as error:
        raise TestbedError(str(error)) from error
