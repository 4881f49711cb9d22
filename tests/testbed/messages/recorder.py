"""Notes every finding and error that is made while a test runs, with the calls that it was made by."""

from __future__ import annotations

import itertools
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FrameType
from typing import Any, NamedTuple

import click

import mlgitops
from mlgitops.check.served.problem import Problem
from mlgitops.errors import MlgitopsError
from mlgitops.finding import Finding
from mlgitops.promotion.gates.facts import MissingError

Message = Finding | Problem | Exception
"""What is noted. A Problem is what becomes a finding once it is known where that is written."""
PACKAGE = str(Path(mlgitops.__file__).parent)
DEEP = 12
"""Calls that are looked at, from the innermost."""
ALIKE = 8
"""Messages of one code that are kept of one chain of calls: a property test makes thousands."""


class Step(NamedTuple):
    """A call under way: whose code, and where in it."""

    code: CodeType
    instruction: int

    @property
    def place(self) -> tuple[str, int, int]:
        """The file within the package, and the line and column where the call ends in its source."""
        positions = next(itertools.islice(self.code.co_positions(), self.instruction // 2, None))
        return self.code.co_filename[len(PACKAGE) + 1 :], positions[1] or 0, positions[3] or 0


@dataclass(frozen=True)
class Made:
    """A message, and the calls that it was made by, from the innermost."""

    subject: Message
    steps: tuple[Step, ...]


class Recorder:
    """Everything that was made since ``clear``."""

    def __init__(self) -> None:
        self.made: list[Made] = []
        self._seen: Counter[tuple[str, tuple[Step, ...]]] = Counter()

    def clear(self) -> None:
        """Forgets what was made."""
        self.made.clear()
        self._seen.clear()

    def note(self, subject: Message, frame: FrameType) -> None:
        """Notes what is just being made."""
        steps = tuple(itertools.islice(_steps(frame, subject), DEEP))
        chain = (getattr(subject, "code", ""), steps)
        self._seen[chain] += 1
        if steps and self._seen[chain] <= ALIKE:
            self.made.append(Made(subject, steps))

    def watch(self) -> None:
        """From now on everything that is made is noted."""
        for kind in (Finding, Problem, MlgitopsError, MissingError, click.ClickException):
            kind.__init__ = self._noting(kind.__init__)  # type: ignore[method-assign]

    def _noting(self, original: Callable[..., None]) -> Callable[..., None]:
        def made(subject: Any, *arguments: Any, **named: Any) -> None:
            original(subject, *arguments, **named)
            self.note(subject, sys._getframe(1))

        return made


def _steps(frame: FrameType | None, subject: object) -> Iterator[Step]:
    """The calls of the package, without the constructors of what is made."""
    while frame is not None:
        of_itself = frame.f_code.co_name == "__init__" and frame.f_locals.get("self") is subject
        if not of_itself and frame.f_code.co_filename.startswith(PACKAGE):
            yield Step(frame.f_code, frame.f_lasti)
        frame = frame.f_back
