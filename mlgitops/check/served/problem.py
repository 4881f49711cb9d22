"""One thing that a target would refuse, or drop, in a manifest. Pure data."""

from __future__ import annotations

from dataclasses import dataclass

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """``path`` leads to the field within the manifest, also to one that is missing. No message holds a value."""

    code: str
    path: Path
    message: str
    help: str = ""
    suggestion: str = ""


def dotted(path: Path) -> str:
    """A path as people write it: ``spec.containers[0].image``; a key with dots or slashes in brackets and quotes."""
    return "".join(map(_part, path)).lstrip(".")


def _part(part: str | int) -> str:
    if isinstance(part, int):
        return f"[{part}]"
    return f'["{part}"]' if set(part) & set("./[]") else f".{part}"
