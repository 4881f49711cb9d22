"""What the controller's server answers, without any connection in sight."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any

import orjson

from mlgitops.controller.log import Log, shown
from mlgitops.controller.webhook import MAX_BODY, Deliveries, Verdict, secrets_in
from mlgitops.errors import MlgitopsError

MAX_SECRET_FILE = 64 * 2**10
"""Bytes of the file of the webhook's secrets."""

_TEXT = "text/plain; charset=utf-8"
_JSON = "application/json"
_WEBHOOK = "/webhook"


@dataclass(frozen=True)
class Pages:
    """What is shown. ``alive`` and ``ready`` say why not, or nothing; ``status`` gives data for JSON.

    ``exposition`` gives the metrics and their content type for an Accept header.
    """

    alive: Callable[[], str]
    ready: Callable[[], str]
    status: Callable[[], Mapping[str, Any]]
    exposition: Callable[[str], tuple[bytes, str]]


@dataclass(frozen=True)
class Webhook:
    """What a delivery does: ``wake`` has the branch looked at, ``counted`` is told what became of it.

    ``wake`` raises ``MlgitopsError`` where it cannot reach whoever is to look. ``secrets`` is the file of the secrets,
    which is read each time, so that it may be changed; ``clock`` gives seconds since the epoch.
    """

    secrets: Path
    wake: Callable[[], None]
    counted: Callable[[Verdict], None]
    clock: Callable[[], float] = time.time


def read_secrets(path: Path) -> list[bytes]:
    """The webhook's secrets. Raises ``MlgitopsError``, which does not show them."""
    try:
        with path.open("rb") as file:
            return secrets_in(file.read(MAX_SECRET_FILE))
    except OSError as error:
        raise MlgitopsError(
            f"the webhook's secret in {path} cannot be read: {error.strerror}",
            help="Name a file that the controller may read with --webhook-secret; it holds one secret a line.",
        ) from error
    except ValueError as error:
        raise MlgitopsError(
            f"{path} {error}", help="write one there that a program made, as by `openssl rand -hex 32`"
        ) from error


@dataclass(frozen=True)
class Answer:
    """A status, the body (empty: the status in words), its content type, and the methods that are allowed."""

    status: HTTPStatus
    body: bytes = b""
    type: str = _TEXT
    allow: str = ""


class Answers:
    """What is answered, without any connection in sight."""

    def __init__(self, log: Log, pages: Pages | None, webhook: Webhook | None) -> None:
        self._log = log
        self._webhook = webhook
        self._deliveries = Deliveries()
        self._lock = threading.Lock()
        self._pages: dict[str, Callable[[Mapping[str, str]], Answer]] = {}
        if pages:
            self._pages = {
                "/healthz": lambda _: _probe(pages.alive()),
                "/readyz": lambda _: _probe(pages.ready()),
                "/status": lambda _: Answer(HTTPStatus.OK, orjson.dumps(shown(pages.status())) + b"\n", _JSON),
                "/metrics": lambda headers: Answer(HTTPStatus.OK, *pages.exposition(headers.get("accept", ""))),
            }

    def page(self, path: str, headers: Mapping[str, str]) -> Answer:
        """The answer to GET and HEAD."""
        if path == _WEBHOOK and self._webhook:
            return Answer(HTTPStatus.METHOD_NOT_ALLOWED, allow="POST")
        if (page := self._pages.get(path)) is None:
            return Answer(HTTPStatus.NOT_FOUND)
        try:
            return page(headers)
        except Exception as error:
            self._log.error(f"{path} could not be answered", error=f"{type(error).__name__}: {error}")
            return Answer(HTTPStatus.INTERNAL_SERVER_ERROR)

    def other(self, path: str) -> Answer:
        """The answer to every other method."""
        allow = "POST" if path == _WEBHOOK and self._webhook else "GET, HEAD" if path in self._pages else ""
        return Answer(HTTPStatus.METHOD_NOT_ALLOWED if allow else HTTPStatus.NOT_FOUND, allow=allow)

    def posted(self, path: str, headers: Mapping[str, str], read: Callable[[int], bytes]) -> Answer:
        """The answer to POST. The body is read only once it is known to be small."""
        if path != _WEBHOOK or not self._webhook:
            return self.other(path)
        answer, verdict = self._delivered(self._webhook, headers, read)
        self._webhook.counted(verdict)
        return answer

    def _delivered(
        self, webhook: Webhook, headers: Mapping[str, str], read: Callable[[int], bytes]
    ) -> tuple[Answer, Verdict]:
        length = headers.get("content-length", "")
        if "transfer-encoding" in headers or not length:
            return Answer(HTTPStatus.LENGTH_REQUIRED), Verdict.MALFORMED
        if not (length.isascii() and length.isdigit()):
            return Answer(HTTPStatus.BAD_REQUEST), Verdict.MALFORMED
        if len(length) > 10 or int(length) > MAX_BODY:
            return Answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE), Verdict.TOO_LARGE
        body = read(int(length))
        if len(body) < int(length):
            return Answer(HTTPStatus.REQUEST_TIMEOUT), Verdict.MALFORMED
        return self._judged(webhook, headers, body)

    def _judged(self, webhook: Webhook, headers: Mapping[str, str], body: bytes) -> tuple[Answer, Verdict]:
        try:
            secrets = read_secrets(webhook.secrets)
        except MlgitopsError as error:
            self._log.error(error.message, help=error.help)
            return Answer(HTTPStatus.SERVICE_UNAVAILABLE), Verdict.UNSIGNED
        with self._lock:
            verdict = self._deliveries.judge(headers, body, secrets, webhook.clock())
        if verdict is Verdict.UNSIGNED:
            return Answer(HTTPStatus.UNAUTHORIZED), verdict
        if verdict is Verdict.ACCEPTED and not self._woke(webhook):
            with self._lock:
                self._deliveries.forget(headers, body)
            return Answer(HTTPStatus.SERVICE_UNAVAILABLE), verdict
        return Answer(HTTPStatus.ACCEPTED, f"{verdict}\n".encode()), verdict

    def _woke(self, webhook: Webhook) -> bool:
        try:
            webhook.wake()
        except MlgitopsError as error:
            self._log.error("a webhook could not be passed on", reason=error.message, help=error.help)
            return False
        return True


def _probe(problem: str) -> Answer:
    if problem:
        return Answer(HTTPStatus.SERVICE_UNAVAILABLE, f"{problem}\n".encode())
    return Answer(HTTPStatus.OK, b"ok\n")
