"""The targets of environments, each with the connection to it. Many are read at once, and each fails alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from mlgitops.errors import MlgitopsError, NotAuthorisedError, TargetError
from mlgitops.plan.selection import Selection
from mlgitops.render.rendering import Rendering, TargetRendering
from mlgitops.targets import Connection, open_connection
from mlgitops.targets.at_once import at_once

WIDTH = 10
"""Targets that are read, or written, at once."""
CANNOT = (TargetError, NotAuthorisedError)
"""What is wrong with one target and leaves the others alone."""
_Found = TypeVar("_Found")


@dataclass(frozen=True, slots=True)
class Site:
    """One target of an environment, what is rendered for it, and the one connection to it."""

    rendering: Rendering
    target: TargetRendering
    connection: Connection

    @property
    def name(self) -> str:
        """The target's name."""
        return self.target.target


def connect(root: Path, project: str, environment: str, target: str, connection: Mapping[str, Any]) -> Connection:
    """The connection to one target of an environment."""
    return open_connection(connection, root, f"{project}/{environment}/{target}")


def read_sites(
    root: Path,
    renderings: Sequence[Rendering],
    selection: Selection,
    read: Callable[[Site], _Found],
    unread: Callable[[TargetRendering, str], _Found],
    *,
    raises_alone: bool = True,
) -> Iterator[tuple[_Found, ...]]:
    """Of each rendering what ``read`` found at its selected targets, in their order, whichever was read first.

    Where a target cannot be read, it is what ``unread`` makes of the reason. ``raises_alone`` says that the error of
    the only target there is comes out as it is.
    """
    places = [
        (rendering, target)
        for rendering in renderings
        for target in rendering.targets
        if selection.keeps_target(target.target)
    ]

    def one(place: tuple[Rendering, TargetRendering]) -> _Found:
        rendering, target = place
        try:
            connection = connect(root, rendering.project, rendering.environment, target.target, target.connection)
            return read(Site(rendering, target, connection))
        except CANNOT as error:
            if raises_alone and len(places) == 1:
                raise
            return unread(target, reason(error))

    found = iter(at_once(one, places, WIDTH))
    for rendering in renderings:
        yield tuple(islice(found, sum(place[0] is rendering for place in places)))


def reason(error: MlgitopsError) -> str:
    """What went wrong and what to do, in one line; of many findings the first."""
    return f"{error.message}. {error.help}" if error.help else error.message
