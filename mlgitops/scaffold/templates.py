"""Texts that come with the package, in which ``<<word>>`` stands for what was chosen."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from importlib.resources import files
from importlib.resources.abc import Traversable

_PLACE = re.compile(r"<<([a-z_]+)>>")


def text(name: str, values: Mapping[str, str]) -> str:
    """The text ``text/NAME``, filled. Raises ``KeyError`` for a place that nothing is given for."""
    return filled((_room() / "text" / name).read_text(encoding="utf-8"), values)


def filled(template: str, values: Mapping[str, str]) -> str:
    """The template with every ``<<word>>`` replaced; a value is never looked into again."""
    return _PLACE.sub(lambda place: values[place[1]], template)


def tree(folder: str) -> dict[str, str]:
    """Every text below a folder of this room, by its path within that folder, in order."""
    return dict(sorted(_below(_room() / folder, "")))


def _room() -> Traversable:
    return files("mlgitops.scaffold")


def _below(folder: Traversable, prefix: str) -> Iterator[tuple[str, str]]:
    for entry in folder.iterdir():
        if entry.is_dir():
            yield from _below(entry, f"{prefix}{entry.name}/")
        else:
            yield prefix + entry.name, entry.read_text(encoding="utf-8")
