"""The text of a pull request for a terminal: without the markup that only a browser reads. Pure."""

from __future__ import annotations

import html
import re

_MARKUP = re.compile(r"</?(?:code|details|summary)>|<!--.*?-->")
_FENCE = re.compile(r"`{3,}")


def without_markup(text: str) -> str:
    """``text`` with its tags left out and its characters as they are meant; what stands in a fence stays as it is."""
    shown, fence = [], ""
    for line in text.split("\n"):
        mark = _FENCE.match(line)
        if fence or mark:
            shown.append(line)
            fence = mark[0] if mark and not fence else "" if line.rstrip() == fence else fence
        else:
            shown.append(html.unescape(_MARKUP.sub("", line)))
    return "\n".join(shown)
