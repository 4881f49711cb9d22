"""From a file's bytes to clean text: size, encoding, control characters and merge conflicts. Pure.

Runs before any parsing, because a parser's message about such a file leads astray.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator

from mlgitops.finding import Finding, Location
from mlgitops.sources import MAX_FILE_BYTES
from mlgitops.spec.secrets import LOOK_BACK, mask_line_of

LONGEST_EXCERPT = 200
"""Characters of a line that an excerpt shows."""
_LONGEST_JUDGED = 1000  # a secret that begins within the excerpt is seen whole

_PLAIN_BYTES = bytes([0x09, 0x0A, 0x0D, *range(0x20, 0x7F)])
_UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_ASCII_IN_UTF16 = re.compile(rb"(?:[^\0]\0){2}|(?:\0[^\0]){2}")
# What YAML forbids, and what it allows but nobody sees: other line ends, marks that reorder text, a mark in the middle.
UNSEEN = re.compile(
    "[^\t\n\r\x20-\x7e\xa0-\u2027\u202f-\u2065\u206a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)
_MARKERS = ("<<<<<<<", "=======", ">>>>>>>")
_CONFLICT = re.compile(r"(?:[ \t]*(?=[<>|])|(?==))(?P<mark><{7}|>{7}|\|{7}|={7}$)(?: .*)?")
_CONFLICT_HELP = "resolve the conflict and take out the lines that begin with <<<<<<<, =======, >>>>>>>"
_LINE_END = re.compile(r"\r\n|\n|\r")


def decode(path: str, content: bytes) -> tuple[str, list[Finding]]:
    """The text, with what may not stand in it replaced by U+FFFD so that it can still be parsed, and the findings.

    A byte order mark of UTF-8 is taken off. A file that is too large or in UTF-16 gives no text.
    """
    if len(content) > MAX_FILE_BYTES:
        return "", [_too_large(path, content)]
    if content.startswith(_UTF16_MARKS) or _ASCII_IN_UTF16.match(content):
        return "", [_finding("not-utf8", path, 1, 1, "the file is not UTF-8 but UTF-16 or UTF-32")]
    content = content.removeprefix(codecs.BOM_UTF8)
    if not content.translate(None, _PLAIN_BYTES):
        text = content.decode("ascii")
        return text, [*_conflicts(path, text)]
    return _decode_marked(path, content)


def _decode_marked(path: str, content: bytes) -> tuple[str, list[Finding]]:
    findings = []
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        findings.append(_not_utf8(path, content, error.start))
        text = content.decode("utf-8", "replace")
    findings += [*_unseen(path, text), *_conflicts(path, text)]
    return UNSEEN.sub("\ufffd", text), findings


def has_conflict(findings: list[Finding]) -> bool:
    """Whether the text holds a merge conflict, after which a parser only finds echoes of it."""
    return any(finding.code == "merge-conflict" for finding in findings)


def lines_of(text: str) -> list[str]:
    """The lines as a YAML parser counts them."""
    return _LINE_END.split(text)


def excerpt_of(lines: list[str], line: int) -> str:
    """Line number ``line`` (from 1) without secrets, cut to a bearable length; empty where there is no such line."""
    if not 0 < line <= len(lines):
        return ""
    window = [text[:_LONGEST_JUDGED] for text in lines[max(0, line - 1 - LOOK_BACK) : line + 1]]
    shown = mask_line_of(window, min(line - 1, LOOK_BACK))
    return shown if len(shown) <= LONGEST_EXCERPT else shown[: LONGEST_EXCERPT - 1] + "…"


def _too_large(path: str, content: bytes) -> Finding:
    line = content.count(b"\n", 0, MAX_FILE_BYTES) + 1
    message = f"the file has {len(content):,} bytes; at most {MAX_FILE_BYTES:,} are read"
    return _finding("file-too-large", path, line, 0, message, "split it, or keep data out of the spec")


def _not_utf8(path: str, content: bytes, offset: int) -> Finding:
    start = content.rfind(b"\n", 0, offset) + 1
    column = len(content[start:offset].decode("utf-8", "replace")) + 1
    line = content.count(b"\n", 0, offset) + 1
    return _finding("not-utf8", path, line, column, f"byte 0x{content[offset]:02x} here is not UTF-8")


def _unseen(path: str, text: str) -> Iterator[Finding]:
    """One finding for each line."""
    for number, line in enumerate(lines_of(text), 1):
        if match := UNSEEN.search(line):
            message = f"{unseen_name(match[0])} is not allowed"
            yield _finding("control-character", path, number, match.start() + 1, message, "remove it")


def unseen_name(character: str) -> str:
    """A character that is not shown, in words."""
    return "a NUL byte" if character == "\0" else f"the unseen character U+{ord(character):04X}"


def _conflicts(path: str, text: str) -> Iterator[Finding]:
    """One finding for each conflict, at its first marker."""
    if not any(marker in text for marker in _MARKERS):
        return
    within = False
    for number, line in enumerate(lines_of(text), 1):
        if (match := _CONFLICT.fullmatch(line)) is None:
            continue
        if not within:
            column = match.start("mark") + 1
            yield _finding("merge-conflict", path, number, column, "an unresolved merge conflict", _CONFLICT_HELP)
        within = match["mark"] != ">>>>>>>"


def _finding(code: str, path: str, line: int, column: int, message: str, help: str = "save it as UTF-8") -> Finding:
    return Finding(code, message, Location(path, line, column, column + 1 if column else 0), help=help)
