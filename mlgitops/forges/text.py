"""Text as forges take it: cut to their limits, and our comments' hidden markers."""

from __future__ import annotations

import re

from mlgitops.errors import ForgeError

_CUT = "\n\n---\n*Cut here: this forge takes no more.{}*\n"
_REST = " The whole text is what `{}` prints."

_MARKER = re.compile(r"[a-z][a-z0-9-]{0,39}")
_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})", re.MULTILINE)


def cut(text: str, limit: int, command: str = "") -> str:
    """The text, at most ``limit`` characters of it; what is longer ends at a line and says so.

    ``command`` is the one that prints all of it, empty where there is none. A block of code that is cut is closed, and
    so are folded parts.
    """
    if len(text) <= limit:
        return text
    notice = _CUT.format(_REST.format(command) if command else "")
    kept = text[: limit - len(notice) - _ROOM]
    kept = kept[: kept.rfind("\n")] if "\n" in kept else kept
    return f"{kept}{_closing(kept)}{notice}"


_ROOM = 400
"""Characters that closing open blocks may take."""


def line(text: str, limit: int) -> str:
    """One line of at most ``limit`` characters, for titles and descriptions."""
    plain = " ".join(text.split())
    return plain if len(plain) <= limit else f"{plain[: limit - 1].rstrip()}…"


def hidden_marker(marker: str) -> str:
    """The first line of our comment of that marker, which no forge shows. Raises ``ForgeError`` for an odd name."""
    if not _MARKER.fullmatch(marker):
        raise ForgeError(
            f"{marker!r} is not the name of a comment: lower-case letters, digits and '-'",
            help="Name it such as mlgitops-plan.",
        )
    return f"<!-- mlgitops:{marker} -->"


def marked(marker: str, text: str, limit: int) -> str:
    """A comment's text below its hidden marker."""
    first = hidden_marker(marker)
    return f"{first}\n{cut(text, limit - len(first) - 1)}"


def _closing(kept: str) -> str:
    """What closes the code block and the folded parts that are open at the end of ``kept``."""
    fence = ""
    for found in _FENCE.finditer(kept):
        if not fence:
            fence = found[1]
        elif found[1].startswith(fence):
            fence = ""
    folded = max(kept.count("<details") - kept.count("</details>"), 0)
    return (f"\n{fence[:100]}" if fence else "") + "\n</details>" * min(folded, 20)
