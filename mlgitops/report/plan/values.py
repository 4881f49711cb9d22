"""Values of fields on one line, as YAML has them: without secrets, shortened so that a difference stays visible."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from mlgitops.plan.change import ABSENT, Path
from mlgitops.report import inert
from mlgitops.spec.scalars import plain
from mlgitops.spec.secrets import looks_secret, mask, mask_line_of

HIDDEN = "(sensitive)"
ARROW = " -> "

_UNQUOTED = re.compile(r"[\w./$(<][^\x00-\x1f\x7f]*")


def shown(path: Path, value: Any) -> str:
    """A value as YAML on one line, safe to print; empty for a value that is not there."""
    if value is ABSENT:
        return ""
    return HIDDEN if looks_secret(secret_key(path), value) else inert.line(_yaml(path, value))


def secret_key(path: Path) -> str:
    """The word that tells whether a value is secret: its key, or for ``env[NAME].value`` the variable's name."""
    words = [str(part).strip("[]") for part in path if isinstance(part, str)]
    if words[-1:] == ["value"] and len(path) > 1 and str(path[-2]).startswith("["):
        return words[-2]
    return words[-1] if words else ""


def masked_lines(text: str) -> list[str]:
    """The lines of a long text, safe to print, with what looks like a secret in them replaced."""
    parts = text.removesuffix("\n").split("\n")
    return [inert.line(mask_line_of(parts, index)) for index in range(len(parts))]


def leaves(path: Path, value: Any) -> Iterator[tuple[Path, Any]]:
    """The values inside a value with their paths; items of a list go by their name where they have one."""
    if isinstance(value, dict) and value:
        named = path[-1:] == (f"[{value.get('name')}]",) and len(value) > 1
        for key, inner in value.items():
            if not (named and key == "name"):
                yield from leaves((*path, key), inner)
    elif isinstance(value, list) and any(isinstance(item, dict | list) for item in value):
        for index, item in enumerate(value):
            name = item.get("name") if isinstance(item, dict) else None
            yield from leaves((*path, f"[{name}]" if isinstance(name, str) else index), item)
    else:
        yield path, value


def shortened_pair(old: str, new: str, room: int) -> tuple[str, str]:
    """Both values so short that they fit into ``room`` characters together, where they differ still to be seen."""
    room = max(room - len(ARROW), 16)
    if len(old) + len(new) <= room:
        return old, new
    each = max(room // 2, room - min(len(old), len(new)))  # a short one leaves its room to the other
    start = _shared(old, new)
    end = _shared(old[start:][::-1], new[start:][::-1])
    return _around(old, start, end, each), _around(new, start, end, each)


def _shared(old: str, new: str) -> int:
    """How many characters both begin with."""
    pairs = enumerate(zip(old, new, strict=False))
    return next((index for index, (a, b) in pairs if a != b), min(len(old), len(new)))


def _around(value: str, start: int, end: int, limit: int) -> str:
    """``value`` in ``limit`` characters, with what is between ``start`` and ``end`` (from the right) in the middle."""
    if len(value) <= limit:
        return value
    context = max(2, (limit - (len(value) - start - end)) // 2 - 1)
    first = max(0, start - context)
    last = min(len(value), len(value) - end + context)
    cut = ("…" if first else "") + value[first:last] + ("…" if last < len(value) else "")
    return inert.shortened(cut, limit)


def _yaml(path: Path, value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {shown((*path, key), inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(shown((*path, index), inner) for index, inner in enumerate(value)) + "]"
    if isinstance(value, str):
        return _scalar(mask(value))
    return json.dumps(value)


def _scalar(text: str) -> str:
    """A text, in quotes where YAML would read it as something else."""
    clear = _UNQUOTED.fullmatch(text) and plain(text) == text and ": " not in text and " #" not in text
    return text if clear and text == text.strip() else json.dumps(text, ensure_ascii=False)
