"""An XML document in which text from outside can neither end its element nor break the parser. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from mlgitops.report import inert


@dataclass(frozen=True)
class Element:
    """An element: its attributes, then either children or the lines of its text."""

    name: str
    attributes: Mapping[str, Any] = field(default_factory=dict)
    children: tuple[Element, ...] = ()
    text: tuple[str, ...] = ()

    def lines(self, indent: str = "") -> Iterable[str]:
        """The element as lines of XML. Every character that XML 1.0 does not allow is shown escaped."""
        attributes = "".join(f" {key}={quoteattr(inert.line(str(value)))}" for key, value in self.attributes.items())
        if self.text:
            text = "\n".join(escape(inert.line(line)) for line in self.text)
            yield f"{indent}<{self.name}{attributes}>{text}</{self.name}>"
        elif self.children:
            yield f"{indent}<{self.name}{attributes}>"
            for child in self.children:
                yield from child.lines(indent + "  ")
            yield f"{indent}</{self.name}>"
        else:
            yield f"{indent}<{self.name}{attributes}/>"


def document(root: Element) -> str:
    """The whole document, with its declaration."""
    return "\n".join(['<?xml version="1.0" encoding="UTF-8"?>', *root.lines()]) + "\n"
