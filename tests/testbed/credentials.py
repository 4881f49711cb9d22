"""Keys, tokens and kubeconfig files, made without any program or library."""

from __future__ import annotations

import base64
import csv
import json
import os
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

# RFC 5915 (ECPrivateKey) on the curve P-256, up to and after the 32 octets of the key. The public key is optional.
_KEY_START = bytes.fromhex("30310201010420")
_KEY_END = bytes.fromhex("a00a06082a8648ce3d030107")


@dataclass(frozen=True)
class Access:
    """How one API server is reached: its URL, the certificates to trust, and a bearer token."""

    server: str
    certificate_authority: Path
    token: str


def new_token() -> str:
    """A bearer token that nobody can guess."""
    return secrets.token_urlsafe(24)


def private_key() -> str:
    """A new P-256 private key, in PEM. Any number below the curve's order will do; a leading zero keeps it there."""
    return encoded_key(b"\0" + secrets.token_bytes(31))


def encoded_key(key: bytes) -> str:
    """A P-256 private key of 32 octets, in PEM."""
    encoded = base64.encodebytes(_KEY_START + key + _KEY_END).decode()
    return f"-----BEGIN EC PRIVATE KEY-----\n{encoded}-----END EC PRIVATE KEY-----\n"


def write_secret(path: Path, content: str) -> Path:
    """A file that only this user can read."""
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:  # noqa: PTH123
        file.write(content)
    return path


def write_tokens(path: Path, users: Mapping[str, tuple[str, Sequence[str]]]) -> Path:
    """A static token file: user names to their token and groups."""
    with open(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="utf-8", newline="") as file:  # noqa: PTH123
        rows = csv.writer(file)
        for user, (token, groups) in users.items():
            rows.writerow([token, user, user, ",".join(groups)])
    return path


def write_kubeconfig(path: Path, contexts: Mapping[str, Access]) -> Path:
    """A kubeconfig file with a context for each access; the first is the current one. It is JSON, which is YAML."""
    content = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": next(iter(contexts)),
        "clusters": [{"name": name, "cluster": _cluster(access)} for name, access in contexts.items()],
        "users": [{"name": name, "user": {"token": access.token}} for name, access in contexts.items()],
        "contexts": [{"name": name, "context": {"cluster": name, "user": name}} for name in contexts],
    }
    return write_secret(path, json.dumps(content, indent=2))


def _cluster(access: Access) -> dict[str, str]:
    # The certificates themselves, not their path, so that the file can be copied.
    certificates = base64.b64encode(access.certificate_authority.read_bytes()).decode()
    return {"server": access.server, "certificate-authority-data": certificates}
