"""Anchors and aliases of one YAML text, within bounds. Pure.

A few hundred bytes of aliases of aliases can stand for billions of values; so both the uses of aliases and the values
that they repeat are counted, and an alias never stands inside what it repeats.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from mlgitops.spec.project_files import did_you_mean

MAX_ALIASES = 32
"""Uses of an alias in a file."""
MAX_ALIASED_VALUES = 1_000
"""Values that all aliases of a file repeat."""


class Anchored(NamedTuple):
    """What an anchor stands before: the data, how many values it holds, and how many levels of collections."""

    data: Any
    values: int
    height: int


class Refusal(NamedTuple):
    """Why an alias is refused, and whether reading must end there."""

    code: str
    message: str
    help: str
    suggestion: str = ""
    final: bool = True


@dataclass(slots=True)
class Anchors:
    """The anchors seen so far, by name; a name given again stands for the new value from there on."""

    known: dict[str, Anchored] = field(default_factory=dict)
    uses: int = 0
    repeated: int = 0

    def use(self, name: str, enclosing: Collection[str | None]) -> Anchored | Refusal:
        """What the alias ``name`` repeats, inside collections whose anchors are ``enclosing``; or why it may not."""
        if name in enclosing:
            return Refusal("recursive-alias", f"*{name} stands inside what it repeats", "write the value out")
        if (anchored := self.known.get(name)) is None:
            return self._unknown(name)
        self.uses += 1
        self.repeated += anchored.values
        if self.uses > MAX_ALIASES or self.repeated > MAX_ALIASED_VALUES:
            message = f"more than {MAX_ALIASES} aliases, or more than {MAX_ALIASED_VALUES:,} values repeated by them"
            return Refusal("too-many-aliases", message, "put what is shared into defaults or a base model")
        return anchored

    def _unknown(self, name: str) -> Refusal:
        help = "quote a value that begins with *; an alias repeats an anchor that stands above it"
        near = did_you_mean(name[:60], self.known)
        return Refusal("unknown-alias", f"there is no anchor &{name}", help, near, final=False)
