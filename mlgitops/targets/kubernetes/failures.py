"""What the API's answers mean: its Status objects as our errors. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from mlgitops.errors import MlgitopsError, NotAuthorisedError, TargetError
from mlgitops.targets.preview import Conflict

_WRONG_TYPE = "failed to create typed patch object"
_UNAUTHORISED = re.compile(r'is forbidden: User ".*" cannot ')
"""What the authoriser says; admission and quotas, which answer 403 as well, speak of the object instead."""
_RIGHT = re.compile(
    r'(?:"(?P<name>[^"]+)" )?is forbidden: User "(?P<user>[^"]*)" cannot (?P<verb>[\w-]+) '
    r'resource "(?P<resource>[^"]+)" in API group "(?P<group>[^"]*)"'
    r'(?: in the namespace "(?P<namespace>[^"]+)")?'
)
_FIELD = re.compile(r"\.[\w.\[\]-]+: expected \w+")
_PASSING = frozenset({500, 502, 503, 504})
_LONGEST = 600  # characters of the API's message
_CONFLICT = "FieldManagerConflict"


class ForbiddenError(NotAuthorisedError):
    """The account is known, but has no right to do it."""


class ApiError(TargetError):
    """The API refused a request: its HTTP status, its machine-readable reason, and the causes that it gave.

    ``repeated`` says that it was made before, so that an earlier one may be what it collides with.
    """

    def __init__(self, status: int, answer: Mapping[str, Any], message: str, help: str = "") -> None:
        super().__init__(message, help)
        self.status = status
        self.reason = str(answer.get("reason") or "")
        self.repeated = False
        details = answer.get("details") or {}
        self.causes: tuple[Mapping[str, Any], ...] = tuple(details.get("causes") or ())

    @property
    def collides(self) -> bool:
        """Whether the object is there already, or in another version than the request was about."""
        return self.reason in ("AlreadyExists", "Conflict") and not self.conflicts

    @property
    def conflicts(self) -> tuple[Conflict, ...]:
        """The fields that other field managers keep, with their names."""
        return tuple(_conflicts(self.causes))

    @property
    def names_fields(self) -> bool:
        """Whether it is about values of fields, not about the request or a policy."""
        return self.status == 422 and any(cause.get("field") for cause in self.causes)


class GoneError(ApiError):
    """A list's continuation is too old, so that the list has to be made anew."""


def is_passing(status: int, body: bytes) -> bool:
    """Whether the same request may be answered otherwise a little later.

    To a value of the wrong type server-side apply answers 500 like to any trouble of its own, with nothing but its
    words to tell the two apart.
    """
    return status == 429 or (status in _PASSING and _WRONG_TYPE.encode() not in body)


def failure(  # noqa: PLR0913
    status: int,
    body: bytes,
    method: str,
    path: str,
    *,
    secret: bool,
    repeated: bool = False,
    host: str = "",
    wait: float = 0.0,
) -> MlgitopsError:
    """The error for an answer of 400 or more. Of a Secret only the reason is told, since messages quote values.

    ``host`` is the address of the cluster, ``repeated`` says that an earlier answer to the same request may have been
    lost, ``wait`` for how many seconds it asks to be left alone, where that is longer than we wait.
    """
    answer = _answer(body)
    reason, message = str(answer.get("reason") or status), str(answer.get("message") or "")
    said = _harmless(answer, reason, message) if secret or not message else " ".join(message.split())[:_LONGEST]
    what, later = f"{method} {path}", f"; it asks to wait for {wait:.0f} s" if wait else ""
    if status == 401:
        return not_accepted(host, f"({what})")
    if status == 403 and _UNAUTHORISED.search(message):
        return ForbiddenError(
            f"not allowed: {_right(message) or said}", help="Ask for that right, see docs/kubernetes-target.md."
        )
    kind = GoneError if status == 410 else ApiError
    error = kind(status, answer, _conflict_words(answer) or f"the API refused {what}: {said}{later}")
    error.repeated = repeated
    return error


def not_accepted(host: str, more: str) -> NotAuthorisedError:
    """The error for credentials that the cluster at an address refuses; ``more`` says to what, or since when."""
    cluster = f"the cluster at {host}" if host else "the cluster"
    return NotAuthorisedError(f"{cluster} does not accept the credentials {more}", help="Log in again.")


def _right(message: str) -> str:
    """The right that is missing, and whose it would be; empty where the message does not say."""
    found = _RIGHT.search(message)
    if found is None:
        return ""
    where = f" in namespace {found['namespace']}" if found["namespace"] else " in all namespaces"
    kind = f"{found['resource']}.{found['group']}".rstrip(".")
    one = f"{kind}/{found['name']}" if found["name"] else kind
    return f"{found['verb']} {one}{where}, as {found['user']}"


def _answer(body: bytes) -> Mapping[str, Any]:
    try:
        answer = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    return answer if isinstance(answer, dict) else {}


def _harmless(answer: Mapping[str, Any], reason: str, message: str) -> str:
    """What is wrong with a Secret, without its values: the reason and the fields."""
    causes = (answer.get("details") or {}).get("causes") or ()
    fields = [str(cause["field"]) for cause in causes if cause.get("field")] + _FIELD.findall(message)
    return f"{reason} ({', '.join(fields)})" if fields else reason


def _conflicts(causes: tuple[Mapping[str, Any], ...]) -> Iterator[Conflict]:
    for cause in causes:
        if cause.get("reason") == _CONFLICT:
            text = str(cause.get("message", ""))
            manager = text.partition('"')[2].partition('"')[0]
            yield Conflict(str(cause.get("field", "")).removeprefix("."), manager or text)


def _conflict_words(answer: Mapping[str, Any]) -> str:
    found = tuple(_conflicts(tuple((answer.get("details") or {}).get("causes") or ())))
    if not found:
        return ""
    named = ", ".join(f"{one.field} is kept by {one.manager}" for one in found[:5])
    return named + (f" and {len(found) - 5} more" if len(found) > 5 else "")
