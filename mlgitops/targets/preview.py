"""What an apply would make of an object, asked of the target before anything is written. Frozen data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from mlgitops.manifest import Manifest

Explain = Callable[[tuple[str | int, ...]], str]
"""Something in words about the field at a path; empty where nobody knows."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """A field that another field manager keeps: its path as the API writes it, and who that is."""

    field: str
    manager: str


def unexplained(_path: tuple[str | int, ...]) -> str:
    """The explanation where there is none."""
    return ""


@dataclass(frozen=True, slots=True)
class Preview:
    """An object before and after an apply, both without what the target itself keeps; ``before`` is None for a new one.

    With ``conflicts``, ``after`` is what a forced apply would make of it, and one that is not forced is refused.
    ``refused`` is the target's reason to refuse the apply as things are now. ``replaces`` says that the object can only
    become what is desired by being deleted and made anew. ``explain`` says why a field that Git does not ask for is in
    ``after``, ``keeper`` who else set a field of ``before``.
    """

    before: Manifest | None = field(default=None, repr=False)
    after: Manifest | None = field(default=None, repr=False)
    conflicts: tuple[Conflict, ...] = ()
    refused: str = ""
    replaces: bool = False
    explain: Explain = field(default=unexplained, repr=False, compare=False)
    keeper: Explain = field(default=unexplained, repr=False, compare=False)
