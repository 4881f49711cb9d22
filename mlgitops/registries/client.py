"""HTTP to one registry: a deadline, bounded answers, no redirects, and credentials that go to that server only."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlsplit

import orjson
import urllib3

from mlgitops import __version__
from mlgitops.errors import NotAuthorisedError, RegistryError
from mlgitops.forges.kinds import LOOPBACK
from mlgitops.forges.pool import broken, open_pool

SECONDS = 30.0
"""The longest for an answer that is data."""
FILE_SECONDS = 3600.0
"""The longest for one of a model's files."""
BODY_BYTES = 16 << 20
_CHUNK = 1 << 20
_NOTHING: Mapping[str, str] = {}


class StatusError(RegistryError):
    """The registry answered something else than success; ``status`` is what HTTP says."""

    def __init__(self, message: str, status: int) -> None:
        named = "the model's name, its version or alias, and " if 400 <= status < 500 else ""
        more = ", or its log" if status >= 500 else ""
        super().__init__(message, help=f"Check {named}the registry's address{more}.")
        self.status = status


@dataclass(slots=True)
class Client:
    """Speaks to the registry called ``name`` at ``server``; ``denied`` is what helps where it says no.

    Raises ``RegistryError`` where the address has a login, or would be sent credentials in the clear.
    """

    name: str
    server: str
    headers: Mapping[str, str] = field(repr=False)
    environment: Mapping[str, str] = field(repr=False)
    denied: str = ""
    _pool: urllib3.PoolManager | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        parts = urlsplit(self.server)
        if parts.username is not None or not parts.hostname or parts.query or parts.fragment:
            raise RegistryError(f"the address of {self.name} is not a plain one", help="Write https://HOST.")
        if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
            raise RegistryError(f"the address of {self.name} is neither https nor on this machine", help="Use https.")

    def data(self, path: str, what: str, query: Mapping[str, str] = _NOTHING) -> Mapping[str, Any]:
        """The JSON object at a path. ``what`` follows "could not", such as "read version 3"."""
        return self._object(self.content(path, what, query), what)

    def content(self, path: str, what: str, query: Mapping[str, str] = _NOTHING) -> bytes:
        """The bytes at a path, at most ``BODY_BYTES``."""
        return b"".join(self._bounded(self._exchange("GET", path, what, query), what))

    def chunks(self, path: str, what: str) -> Iterator[bytes]:
        """A file's bytes, part after part, in at most ``FILE_SECONDS``."""
        yield from self._parts(self._exchange("GET", path, what, _NOTHING), what, FILE_SECONDS)

    def send(self, method: str, path: str, what: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
        """What the registry answers to a change."""
        response = self._exchange(method, path, what, _NOTHING, orjson.dumps(body))
        return self._object(b"".join(self._bounded(response, what)), what)

    def _exchange(
        self, method: str, path: str, what: str, query: Mapping[str, str], body: bytes | None = None
    ) -> urllib3.BaseHTTPResponse:
        self._pool = self._pool or open_pool(self.server, self.environment)
        headers = {"Accept": "application/json", "User-Agent": f"mlgitops/{__version__}", **self.headers}
        if body is not None:
            headers["Content-Type"] = "application/json"
        address = f"{self.server}/{quote(path)}{_query(query)}"
        try:
            response = self._pool.request(
                method, address, body=body, headers=headers, retries=False, redirect=False, preload_content=False,
                timeout=urllib3.Timeout(connect=10.0, read=SECONDS),
            )  # fmt: skip
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise self._broken(what, broken(error)) from error
        if not 200 <= response.status < 300:
            response.close()
            raise self._refusal(response.status, what)
        return response

    def _bounded(self, response: urllib3.BaseHTTPResponse, what: str) -> Iterator[bytes]:
        size = 0
        for part in self._parts(response, what, SECONDS):
            size += len(part)
            if size > BODY_BYTES:
                response.close()
                raise self._broken(what, "the answer is too long")
            yield part

    def _parts(self, response: urllib3.BaseHTTPResponse, what: str, seconds: float) -> Iterator[bytes]:
        deadline = time.monotonic() + seconds
        try:
            while part := response.read1(_CHUNK):
                if time.monotonic() > deadline:
                    raise self._broken(what, "it took too long")
                yield part
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise self._broken(what, broken(error)) from error
        finally:
            response.close()

    def _object(self, content: bytes, what: str) -> Mapping[str, Any]:
        try:
            data = orjson.loads(content)
        except orjson.JSONDecodeError as error:
            raise self._broken(what, "the answer is no JSON") from error
        if not isinstance(data, Mapping):
            raise self._broken(what, "the answer is no JSON object")
        return data

    def _broken(self, what: str, why: str) -> RegistryError:
        return RegistryError(
            f"{self._who()} could not be asked: could not {what}: {why}",
            help="See that the registry's address is right and can be reached from here, then run this again.",
        )

    def _refusal(self, status: int, what: str) -> RegistryError | NotAuthorisedError:
        if status in (401, 403):
            return NotAuthorisedError(f"{self._who()} says no ({status}): could not {what}", help=self.denied)
        return StatusError(f"{self._who()} answered {status}: could not {what}", status)

    def _who(self) -> str:
        return f"{self.name} at {urlsplit(self.server).hostname}"


def _query(query: Mapping[str, str]) -> str:
    return "?" + "&".join(f"{name}={quote(value, safe='')}" for name, value in query.items()) if query else ""
