"""Names of other tools as names of ours: lower-case letters, digits and '-', a letter first, at most 52. Pure."""

from __future__ import annotations

import re

from mlgitops.compile.notes import Notes
from mlgitops.compile.written import Where

LONGEST = 52


def our_name(text: str) -> str:
    """The name that is nearest to ``text``; empty where nothing of it can stay."""
    lower = re.sub(r"[^a-z0-9]+", "-", text.lower()).lstrip("-0123456789")
    return lower[:LONGEST].rstrip("-")


class Names:
    """Gives names of one kind (such as "step") that are unique, and notes each that is not the one of the source."""

    def __init__(self, notes: Notes, kind: str) -> None:
        self._notes = notes
        self._kind = kind
        self._given: dict[str, str] = {}

    def of(self, original: str, where: Where) -> str:
        """The name for ``original``, which stands at ``where``; the same whenever it is asked for again."""
        known = next((name for name, from_ in self._given.items() if from_ == original), None)
        return known if known is not None else self._new(original, where)

    def _new(self, original: str, where: Where) -> str:
        name = our_name(original)
        if not name:
            self._notes.refuse(where, f"{self._kind} '{original}' has no letter to begin with", "rename it")
            return original
        if name in self._given:
            other = self._given[name]
            self._notes.refuse(
                where, f"{self._kind}s '{other}' and '{original}' would both be named '{name}'", "rename one of them"
            )
        elif name != original:
            self._notes.renamed(where, self._kind, original, name)
        self._given.setdefault(name, original)
        return name
