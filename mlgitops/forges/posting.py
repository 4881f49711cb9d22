"""Posts one message to an address that is itself a secret, and so never part of an error. Redirects are refused."""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Mapping
from urllib.parse import urlsplit

import urllib3

from mlgitops import __version__
from mlgitops.errors import ForgeError
from mlgitops.forges.kinds import LOOPBACK
from mlgitops.forges.pool import broken, open_pool

SECONDS = 10.0
"""The deadline of one message."""
TRIES = 3
PAUSE = 0.5
"""Seconds before the second try; each time twice as long."""
_ANSWER = 4096
_LATER = "It is tried again; see that the address in its file answers."
_PASSING = frozenset({408, 425, 429})


class LostError(ForgeError):
    """The message did not arrive, and may later."""


def post(url: str, body: bytes, environment: Mapping[str, str], *, identifier: str, key: bytes = b"") -> None:
    """Posts JSON. ``key`` signs it as GitHub signs its webhooks; ``identifier`` is the same each time it is sent.

    Raises ``LostError`` where it may arrive later, and ``ForgeError`` where it never will.
    """
    _refuse(url)
    headers = {
        "Content-Type": "application/json",
        "User-Agent": f"mlgitops/{__version__}",
        "Idempotency-Key": identifier,
    }
    if key:
        headers["X-Hub-Signature-256"] = f"sha256={hmac.new(key, body, hashlib.sha256).hexdigest()}"
    deadline = time.monotonic() + SECONDS
    for attempt in range(TRIES):
        try:
            _once(url, body, headers, environment, deadline - time.monotonic())
        except LostError:
            pause = PAUSE * 2**attempt
            if attempt + 1 == TRIES or time.monotonic() + pause >= deadline:
                raise
            time.sleep(pause)
        else:
            return


def _refuse(url: str) -> None:
    try:
        parts = urlsplit(url)
        secure = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)
        plain = bool(parts.hostname) and parts.username is None and url.isascii() and url.isprintable()
    except ValueError:
        secure = plain = False
    if not (secure and plain and " " not in url):
        raise ForgeError("the address is not https://HOST/…, without a login", help="Write it into its file anew.")


def _once(url: str, body: bytes, headers: Mapping[str, str], environment: Mapping[str, str], seconds: float) -> None:
    try:
        response = open_pool(url, environment).request(
            "POST", url, body=body, headers=dict(headers), retries=False, redirect=False, preload_content=False,
            timeout=urllib3.Timeout(total=max(0.1, seconds)),
        )  # fmt: skip
        try:
            response.read1(_ANSWER)
        finally:
            response.close()
    except (urllib3.exceptions.HTTPError, OSError) as error:
        raise LostError(f"the message did not arrive: {broken(error)}", help=_LATER) from None
    if response.status >= 500 or response.status in _PASSING:
        raise LostError(f"it was answered by {response.status}", help=_LATER)
    if response.status >= 300:
        elsewhere = ", which leads elsewhere" if response.status < 400 else ""
        raise ForgeError(f"it was answered by {response.status}{elsewhere}", help="Check the address in its file.")
