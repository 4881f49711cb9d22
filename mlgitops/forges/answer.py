"""An answer of a forge: its body as data, and what a refusal means."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from mlgitops.errors import ForgeError, MlgitopsError, NotAuthorisedError
from mlgitops.forges.wording import Wording

WORDS = 400
"""The most characters of a forge's own words that a message quotes."""

_UNPRINTABLE = re.compile(r"[^\x20-\x7e\xa0-\u2027\u202f-\u2065\u2070-\ufeff]+")
_TOLD = ("message", "error", "errors", "error_description")
_NEXT_PAGE = re.compile(r'<[^>]*>\s*;[^,]*rel="?next"?')


class RefusedError(ForgeError):
    """The forge answered, and did not do what it was asked. ``status`` is the HTTP status."""

    def __init__(self, message: str, status: int, words: str, help: str = "") -> None:
        super().__init__(message, help=help)
        self.status = status
        self.words = words


class NoAnswerError(ForgeError):
    """No whole answer came, so that nobody knows whether the forge did what it was asked."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, headers by lower-case name, body. Status 0: there was no whole answer, for ``reason``."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    reason: str = ""

    @property
    def has_next_page(self) -> bool:
        """Whether the Link header (RFC 8288) says that there is more."""
        return _NEXT_PAGE.search(self.headers.get("link", "")) is not None

    def data(self) -> Any:
        """The body as JSON; None where there is none. Raises ``ForgeError`` where it is anything else."""
        if not self.body.strip():
            return None
        try:
            return orjson.loads(self.body)
        except orjson.JSONDecodeError as error:
            kind = self.headers.get("content-type", "").partition(";")[0] or "of an unknown kind"
            raise ForgeError(
                f"the answer is not whole JSON ({len(self.body)} bytes, {kind})",
                help="See that forge.url leads to the forge, and not to a proxy or a sign-in page.",
            ) from error

    def words(self) -> str:
        """What the forge said for people, on one line."""
        try:
            said = _said(self.data())
        except ForgeError:
            said = ""
        return " ".join(_UNPRINTABLE.sub(" ", said).split())[:WORDS]


def refusal(answer: Answer, what: str, wording: Wording) -> MlgitopsError:
    """The error for an answer that is not a success: what was tried, what came back, what to do."""
    if answer.status == 0:
        return NoAnswerError(
            f"{wording.forge} did not answer: could not {what}: {answer.reason}",
            help=f"Check that {wording.host} can be reached, then run this again; nothing is done twice.",
        )
    words = answer.words()
    shown = f": {words}" if words else ""
    message = f"{wording.forge} refused to {what} (HTTP {answer.status}){shown}"
    if answer.status in (401, 403):
        return NotAuthorisedError(message, help=_authorisation_help(answer.status, wording))
    return RefusedError(message, answer.status, words, help=_help(answer.status, wording))


def _authorisation_help(status: int, wording: Wording) -> str:
    if status == 401:
        return f"The token in {wording.token} is unknown, expired or revoked; set it to one with {wording.scopes}."
    return f"Give the token in {wording.token} {wording.scopes}, and its user write access to {wording.repository}."


def _help(status: int, wording: Wording) -> str:
    match status:
        case 404:
            return (
                f"Check forge.repository ({wording.repository}) and forge.url; where they are right, the token in "
                f"{wording.token} may not see it: it needs {wording.scopes}."
            )
        case 405 | 409:
            return "Something changed meanwhile, or a rule of the repository is in the way; look there, then run again."
        case 400 | 422:
            return "The forge found a value wrong: check the branch, the labels and the reviewers."
        case 429:
            return "Too many requests; run this again later."
        case status if status >= 500:
            return f"Something is wrong at {wording.host}; run this again later."
    return ""


def _said(data: Any) -> str:
    """The messages in an error's JSON, whose shape differs from forge to forge."""
    match data:
        case str():
            return data
        case list():
            return "; ".join(filter(None, map(_said, data[:10])))
        case dict():
            parts = [
                _said(data[name]) for name in ("message", "error", "errors", "error_description") if data.get(name)
            ]
            named = "" if parts else " ".join(f"{name}: {_said(value)}" for name, value in list(data.items())[:5])
            return "; ".join(filter(None, [*parts, named]))
    return "" if data is None else str(data)
