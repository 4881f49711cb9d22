"""One request to a served model, with a deadline and a bound on the answer.

A redirect is an error: answers that somebody else gave would say nothing about the model.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlsplit

import orjson
import urllib3

from mlgitops import __version__
from mlgitops.errors import InferenceError
from mlgitops.forges.pool import broken, open_pool

BODY_BYTES = 16 << 20
"""The longest answer, in bytes."""
_CHUNK = 1 << 16


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, after ``seconds``. ``problem`` says why there is no ``data``; empty where there is."""

    seconds: float
    data: Any = None
    problem: str = ""


@dataclass(slots=True)
class Client:
    """Speaks to the model ``model`` at ``url``, by ``protocol`` ``v2`` or ``v1``. Safe to be used by many threads.

    ``token`` is sent as a bearer's; ``host`` is the Host header, where an ingress tells models apart by it.
    ``seconds`` is the deadline of one request.
    """

    url: str
    model: str
    protocol: str
    seconds: float
    token: str = field(default="", repr=False)
    host: str = ""
    _pool: urllib3.PoolManager | None = field(default=None, repr=False)

    def open(self, environment: Mapping[str, str], connections: int) -> Client:
        """Ready to be asked over so many connections. Raises ``InferenceError`` for an address that is none."""
        parts = urlsplit(self.url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.query:
            raise InferenceError(
                "the address of the model is not http://HOST or https://HOST, with neither a login nor a query",
                help="Give the token by an environment variable, named by --token-from.",
            )
        self._pool = open_pool(self.url, environment)
        self._pool.connection_pool_kw |= {"maxsize": connections, "block": True}
        return self

    @property
    def path(self) -> str:
        """Where the model answers, after the host."""
        base, name = urlsplit(self.url).path.rstrip("/"), quote(self.model, safe="")
        return f"{base}/v2/models/{name}/infer" if self.protocol == "v2" else f"{base}/v1/models/{name}:predict"

    def ask(self, body: bytes) -> Answer:
        """One answer. Whatever goes wrong is its ``problem``, and nothing is tried twice."""
        assert self._pool is not None  # it was opened
        parts = urlsplit(self.url)
        start = time.perf_counter()
        try:
            response = self._pool.request(
                "POST", f"{parts.scheme}://{parts.netloc}{self.path}", body=body, headers=self._headers(),
                retries=False, redirect=False, preload_content=False, timeout=urllib3.Timeout(total=self.seconds),
            )  # fmt: skip
            content = _read(response, start + self.seconds)
        except (urllib3.exceptions.HTTPError, OSError) as error:
            return Answer(time.perf_counter() - start, problem=broken(error))
        except ValueError as error:
            return Answer(time.perf_counter() - start, problem=str(error))
        return _answer(time.perf_counter() - start, response.status, content)

    def _headers(self) -> dict[str, str]:
        headers = {"Content-Type": "application/json", "User-Agent": f"mlgitops/{__version__}"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        return {**headers, "Host": self.host} if self.host else headers


def _answer(seconds: float, status: int, content: bytes) -> Answer:
    if status != 200:
        return Answer(seconds, problem=f"the server answered {status}")
    try:
        return Answer(seconds, orjson.loads(content))
    except orjson.JSONDecodeError:
        return Answer(seconds, problem="the answer is no JSON")


def _read(response: urllib3.BaseHTTPResponse, deadline: float) -> bytes:
    """The whole body. Raises ``ValueError`` where it is too long or does not end in time."""
    body = bytearray()
    try:
        while chunk := response.read1(_CHUNK):
            body += chunk
            if len(body) > BODY_BYTES:
                raise ValueError(f"the answer has more than {BODY_BYTES:,} bytes")
            if time.perf_counter() > deadline:
                raise ValueError("the answer was not whole in time")
    except BaseException:
        response.close()
        raise
    response.release_conn()
    return bytes(body)
