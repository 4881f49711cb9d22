"""Expressions in CEL over named data, as in admission policies: ``object.status.phase == 'Ready'``. Pure.

The language has no loops but those over a list and no functions with effects; length and nesting are bounded, and its
regular expressions run in linear time. The library takes half a second to import, so it is imported at first use.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

LONGEST = 1_000
"""The most characters of an expression."""
MOST_MACROS = 2
"""The most uses of ``all``, ``exists``, ``exists_one``, ``filter`` and ``map``: each may go over a list in another."""

FUNCTIONS = frozenset(
    "bool bytes contains double duration endsWith getDate getDayOfMonth getDayOfWeek getDayOfYear getFullYear getHours "
    "getMilliseconds getMinutes getMonth getSeconds int matches max min size startsWith string timestamp uint".split()
)
"""What may be called; the library tells of an unknown function only when it comes to it."""

_MACRO = re.compile(r"\.\s*(?:all|exists|exists_one|filter|map)\s*\(\s*(\w+)")


@dataclass(frozen=True, slots=True)
class Expression:
    """An expression of which ``compiled`` raised nothing."""

    text: str

    def holds(self, manifest: Mapping[str, Any]) -> bool:
        """Whether it is true of an object. A field that is not there makes it false, and so does another type."""
        try:
            return self.value({"object": dict(manifest)}) is True
        except ValueError:
            return False

    def value(self, variables: Mapping[str, Any]) -> Any:
        """What it comes to. Raises ``ValueError`` in plain words where something is missing or of another type."""
        try:
            return _program(self.text).execute(dict(variables))
        except KeyError as error:
            raise ValueError(f"there is no {error}") from error
        except (LookupError, TypeError, ValueError, RuntimeError, ArithmeticError) as error:
            raise ValueError(_first_sentence(str(error))) from error


def compiled(text: str, names: Collection[str] = ("object",)) -> Expression:
    """The expression of a text over variables of these names. Raises ``ValueError`` saying what is wrong with it."""
    if len(text) > LONGEST:
        raise ValueError(f"it has {len(text)} characters, of at most {LONGEST}")
    if len(_MACRO.findall(text)) > MOST_MACROS:
        raise ValueError(f"it goes over lists more than {MOST_MACROS} times")
    for name in sorted(set(_program(text).variables()) - {*names, *_MACRO.findall(text)}):
        known = f"the object is called {next(iter(names))}" if len(names) == 1 else f"there are {', '.join(names)}"
        raise ValueError(f"there is no '{name}'; {known}")
    for name in sorted(set(_program(text).functions()) - FUNCTIONS):
        if name.isidentifier() and name.isalnum():  # operators are called such things as _&&_
            raise ValueError(f"there is no function '{name}'")
    return Expression(text)


def _first_sentence(text: str) -> str:
    first = text.partition(". ")[0].partition(": the operation")[0].splitlines()
    return (first[0] if first else "it cannot be evaluated").rstrip(".")


_ALL_TOKENS = " expecting {"
"""After this the parser lists every word that there is."""


@functools.lru_cache(maxsize=256)
def _program(text: str) -> Any:
    import cel

    try:
        return cel.compile(text)
    except ValueError as error:
        first = str(error).partition("ERROR: ")[2] or str(error)
        raise ValueError(
            f"it is no CEL: {first.splitlines()[0].removeprefix('<input>:').partition(_ALL_TOKENS)[0]}"
        ) from error
