"""Who is signed in. By default nobody can be, and then nothing can be brought about.

A proxy that is trusted names the user in a header; it has to take that header away from what comes from outside. Or a
file has users with salted, slow hashes of their passwords, a line each: ``NAME:scrypt$SALT$HASH`` in hexadecimal.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from mlgitops.errors import MlgitopsError

_COST, _BLOCK, _LANES = 2**14, 8, 1
_LONGEST_PASSWORD = 1024
_HELP = "Each line is NAME:scrypt$SALT$HASH, as mlgitops serve --hash-password prints it."


class SignIn(Protocol):
    """A way to sign in."""

    @property
    def challenge(self) -> str:
        """What a browser is answered in WWW-Authenticate where nobody is signed in; may be empty."""

    def user(self, headers: Mapping[str, str], peer: str) -> str:
        """Who asks, by the request's headers (in lower case) and the address that it comes from; empty for nobody."""


@dataclass(frozen=True)
class ByHeader:
    """The user that a proxy names. Only what comes from one of ``proxies`` (addresses) is believed."""

    header: str
    proxies: frozenset[str] = frozenset({"127.0.0.1", "::1"})
    challenge: str = ""

    def user(self, headers: Mapping[str, str], peer: str) -> str:
        """The name in the header."""
        return headers.get(self.header.lower(), "").strip() if peer in self.proxies else ""


@dataclass(frozen=True)
class ByPassword:
    """Users by name, each with salt and hash."""

    users: Mapping[str, tuple[bytes, bytes]] = field(repr=False)
    challenge: str = 'Basic realm="mlgitops", charset="UTF-8"'

    def user(self, headers: Mapping[str, str], peer: str) -> str:
        """The user whose password is right. It takes as long for a name that nobody has."""
        name, password = _basic(headers.get("authorization", ""))
        salt, expected = self.users.get(name, (b"nobody", b""))
        if not name or len(password) > _LONGEST_PASSWORD:
            return ""
        return name if hmac.compare_digest(_hash(password, salt), expected) else ""


def read_users(path: Path) -> ByPassword:
    """The users in a file. Raises ``MlgitopsError`` where it cannot be read, or a line is not as it should be."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise MlgitopsError(f"{path} cannot be read: {error}", help=_HELP) from error
    users = {}
    for number, line in enumerate(lines, 1):
        if line.strip() and not line.startswith("#"):
            name, salt, expected = _user(line, f"{path}:{number}")
            users[name] = (salt, expected)
    if not users:
        raise MlgitopsError(f"{path} has no users", help=_HELP)
    return ByPassword(users)


def hashed(name: str, password: str) -> str:
    """A line for the file."""
    salt = secrets.token_bytes(16)
    return f"{name}:scrypt${salt.hex()}${_hash(password, salt).hex()}"


class Tokens:
    """The token that a user's forms send back, so that no other site can send them; good while this process runs."""

    def __init__(self) -> None:
        self._secret = secrets.token_bytes(32)

    def of(self, user: str) -> str:
        """A user's token."""
        return hmac.new(self._secret, user.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()

    def fits(self, user: str, token: str) -> bool:
        """Whether it is that user's."""
        return hmac.compare_digest(self.of(user).encode(), token.encode("utf-8", "surrogatepass"))


def _user(line: str, place: str) -> tuple[str, bytes, bytes]:
    name, _, rest = line.strip().partition(":")
    parts = rest.split("$")
    try:
        if not name or len(parts) != 3 or parts[0] != "scrypt":
            raise ValueError
        return name, bytes.fromhex(parts[1]), bytes.fromhex(parts[2])
    except ValueError as error:
        raise MlgitopsError(f"{place} is no user with a hash of a password", help=_HELP) from error


def _hash(password: str, salt: bytes) -> bytes:
    return hashlib.scrypt(password.encode(), salt=salt, n=_COST, r=_BLOCK, p=_LANES)


def _basic(header: str) -> tuple[str, str]:
    kind, _, value = header.partition(" ")
    try:
        name, _, password = base64.b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return (name, password) if kind.lower() == "basic" else ("", "")
