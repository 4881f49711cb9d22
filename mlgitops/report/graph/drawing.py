"""What a graph shows, before anybody decides how it looks: boxes, arrows between them, frames around them. Pure."""

from __future__ import annotations

from dataclasses import dataclass

MISSING = "not there"
"""The detail of something that is named, and that nobody finds."""


@dataclass(frozen=True, slots=True)
class Box:
    """One thing: its kind (``model``), its name, and lines that say more. ``frame`` is the environment it is in.

    Kind, name and frame together are unique in a drawing. ``is_last`` asks for a place at the end of all ways.
    """

    kind: str
    name: str
    details: tuple[str, ...] = ()
    frame: str = ""
    is_last: bool = False

    @property
    def key(self) -> str:
        """What arrows call it."""
        return key_of(self.kind, self.name, self.frame)


@dataclass(frozen=True, slots=True)
class Arrow:
    """From one box to another, by their keys; ``word`` says what it means: the first needs the second."""

    source: str
    to: str
    word: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """Boxes and arrows in the order in which they are written. Every arrow's ends are boxes of the drawing."""

    title: str
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]

    @property
    def frames(self) -> tuple[str, ...]:
        """The frames, each once; an empty one holds the boxes that have none."""
        return tuple(dict.fromkeys(box.frame for box in self.boxes))


def key_of(kind: str, name: str, frame: str = "") -> str:
    """The key of a box: of letters, digits and ``_`` alone, and never the same for two boxes."""
    return "_x_".join(_identifier(part) for part in (frame, kind, name) if part)


def _identifier(text: str) -> str:
    """Letters and digits as they are, any other character as its number: ``iris-v2`` is ``iris_2d_v2``."""
    return "".join(one if one.isascii() and one.isalnum() else f"_{ord(one):x}_" for one in text)
