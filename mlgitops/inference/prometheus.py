"""Asks Prometheus by its HTTP API, with a deadline and a bound on the answer; redirects are not followed.

Source: Prometheus 3.5, "HTTP API", instant queries: ``POST /api/v1/query`` and the format of a vector.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from urllib.parse import urlencode, urlsplit

import orjson
import urllib3

from mlgitops import __version__
from mlgitops.errors import InferenceError, NotAuthorisedError
from mlgitops.forges.kinds import LOOPBACK
from mlgitops.forges.pool import broken, open_pool

BODY_BYTES = 16 << 20
"""The longest answer, in bytes."""
SECONDS = 60.0
"""The deadline of one query."""
_CHUNK = 1 << 16
_LONGEST_REASON = 300


class Sample(NamedTuple):
    """One value of a vector, with the labels that tell it from the others."""

    labels: Mapping[str, str]
    value: float


@dataclass(frozen=True)
class Prometheus:
    """A server at ``url``, to which ``token`` is sent as a bearer's. ``environment`` says which proxy and which
    certificates hold."""

    url: str
    environment: Mapping[str, str] = field(repr=False)
    token: str = field(default="", repr=False)
    seconds: float = SECONDS

    def query(self, expression: str) -> list[Sample]:
        """The instant vector that an expression has now. Raises ``InferenceError`` and ``NotAuthorisedError``."""
        status, content = self._asked(expression)
        if status in (401, 403):
            raise NotAuthorisedError(f"Prometheus at {self._host} answered {status}", help="Check its token.")
        data = _json(content)
        if status != 200 or data.get("status") != "success":
            raise InferenceError(
                f"Prometheus at {self._host} answered {status}{_why(status, data)}",
                help="See that the address leads to Prometheus, and that it takes the query.",
            )
        return _vector(data, self._host)

    @property
    def _host(self) -> str:
        return urlsplit(self.url).netloc

    def _asked(self, expression: str) -> tuple[int, bytes]:
        parts = urlsplit(self.url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.query:
            raise InferenceError(
                "the address of Prometheus is not http://HOST or https://HOST, without a login",
                help="Write spec.prometheus of the Target, or --prometheus, as http://HOST:PORT.",
            )
        if self.token and parts.scheme == "http" and parts.hostname not in LOOPBACK:
            raise InferenceError(
                f"Prometheus at {self._host} would get its token without encryption", help="Give an https address."
            )
        headers = {"Content-Type": "application/x-www-form-urlencoded", "User-Agent": f"mlgitops/{__version__}"}
        headers |= {"Authorization": f"Bearer {self.token}"} if self.token else {}
        body = urlencode({"query": expression, "timeout": f"{self.seconds:g}s"})
        deadline = time.monotonic() + self.seconds
        try:
            response = open_pool(self.url, self.environment).request(
                "POST", f"{self.url.rstrip('/')}/api/v1/query", body=body, headers=headers, retries=False,
                redirect=False, preload_content=False, timeout=urllib3.Timeout(total=self.seconds),
            )  # fmt: skip
            return response.status, _read(response, deadline)
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise InferenceError(
                f"Prometheus at {self._host} gave no answer: {broken(error)}",
                help="See that it runs and can be reached from here, then run this again.",
            ) from error
        except ValueError as error:
            raise InferenceError(
                f"Prometheus at {self._host} gave no answer: {error}",
                help="See that it runs and can be reached from here, then run this again.",
            ) from error


def _read(response: urllib3.BaseHTTPResponse, deadline: float) -> bytes:
    """The whole body. Raises ``ValueError`` where it is too long or does not end in time."""
    body = bytearray()
    try:
        while chunk := response.read1(_CHUNK):
            body += chunk
            if len(body) > BODY_BYTES:
                raise ValueError(f"it has more than {BODY_BYTES:,} bytes")
            if time.monotonic() > deadline:
                raise ValueError("it was not whole in time")
    finally:
        response.close()
    return bytes(body)


def _why(status: int, data: Mapping[str, Any]) -> str:
    """What a server says of its failure, or what its answer is a sign of."""
    said = "".join(one if one.isprintable() else " " for one in str(data.get("error", "")))[:_LONGEST_REASON]
    if said:
        return f": {said}"
    if 300 <= status < 400:
        return ", which leads elsewhere, as a login page does"
    return ", but not as Prometheus does: check the address" if status == 200 else ""


def _json(content: bytes) -> Mapping[str, Any]:
    try:
        data = orjson.loads(content)
    except orjson.JSONDecodeError:
        return {}
    return data if isinstance(data, Mapping) else {}


def _vector(data: Mapping[str, Any], host: str) -> list[Sample]:
    try:
        found = data["data"]
        if found["resultType"] != "vector":
            raise ValueError("no vector")
        return [Sample(dict(one["metric"]), float(one["value"][1])) for one in found["result"]]
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise InferenceError(
            f"Prometheus at {host} answered otherwise than its API says",
            help="See that the address leads to Prometheus itself, or to what speaks its API.",
        ) from error
