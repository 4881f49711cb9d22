"""What is not well, for a person on call: where, what, since when, why, and what to do. Frozen data.

Those that know of problems, the targets themselves and a controller, are joined in ``on_call``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NamedTuple


class Place(NamedTuple):
    """A target of an environment."""

    environment: str
    target: str


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that is not well.

    ``state`` is one of ``STATES``. An empty ``environment`` means the whole project, no ``targets`` all of the
    environment. ``what`` are models and pipelines; none where it is the target itself. ``since`` is RFC 3339, empty
    where nobody knows. ``help`` is a command, or says what to do. ``wrong`` says that somebody has to act; where it is
    false, something is held back or still going on.
    """

    state: str
    environment: str = ""
    targets: tuple[str, ...] = ()
    what: tuple[str, ...] = ()
    since: str = ""
    reason: str = ""
    help: str = ""
    wrong: bool = True


STATES = (
    "not followed", "no controller", "broken", "unreachable", "forbidden", "failed", "stopped", "refused", "fighting",
    "drifted", "seen", "progressing", "waiting", "pending", "unread", "suspended",
)  # fmt: skip
"""Worst first."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a controller says of one target. ``well``: it is as Git says, and ready. ``wrong`` as of a ``Problem``."""

    word: str
    since: str = ""
    reason: str = ""
    help: str = ""
    well: bool = False
    wrong: bool = False


@dataclass(frozen=True, slots=True)
class Watched:
    """What a controller knows: the commit it follows and since when, each target, and what is wrong beyond those."""

    commit: str = ""
    since: str = ""
    targets: Mapping[Place, Verdict] = field(default_factory=lambda: MappingProxyType({}))
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Well:
    """A model or pipeline at a target with which nothing is wrong."""

    place: Place
    owner: str
    release: str = ""
    since: str = ""


@dataclass(frozen=True, slots=True)
class OnCall:
    """How a whole project stands: what is not well, worst first, and what is.

    ``commit`` is the one that was rendered here, ``watched`` what a controller says, None where none was asked.
    """

    project: str
    commit: str
    problems: tuple[Problem, ...]
    well: tuple[Well, ...]
    targets: int
    watched: Watched | None = None

    @property
    def wrong(self) -> bool:
        """Whether anybody has to act."""
        return any(one.wrong for one in self.problems)
