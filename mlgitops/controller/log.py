"""What the controller tells as it goes: a line of JSON for each event on stderr, or plain text on a terminal.

A line says when, how grave, what, and for which cycle, commit, environment and target, so that what belongs together is
found together. Logins in URLs, tokens and what else looks like a secret are masked, whoever wrote them into a message.
"""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, TextIO

import orjson

from mlgitops.tools.git import without_login

LONGEST = 4096
"""Characters that are shown of one value; whoever collects lines cuts those of more than 16 KiB in two."""
MASK = "***"

_NO_FIELDS: Mapping[str, Any] = MappingProxyType({})
_SECRETS = (
    re.compile(r"(?i)([?&;](?:[\w.-]*(?:token|secret|password|signature|credential|api_?key)|sig|code)=)[^&\s\"']+"),
    re.compile(
        r"(?i)\b((?:authorization|private-token|x-gitlab-token)[\"']?\s*[:=]\s*[\"']?(?:\w+\s+)?)[^\s\"',;]{6,}"
    ),
    re.compile(r"(?i)\b((?:bearer|basic|token)\s+)(?=\S*\d)[\w.~+/=-]{16,}"),
    re.compile(r"()\b(?:gh[pousr]_|github_pat_|glpat-|gldt-|xox[abp]-)[\w-]{8,}"),
    re.compile(r"()\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*"),
)
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")


def masked(text: str) -> str:
    """The text without logins in URLs, tokens in their queries, authorisation headers and tokens of known forms."""
    text = without_login(text)
    for secret in _SECRETS:
        text = secret.sub(rf"\g<1>{MASK}", text)
    return text


def shown(value: Any) -> Any:
    """A value as data for JSON, with every text in it masked and made valid Unicode."""
    match value:
        case str():
            return masked(value.encode("utf-8", "backslashreplace").decode())
        case bool() | float() | None:
            return value
        case int():
            return value if abs(value) < 2**53 else str(value)
        case Mapping():
            return {shown(str(key)): shown(one) for key, one in value.items()}
        case list() | tuple() | set() | frozenset():
            return [shown(one) for one in value]
        case _:
            return shown(str(value))


class Log:
    """Writes lines to ``stream``; ``clock`` gives seconds since the epoch. Threads may share it.

    Where a line cannot be written, nothing happens: nobody who could be told is left.
    """

    def __init__(
        self, stream: TextIO, clock: Callable[[], float], *, text: bool = False, fields: Mapping[str, Any] = _NO_FIELDS
    ) -> None:
        self._stream = stream
        self._clock = clock
        self._form = _text if text else _json
        self._fields = fields
        self._lock = threading.Lock()

    def bind(self, **fields: Any) -> Log:
        """The same log, whose lines also say this: ``cycle``, ``commit``, ``environment``, ``target``, or others."""
        bound = Log(self._stream, self._clock, fields={**self._fields, **fields})
        bound._form, bound._lock = self._form, self._lock
        return bound

    def info(self, message: str, **fields: Any) -> None:
        """Something happened as it should."""
        self._write("info", message, fields)

    def warning(self, message: str, **fields: Any) -> None:
        """Something needs attention some time."""
        self._write("warning", message, fields)

    def error(self, message: str, **fields: Any) -> None:
        """Something is wrong."""
        self._write("error", message, fields)

    def capture(self) -> None:
        """Has what libraries tell through ``logging``, from warnings on, come out as lines of this log too."""
        logging.captureWarnings(True)
        root = logging.getLogger()
        root.handlers[:] = [_Captured(self)]
        root.setLevel(logging.WARNING)

    def _write(self, level: str, message: str, fields: Mapping[str, Any]) -> None:
        said = {name: _cut(shown(value)) for name, value in {**self._fields, **fields}.items() if value != ""}
        line = self._form(self._clock(), level, _cut(shown(message)), said)
        with suppress(OSError, ValueError), self._lock:  # ValueError: the stream was closed
            self._stream.write(line + "\n")
            self._stream.flush()


class _Captured(logging.Handler):
    def __init__(self, log: Log) -> None:
        super().__init__(logging.WARNING)
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        level = "error" if record.levelno >= logging.ERROR else "warning"
        self._log._write(level, record.getMessage(), {"logger": record.name})


def _json(now: float, level: str, message: str, fields: Mapping[str, Any]) -> str:
    first = {"time": _time(now), "level": level, "message": message}
    return orjson.dumps({**first, **fields, **first}).decode()


def _text(now: float, level: str, message: str, fields: Mapping[str, Any]) -> str:
    said = " ".join(f"{name}={value}" for name, value in fields.items())
    return _UNPRINTABLE.sub(" ", f"{_time(now)} {level:7} {message}{'  ' if said else ''}{said}")


def _time(now: float) -> str:
    return datetime.fromtimestamp(now, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _cut(value: Any) -> Any:
    return f"{value[:LONGEST]}..." if isinstance(value, str) and len(value) > LONGEST else value
