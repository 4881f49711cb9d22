"""Requests to one cluster's API: raw JSON over kept-alive connections, with deadlines, retries and clear errors.

Only requests that may safely be made twice are made again: reading, server-side apply, and deletes with preconditions.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from itertools import count
from random import SystemRandom
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import orjson
import urllib3

from mlgitops.errors import NoAnswerError, TargetError
from mlgitops.targets.kubernetes import deadline, fence
from mlgitops.targets.kubernetes.failures import failure, is_passing, not_accepted
from mlgitops.targets.kubernetes.plain import PlainConfiguration

if TYPE_CHECKING:
    from kubernetes.client import Configuration

WIDTH = 8
"""Requests made at once for one target."""
KEPT = 128
"""Connections kept, since whoever comes again and again asks for many targets of one cluster at once."""
SECONDS = 60.0
"""The longest that one request may take."""
TRIES = 10
"""The most times that a request is made while the cluster turns it away since there are too many."""
PATIENCE = 45.0
"""Seconds after which a request that keeps failing is given up."""
FIRST_PATIENCE = 3.0
"""The same, until there was a connection for the first time: nobody may be there."""
_UNCONNECTED = (
    urllib3.exceptions.ConnectTimeoutError, urllib3.exceptions.NewConnectionError, urllib3.exceptions.ProxyError,
    urllib3.exceptions.SSLError,
)  # fmt: skip
_LATER = "See that it is up, then try again."
_LONGEST_PAUSE = 8.0
_CREDENTIALS_SECONDS = 30.0

_COMPRESSED = {"Accept-Encoding": "gzip"}
"""A list becomes a tenth as long; the API leaves short answers as they are."""

JSON = "application/json"
APPLY = "application/apply-patch+yaml"


class Client:
    """One cluster, as one user; safe to use from several threads. ``configure`` gives fresh credentials each time."""

    def __init__(
        self,
        configure: Callable[[], Configuration | PlainConfiguration],
        impersonate: Mapping[str, Any] | None = None,
    ) -> None:
        self._configure = configure
        self._impersonate = impersonate or {}
        self._guard = threading.Lock()
        self._generation = 0
        self._refused = False
        """Whether fresh credentials were not accepted either; then nothing more is asked, and nothing is deleted."""
        self._token_time = 0.0
        self._reached = False
        """Whether there was a connection yet."""
        self._open()

    def get(self, path: str, query: Mapping[str, str] | None = None, accept: str = JSON) -> Any:
        """The decoded answer to a GET."""
        return self.send("GET", path, query, accept=accept)

    def text(self, path: str, query: Mapping[str, str], *, most: int, seconds: float) -> bytes:
        """The answer as it is, but ``most`` bytes of it at most. Asked for once: raises what ``send`` does."""
        headers = {"Accept": "*/*", **_COMPRESSED}
        return self._tried("GET", f"{path}?{urlencode(query)}", headers, None, False, seconds, most)

    def send(  # noqa: PLR0913
        self,
        method: str,
        path: str,
        query: Mapping[str, str] | None = None,
        body: Any = None,
        *,
        content: str = JSON,
        accept: str = JSON,
        again: bool = True,
        seconds: float = SECONDS,
    ) -> Any:
        """The decoded answer, after ``seconds`` at most; ``again`` says that the request may safely be made twice.

        Raises ``NotAuthorisedError``, ``ApiError`` for what the API refused and ``TargetError`` for what did not come.
        """
        target = f"{path}?{urlencode(query)}" if query else path
        encoded = None if body is None else orjson.dumps(body)
        headers = {"Accept": accept, **_COMPRESSED, **({"Content-Type": content} if body is not None else {})}
        return self._decoded(self._tried(method, target, headers, encoded, again, seconds), method, path)

    def _tried(  # noqa: PLR0913, PLR0917
        self,
        method: str,
        target: str,
        headers: Mapping[str, str],
        body: bytes | None,
        again: bool,
        seconds: float,
        most: int = 0,
    ) -> bytes:
        """The body of an answer that is no failure."""
        started = time.monotonic()
        generation = self._generation
        for attempt in count(1):
            try:
                status, answered, content = self._once(method, target, headers, body, seconds, most)
            except urllib3.exceptions.HTTPError as error:
                self._reached = self._reached or not isinstance(error, _UNCONNECTED)
                if self._left(started, seconds) < 0 or not again:
                    raise self._unreachable(error) from error
                time.sleep(_pause(attempt))
                continue
            self._reached = True
            if status == 401:
                if self._reload(generation):
                    generation = self._generation
                    continue
                self._refused = True
            if status < 400:
                return content
            asked, left = _asked(answered), self._left(started, seconds)
            last = (status == 429 and attempt >= TRIES) or left < asked
            if last or not (is_passing(status, content) and (again or status == 429)):
                path = target.partition("?")[0]
                secret, repeated, wait = "/secrets" in path, attempt > 1, asked if left < asked else 0.0
                raise failure(
                    status, content, method, path, secret=secret, repeated=repeated, host=self._host, wait=wait
                )
            time.sleep(asked or _pause(attempt))
        raise AssertionError("the last try neither returned nor raised")

    def _left(self, started: float, seconds: float) -> float:
        """For how many seconds more the request is tried again; less than 0 where it is given up."""
        patience = PATIENCE if self._reached else min(FIRST_PATIENCE, PATIENCE)
        return started + min(patience, seconds) - time.monotonic()

    def _once(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes | None, seconds: float, most: int
    ) -> tuple[int, Mapping[str, str], bytes]:
        if self._refused:
            raise not_accepted(self._host, "any more")
        fence.require()
        sent = urllib3.HTTPHeaderDict({**headers, **self._authorisation()})
        if self._impersonate:
            sent.add("Impersonate-User", self._impersonate["user"])
            for group in self._impersonate.get("groups") or ():
                sent.add("Impersonate-Group", group)
        return deadline.request(self._pool, method, self._host + target, sent, body, seconds, most)

    def _open(self) -> None:
        self._configuration = self._configure()
        self._configuration.connection_pool_maxsize = KEPT
        self._host = self._configuration.host.rstrip("/")
        self._pool = deadline.watched(_pool_manager(self._configuration))
        self._token_time = 0.0

    def _reload(self, generation: int) -> bool:
        """Reads the credentials once more, be it by another thread; False where they are the new ones already."""
        with self._guard:
            if generation == self._generation == 0:
                self._open()
                self._generation = 1
                return True
            return generation != self._generation

    def _authorisation(self) -> Mapping[str, str]:
        """The Authorization header; tokens that expire are read anew from time to time."""
        with self._guard:
            if time.monotonic() - self._token_time > _CREDENTIALS_SECONDS or not self._token_time:
                settings: Any = self._configuration.auth_settings().values()
                self._headers = {one["key"]: str(one["value"]) for one in settings if one["in"] == "header"}
                self._token_time = time.monotonic()
            return self._headers

    def _unreachable(self, error: Exception) -> TargetError:
        cause = error.args[1] if isinstance(error, urllib3.exceptions.MaxRetryError) and len(error.args) > 1 else error
        words, help = _words(cause)
        kind = NoAnswerError if help == _LATER else TargetError
        return kind(f"the cluster at {self._host} cannot be reached: {words}", help=help)

    def _decoded(self, content: bytes, method: str, path: str) -> Any:
        try:
            return orjson.loads(content)
        except orjson.JSONDecodeError as error:
            raise TargetError(
                f"the answer to {method} {path} is not JSON, or was cut off",
                help="Run this again; else see that the kubeconfig's server is the API itself, and no proxy.",
            ) from error


def _pool_manager(configuration: Configuration | PlainConfiguration) -> urllib3.PoolManager:
    if isinstance(configuration, PlainConfiguration):
        return configuration.pool_manager()
    from kubernetes.client.rest import RESTClientObject

    return RESTClientObject(configuration).pool_manager


def _asked(headers: Mapping[str, str]) -> float:
    """The seconds that the API asks to wait; 0 where it says nothing."""
    asked = headers.get("Retry-After", "")
    return float(asked) if asked.isdecimal() else 0.0


def _pause(attempt: int) -> float:
    """Longer each time and never the same, so that those who were turned away together do not come back together."""
    return min(_LONGEST_PAUSE, 0.1 * 2.0**attempt) * SystemRandom().uniform(0.5, 1.0)


def _words(error: object) -> tuple[str, str]:
    """What went wrong with a connection, without addresses of objects in memory, and what to do."""
    found = urllib3.exceptions
    if isinstance(error, found.NameResolutionError):
        return "its name cannot be resolved", "Check the server's name in the kubeconfig, and the network or VPN."
    if isinstance(error, found.NewConnectionError):  # to urllib3 one of the timeouts below
        cause = error.__cause__
        return f"no connection: {(isinstance(cause, OSError) and cause.strerror) or 'refused'}", _LATER
    if isinstance(error, found.TimeoutError):
        return "no answer in time", _LATER
    if isinstance(error, found.SSLError):
        said = f"its certificate is not accepted or the connection is not secure ({error})"[:300]
        return said, "Check the server and its certificate authority in the kubeconfig."
    if isinstance(error, found.ProxyError):
        return "its proxy cannot be reached or does not let us through", "Check proxy-url, HTTPS_PROXY and NO_PROXY."
    return type(error).__name__, _LATER
