"""Webhooks of forges: who sent one is judged over the raw body, before anything of it is looked at. Pure.

A delivery says only that it is time to fetch. What it says besides is never read, so that nothing in it can matter.

    GitHub            X-Hub-Signature-256: sha256=HEX      HMAC-SHA256 of the body
    Gitea, Forgejo    X-Gitea-Signature: HEX               the same
    GitLab            webhook-signature: v1,BASE64         HMAC-SHA256 of webhook-id.webhook-timestamp.body
    GitLab            X-Gitlab-Token: SECRET               the secret itself, where no signing token is set

GitLab's form is that of Standard Webhooks; the key is what stands in base64 after ``whsec_``, or else the secret.
Only that form signs a time. The others can be replayed with another id, so that what was signed is remembered too.
"""

from __future__ import annotations

import binascii
import hashlib
import hmac
from base64 import b64decode
from collections.abc import Mapping, Sequence
from enum import StrEnum

MAX_BODY = 2**20
"""The largest body that is read, in bytes: 1 MiB. Where a push is larger, the next poll sees it."""
MAX_AGE = 300.0
"""How old a signed time may be, or ahead of the clock here, in seconds."""
MEMORY = 86400.0
"""How long deliveries are remembered, in seconds: a day."""
MAX_REMEMBERED = 10_000
"""How many deliveries are remembered; beyond it the oldest are forgotten."""
SHORTEST_SECRET = 16
"""Characters of a secret, at least."""

_IDS = ("x-github-delivery", "x-gitea-delivery", "x-gitlab-event-uuid", "idempotency-key", "webhook-id")
_LONGEST_HEADER = 1024


class Verdict(StrEnum):
    """What became of a delivery."""

    ACCEPTED = "accepted"
    REPEATED = "repeated"
    UNSIGNED = "unsigned"
    TOO_LARGE = "too-large"
    MALFORMED = "malformed"


class Deliveries:
    """The deliveries that were accepted in the last day, by their ids and by what was signed."""

    def __init__(self) -> None:
        self._seen: dict[str, float] = {}

    def judge(self, headers: Mapping[str, str], body: bytes, secrets: Sequence[bytes], now: float) -> Verdict:
        """Whether it is genuine and new. ``headers`` are by names in small letters; ``now`` is since the epoch."""
        if not is_genuine(headers, body, secrets):
            return Verdict.UNSIGNED
        if _is_old(headers, now) or self._has_seen(_names(headers, body), now):
            return Verdict.REPEATED
        return Verdict.ACCEPTED

    def forget(self, headers: Mapping[str, str], body: bytes) -> None:
        """Nothing came of a delivery, so that the same one may come again."""
        for name in _names(headers, body):
            self._seen.pop(name, None)

    def _has_seen(self, names: Sequence[str], now: float) -> bool:
        """Whether any of the names is known; from now on all are."""
        while self._seen:
            oldest = next(iter(self._seen))
            if len(self._seen) <= MAX_REMEMBERED and now - self._seen[oldest] < MEMORY:
                break
            del self._seen[oldest]
        known = any(name in self._seen for name in names)
        for name in names:
            self._seen.setdefault(name, now)
        return known


def secrets_in(content: bytes) -> list[bytes]:
    """The secrets in a file, one a line, so that a new one can be added before the old one goes.

    Raises ``ValueError`` for none, and for one that could be guessed.
    """
    found = [line.strip() for line in content.splitlines() if line.strip()]
    if not found:
        raise ValueError("holds no secret")
    if any(len(secret) < SHORTEST_SECRET for secret in found):
        raise ValueError(f"holds a secret of fewer than {SHORTEST_SECRET} characters")
    return found


def is_genuine(headers: Mapping[str, str], body: bytes, secrets: Sequence[bytes]) -> bool:
    """Whether whoever sent it knows one of the secrets; in a time that tells nothing about them.

    The first of the headers that is there decides, in the order of the strongest first.
    """
    if "webhook-signature" in headers:
        return _any([_standard(headers, body, secret) for secret in secrets], headers["webhook-signature"].split(" "))
    for name, prefix in (("x-hub-signature-256", "sha256="), ("x-gitea-signature", "")):
        if name in headers:
            return _any([prefix + hmac.new(secret, body, "sha256").hexdigest() for secret in secrets], [headers[name]])
    if "x-gitlab-token" in headers:
        given = hashlib.sha256(headers["x-gitlab-token"].encode("latin-1", "replace")).hexdigest()
        return _any([hashlib.sha256(secret).hexdigest() for secret in secrets], [given])
    return False


def _standard(headers: Mapping[str, str], body: bytes, secret: bytes) -> str:
    signed = f"{headers.get('webhook-id', '')}.{headers.get('webhook-timestamp', '')}.".encode("latin-1", "replace")
    digest = hmac.new(_key(secret), signed + body, "sha256").digest()
    return f"v1,{binascii.b2a_base64(digest, newline=False).decode()}"


def _key(secret: bytes) -> bytes:
    if not secret.startswith(b"whsec_"):
        return secret
    try:
        return b64decode(secret.removeprefix(b"whsec_"), validate=True)
    except binascii.Error:
        return secret


def _any(expected: Sequence[str], given: Sequence[str]) -> bool:
    """Whether any is one of the others; every pair is compared."""
    offered = [one.encode("latin-1", "replace") for one in given[:10]]
    matches = [hmac.compare_digest(wanted.encode(), one) for wanted in expected for one in offered]
    return any(matches)


def _is_old(headers: Mapping[str, str], now: float) -> bool:
    """Whether the signed time, where there is one, is too far from now."""
    if "webhook-signature" not in headers:
        return False
    stamp = headers.get("webhook-timestamp", "")
    return not (stamp.isascii() and stamp.isdigit() and len(stamp) < 16 and abs(now - int(stamp)) <= MAX_AGE)


def _names(headers: Mapping[str, str], body: bytes) -> list[str]:
    ids = [f"{name} {headers[name][:_LONGEST_HEADER]}" for name in _IDS if headers.get(name)]
    return [*ids, hashlib.sha256(body).hexdigest()]
