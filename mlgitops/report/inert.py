"""Makes text from specs and clusters harmless, so that nothing in it acts on a terminal, a log or a CI system. Pure.

What is dangerous: ANSI escape sequences (they rewrite the screen), line ends (they forge lines), controls of writing
direction (they show text in another order than it has), lone surrogates (they cannot be encoded), and what the agents
of GitHub and Azure obey in a log: ``##[`` and ``##vso[`` anywhere on a line, ``::command`` where a line begins.
"""

from __future__ import annotations

import json
import re
import unicodedata
from typing import Any

_ANSI = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"  # CSI: colours, cursor, erasing
    r"|(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?"  # OSC and other strings
    r"|\x1b[ -/]*[0-~]?"  # any other escape, also one cut off
)
_SPACES = re.compile(r"\r\n|[\t\n\v\f\r\x85\u2028\u2029]")
_INVISIBLE = "\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff"
_UNSAFE = re.compile(f"[\x00-\x1f\x7f-\x9f{_INVISIBLE}\ud800-\udfff\ufffe\uffff]")
_UNSAFE_IN_JSON = re.compile(f"[\x7f-\x9f\u2028\u2029{_INVISIBLE}\ud800-\udfff]")
_AGENT_COMMAND = re.compile(r"##(?=(?:vso)?\[)", re.IGNORECASE)
_WORKFLOW_COMMAND = re.compile(r"(?<!\S)::(?=[A-Za-z])")
_AGENT_COMMAND_IN_JSON = re.compile(r"(##(?:vso)?)\[", re.IGNORECASE)


def line(text: str) -> str:
    """``text`` on one line: escape sequences left out, line ends and tabs as spaces, other controls as ``\\u202e``.

    The marks that agents obey are broken by a space, also within the line, since it may be wrapped there.
    """
    shown = _UNSAFE.sub(_escaped, _SPACES.sub(" ", _ANSI.sub("", text)))
    return _WORKFLOW_COMMAND.sub(": :", _AGENT_COMMAND.sub("## ", shown))


def lines(text: str) -> list[str]:
    """``text`` line by line, each made harmless as by ``line``. A last line end adds no empty line."""
    return [line(part) for part in text.removesuffix("\n").split("\n")]


def json_text(value: Any) -> str:
    """``value`` as indented JSON in which unsafe characters are escaped. It reads back as exactly ``value``.

    Raises ``TypeError`` or ``ValueError`` where a value is not of a JSON type.
    """
    return _json(value, 2) + "\n"


def json_line(value: Any) -> str:
    """The same on one line, without a line end."""
    return _json(value, None)


def _json(value: Any, indent: int | None) -> str:
    text = json.dumps(value, indent=indent, ensure_ascii=False, allow_nan=False)
    return _AGENT_COMMAND_IN_JSON.sub(r"\1\\u005b", _UNSAFE_IN_JSON.sub(_escaped, text))


def columns(text: str) -> int:
    """How many columns of a terminal a line takes: wide characters take two, combining ones none."""
    return sum(_width(character) for character in text)


def shortened(text: str, limit: int) -> str:
    """``text`` in at most ``limit`` characters (at least 3), with ``…`` in the middle for what was left out."""
    if len(text) <= limit:
        return text
    head = (limit - 1) * 2 // 3
    return f"{text[:head]}…{text[len(text) - (limit - 1 - head) :]}"


def _width(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _escaped(match: re.Match[str]) -> str:
    return f"\\u{ord(match[0]):04x}"
