"""JSON over HTTP to one forge: deadlines, bounded repeats, bounded pages, and a token that goes to one host only.

Every method says by ``what`` what it is for, in words that follow "could not", such as "read pull request 3".
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

import orjson
import urllib3

from mlgitops import __version__
from mlgitops.errors import ForgeError, MlgitopsError
from mlgitops.forges import retry
from mlgitops.forges.answer import Answer, RefusedError, refusal
from mlgitops.forges.pool import broken, open_pool
from mlgitops.forges.token import Token
from mlgitops.forges.wording import Wording

CONNECT_SECONDS = 10.0
ANSWER_SECONDS = 30.0
"""The longest for the head of an answer, and again for its body."""
BODY_BYTES = 16 << 20
PAGES = 50
PAGE_SIZE = 50
REDIRECTS = 3

_CHUNK = 1 << 16
_MOVED = frozenset({301, 302, 307, 308})
_NOTHING: Mapping[str, Any] = {}


@dataclass(frozen=True, slots=True)
class Request:
    """One request. ``repeatable``: sent twice, it does no more than sent once."""

    method: str
    url: str
    what: str
    body: bytes | None = None
    repeatable: bool = False


@dataclass(slots=True)
class Client:
    """Speaks to the API at ``root``. ``authorise`` makes the headers that carry the token."""

    root: str
    wording: Wording
    token: Token
    authorise: Callable[[str], Mapping[str, str]] = field(repr=False)
    environment: Mapping[str, str] = field(repr=False)
    _pool: urllib3.PoolManager | None = field(default=None, repr=False)

    def get(self, path: str, what: str, query: Mapping[str, Any] = _NOTHING) -> Any:
        """The JSON at a path below the root."""
        return self._data(self._exchange(Request("GET", self._url(path, query), what, repeatable=True)), what)

    def whole(self, path: str, what: str) -> tuple[Mapping[str, str], Any]:
        """The headers, by lower-case name, and the JSON at a path below the root."""
        answer = self._exchange(Request("GET", self._url(path, _NOTHING), what, repeatable=True))
        return answer.headers, self._data(answer, what)

    def pages(self, path: str, what: str, query: Mapping[str, Any] = _NOTHING, size: str = "per_page") -> Iterator[Any]:
        """The items of a list, page after page by its Link headers. ``size`` is the parameter for a page's size.

        Raises ``ForgeError`` where there are more than ``PAGES`` pages: a list read in part would be taken for whole.
        """
        for page in range(1, PAGES + 1):
            url = self._url(path, {**query, size: PAGE_SIZE, "page": page})
            answer = self._exchange(Request("GET", url, what, repeatable=True))
            yield from _listed(self._data(answer, what), what)
            if not answer.has_next_page:
                return
        raise ForgeError(
            f"could not {what}: there are more than {PAGES} pages of it",
            help="Close or remove what nobody needs there, then run this again.",
        )

    def send(self, method: str, path: str, what: str, body: Mapping[str, Any] | None, repeatable: bool = False) -> Any:
        """What the forge answers to a change, as JSON."""
        encoded = None if body is None else orjson.dumps(body)
        return self._data(self._exchange(Request(method, self._url(path, _NOTHING), what, encoded, repeatable)), what)

    def _url(self, path: str, query: Mapping[str, Any]) -> str:
        separator = "&" if "?" in path else "?"
        return f"{self.root}/{path}{separator if query else ''}{urlencode(query)}"

    def _data(self, answer: Answer, what: str) -> Any:
        try:
            return answer.data()
        except ForgeError as error:
            raise ForgeError(
                f"{self.wording.forge} gave no usable answer: could not {what}: {error.message}",
                help=f"Check that forge.url leads to {self.wording.forge} and not to a proxy or a sign-in page.",
            ) from error

    def _exchange(self, request: Request) -> Answer:
        """The answer to a request, followed to where it leads at the same host. Raises for what is no success."""
        answer = self._persist(request)
        for _ in range(REDIRECTS):
            if answer.status not in _MOVED:
                break
            request = self._moved(request, answer)
            answer = self._persist(request)
        if not 200 <= answer.status < 300 or answer.status == 203:
            raise self._refusal(answer, request.what)
        return answer

    def _persist(self, request: Request) -> Answer:
        """The answer to a request that is sent again for as long as that may help and is allowed."""
        deadline = time.monotonic() + retry.BUDGET_SECONDS
        for attempt in count(1):
            answer = self._attempt(request)
            seconds = retry.pause(answer, request.repeatable, attempt, time.time())
            if seconds is None or attempt == retry.ATTEMPTS:
                return answer
            if time.monotonic() + seconds > deadline:
                raise self._too_long(answer, request.what, seconds)
            time.sleep(seconds)
        raise AssertionError("the loop above has no end")

    def _attempt(self, request: Request) -> Answer:
        headers = {
            "Accept": "application/json",
            "User-Agent": f"mlgitops/{__version__}",
            **self.authorise(self.token.reveal(self.wording)),
        }
        if request.body is not None:
            headers["Content-Type"] = "application/json"
        self._pool = self._pool or open_pool(self.root, self.environment)
        try:
            response = self._pool.request(
                request.method,
                request.url,
                body=request.body,
                headers=headers,
                retries=False,
                redirect=False,
                preload_content=False,
                timeout=urllib3.Timeout(connect=CONNECT_SECONDS, read=ANSWER_SECONDS),
            )
            return self._read(response)
        except (urllib3.exceptions.HTTPError, OSError) as error:
            self._require_trust(error, request.what)
            return Answer(0, reason=broken(error))

    def _require_trust(self, error: Exception, what: str) -> None:
        """Raises ``ForgeError`` where a certificate is the matter, which no second try would change."""
        cause = error.args[0] if error.args else None
        if isinstance(cause, ssl.SSLCertVerificationError):
            raise ForgeError(
                f"{self.wording.forge} is not who it says: could not {what}: its certificate was not accepted "
                f"({cause.verify_message})",
                help=f"Set SSL_CERT_FILE to the certificates that vouch for {self.wording.host}.",
            ) from error

    def _read(self, response: urllib3.BaseHTTPResponse) -> Answer:
        deadline = time.monotonic() + ANSWER_SECONDS
        body = bytearray()
        try:
            while chunk := response.read1(_CHUNK):
                body += chunk
                if len(body) > BODY_BYTES:
                    return Answer(0, reason=f"the answer is longer than {BODY_BYTES} bytes")
                if time.monotonic() > deadline:
                    return Answer(0, reason=f"the answer was not whole after {ANSWER_SECONDS:g} s")
        except BaseException:
            response.close()
            raise
        response.release_conn()
        headers = {name.lower(): value for name, value in response.headers.items()}
        return Answer(response.status, headers, self.token.hide(bytes(body)))

    def _moved(self, request: Request, answer: Answer) -> Request:
        """The request to where a redirect leads. Raises ``ForgeError`` where it would carry the token elsewhere."""
        target = urljoin(request.url, answer.headers.get("location", ""))
        here, there = urlsplit(request.url), urlsplit(target)
        keeps_method = request.method == "GET" or answer.status in (307, 308)
        if (here.scheme, here.netloc) != (there.scheme, there.netloc) or not keeps_method:
            host = f"{there.scheme}://{there.netloc}"
            raise RefusedError(
                f"{self.wording.forge} redirects: could not {request.what}: it leads to {host}",
                answer.status,
                "",
                help="The token is sent to forge.url only; correct that, or forge.repository where it was renamed.",
            )
        return Request(request.method, target, request.what, request.body, request.repeatable)

    def _refusal(self, answer: Answer, what: str) -> MlgitopsError:
        if retry.is_rate_limit(answer):
            return RefusedError(
                f"{self.wording.forge} limits requests: could not {what} after {retry.ATTEMPTS} tries",
                answer.status,
                answer.words(),
                help="Run this again later.",
            )
        if answer.status == 203:  # how Azure DevOps shows its sign-in page to an unknown token
            answer = Answer(401, answer.headers)
        return refusal(answer, what, self.wording)

    def _too_long(self, answer: Answer, what: str, seconds: float) -> ForgeError:
        return RefusedError(
            f"{self.wording.forge} limits requests: could not {what}: it asks to wait {seconds:.0f} s",
            answer.status,
            answer.words(),
            help=f"Run this again in {seconds / 60:.0f} min; nothing is done twice.",
        )


def _listed(data: Any, what: str) -> list[Any]:
    if not isinstance(data, list):
        raise ForgeError(
            f"could not {what}: the answer is not a list", help="See that forge.kind is what answers at forge.url."
        )
    return data
