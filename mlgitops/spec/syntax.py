"""What a YAML parser's error means and how to mend it. Pure."""

from __future__ import annotations

from typing import Any

import yaml

from mlgitops.finding import Finding, Location

_INDENT = "check the indentation of this line: it must line up with the keys that belong with it"
_HELP = {
    "mapping values are not allowed": "quote a value that contains ': '; otherwise check this line's indentation",
    "could not find expected ':'": "write 'key: value', with a space after the colon",
    "did not find expected key": _INDENT,
    "did not find expected '-' indicator": "a list's items all begin with '- ' at the same indentation",
    "block sequence entries are not allowed": "begin the list on the next line, one '- item' a line",
    "unexpected end of stream": "close the quote or bracket that is open",
    "did not find expected ',' or": "close the bracket, or put a comma between the items",
    "did not find expected node content": "write a value here, or close the bracket before it",
    "unknown escape character": "in double quotes a backslash begins an escape; use single quotes, or write \\\\",
    "escape": "an escape is \\xHH, \\uHHHH or \\UHHHHHHHH in hexadecimal",
    "alphabetic or numeric character": "a value that begins with * or & must be quoted",
    "tag": "a value that begins with ! must be quoted",
    "did not find expected comment or line break": "text goes on the next line after | or >",
    "indentation": _INDENT,
    "directive": "a line that begins with % must be indented or quoted",
    "did not find expected <document start>": "a file holds one mapping; check the indentation of this line",
}
_DEFAULT_HELP = "check this line and the one above it; a value with special characters must be quoted"


def syntax_finding(path: str, lines: list[str], error: yaml.YAMLError) -> Finding:
    """The finding for a text that cannot be parsed."""
    problem = str(getattr(error, "problem", None) or "the text cannot be read")
    line, column = _place(lines, getattr(error, "problem_mark", None))
    location = Location(path, line, column, column + 1)
    character = lines[line - 1][column - 1 : column] if lines else ""
    if "nesting depth" in problem:
        return Finding("too-deep", "the nesting is too deep", location, help="flatten the file")
    if character == "\t" and ("tab" in problem or "cannot start" in problem):
        return Finding("tab-indentation", "a tab where YAML wants spaces", location, help="indent by spaces, not tabs")
    if "cannot start any token" in problem:
        help = f"a value that begins with {character} must be quoted"
        return Finding("yaml-syntax", f"no value can begin with {character!r}", location, help=help)
    return Finding("yaml-syntax", _message(problem, error), location, help=_help(problem))


def _message(problem: str, error: yaml.YAMLError) -> str:
    """The parser's words, and where the thing began that it was reading, if that is on another line."""
    begun, found = getattr(error, "context_mark", None), getattr(error, "problem_mark", None)
    context = str(getattr(error, "context", None) or "")
    if begun is None or found is None or begun.line == found.line or not context:
        return problem
    return f"{problem}, {context} that begins on line {begun.line + 1}"


def _help(problem: str) -> str:
    return next((help for words, help in _HELP.items() if words in problem), _DEFAULT_HELP)


def _place(lines: list[str], mark: Any) -> tuple[int, int]:
    """Line and column from 1; past the end of the text becomes the end of its last line that is not blank."""
    line, column = (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)
    if line <= len(lines) and (lines[line - 1] or line < len(lines)):
        return line, column
    last = max((number for number, text in enumerate(lines, 1) if text.strip()), default=1)
    return last, len(lines[last - 1]) + 1
