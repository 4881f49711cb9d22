"""The source that is compiled: its path, its text, and where a field or a template of it stands. Pure."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from mlgitops.finding import Location
from mlgitops.spec.positions import Pointer, Positions
from mlgitops.spec.source_text import excerpt_of, lines_of


class Where(NamedTuple):
    """A field of what the source says. ``named`` is the template, task or component that it belongs to, if any."""

    pointer: Pointer = ()
    named: str = ""

    def at(self, *more: str | int) -> Where:
        """A field within this one."""
        return Where((*self.pointer, *more), self.named)

    def of(self, name: str) -> Where:
        """The same field, of a template, task or component."""
        return Where(self.pointer, name)


@dataclass(frozen=True)
class Written:
    """A file that is compiled. ``path`` is as messages name it; ``digest`` is ``sha256:`` and 64 hexadecimal digits."""

    path: str
    text: str = field(repr=False)
    digest: str

    @property
    def is_program(self) -> bool:
        """Whether it is Python, of which nobody knows which line made a field."""
        return self.path.endswith(".py")

    def locate(self, where: Where) -> Location:
        """Where it stands: in YAML the field, in Python the function or the name of the template; else the file."""
        if not self.is_program:
            return self._positions.locate(where.pointer, key=bool(where.pointer) and isinstance(where.pointer[-1], str))
        line = self._lines_of_names.get(where.named, 0)
        return Location(self.path, line, 1 if line else 0)

    def excerpt(self, line: int) -> str:
        """A line (from 1) without secrets; empty where there is no such line."""
        return excerpt_of(self._lines, line) if line else ""

    @cached_property
    def _lines(self) -> list[str]:
        return lines_of(self.text)

    @cached_property
    def _positions(self) -> Positions:
        return Positions(self.path, self.text)

    @cached_property
    def _lines_of_names(self) -> dict[str, int]:
        """The lines of functions, by their names with dashes as hera writes them, and of whatever is given a name."""
        found: dict[str, int] = {}
        try:
            tree = ast.parse(self.text)
        except (SyntaxError, ValueError, RecursionError):
            return found
        for node in ast.walk(tree):
            match node:
                case ast.FunctionDef(name=name):
                    found.setdefault(name.replace("_", "-"), node.lineno)
                case ast.keyword(arg="name", value=ast.Constant(value=str(name))):
                    found.setdefault(name, node.value.lineno)
        return found
