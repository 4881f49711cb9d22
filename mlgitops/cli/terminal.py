"""What the terminal can show, and how files and questions are handled."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

import click

from mlgitops.errors import MlgitopsError
from mlgitops.report.style import Style

WIDE = 200
"""Columns, where the output goes to a file or a log."""


def style_for(stream: TextIO, color: str = "auto") -> Style:
    """Colours where wanted: by ``--color``, then NO_COLOR, CLICOLOR_FORCE, TERM=dumb, then whether it is a TTY."""
    if color != "auto":
        return Style(color == "always")
    if os.environ.get("NO_COLOR"):
        return Style(False)
    if os.environ.get("CLICOLOR_FORCE", "0") not in ("", "0"):
        return Style(True)
    return Style(stream.isatty() and os.environ.get("TERM") != "dumb")


def confirm(question: str) -> bool:
    """Asks a person. Where there is nobody to ask, that is an error which names the way out."""
    if not sys.stdin.isatty():
        raise MlgitopsError("there is no terminal to ask on", help="add --yes, or apply a saved plan")
    return click.prompt(f"{question} Only 'yes' goes on", default="", show_default=False, err=True) == "yes"


def show(text: str, *, nl: bool = True, err: bool = False) -> None:
    """Prints to stdout, or to stderr with ``err``.

    Where the reader went away (``| head``), the rest is left unsaid and the verb goes on: an apply is not cut off in
    the middle, and the exit code says what it always says.
    """
    try:
        click.echo(text, nl=nl, err=err)
    except BrokenPipeError:
        silence(sys.stderr if err else sys.stdout)


def say_unread(targets: Sequence[str]) -> bool:
    """Says on stderr which targets could not be read, and whether there are any."""
    from mlgitops.report import inert

    if targets:
        show(inert.line(f"error: could not be read: target {', '.join(targets)}"), err=True)
    return bool(targets)


def silence(stream: TextIO) -> None:
    """Sends what is still to be printed nowhere, also what the interpreter flushes at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def write(outputs: Iterable[tuple[str, Path | None]], texts: dict[str, object]) -> None:
    """Prints or writes each output asked for. ``texts`` has for each format its text, or a function that makes it."""
    for format, path in outputs:
        made = texts[format]
        text = made() if callable(made) else made
        assert isinstance(text, str)
        if path is None:
            show(text.rstrip("\n"))
        else:
            write_file(path, text)


def write_file(path: Path, text: str, *, private: bool = True) -> None:
    """Writes text, which ends with a new line then, as ``write_bytes`` does."""
    write_bytes(path, (text if text.endswith("\n") else text + "\n").encode(), private=private)


def write_bytes(path: Path, content: bytes, *, private: bool = True) -> None:
    """Writes a file whole or not at all, if ``private`` readable by its owner only; to a device or a pipe, writes.

    Raises ``MlgitopsError``.
    """
    try:
        if path.exists() and not path.is_file() and not path.is_dir():
            path.write_bytes(content)
        else:
            _replace(path, content, 0o600 if private else 0o666)
    except OSError as error:
        raise MlgitopsError(
            f"{path} cannot be written: {error.strerror}",
            help="Name a path in a folder that is there and that you may write to.",
        ) from error


def _replace(path: Path, content: bytes, mode: int) -> None:
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def width() -> int:
    """The terminal's width in columns; wide where there is none, so that a log shows whole values."""
    return shutil.get_terminal_size((100, 24)).columns if sys.stdout.isatty() else WIDE


def now() -> str:
    """The time, as RFC 3339 in UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
