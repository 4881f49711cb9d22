"""Names that Git is given: where a repository is, what a branch is called. Pure.

Git takes some of them for options (``-x``) or for programs to run (``ext::``), so that only what is known to be
harmless is let through.
"""

from __future__ import annotations

import re

PLAIN_PATH = r"^[A-Za-z0-9_][A-Za-z0-9_-]*([./][A-Za-z0-9_][A-Za-z0-9_-]*)*$"
"""A pattern of branches and folders: no ``..``, no part that starts with ``-`` or ``.``, nothing that Git reads more
into."""

_SCHEMES = ("https", "ssh", "file")
_LOGIN = re.compile(r"https?://[^/]*@|[a-z]+://[^/@]*:[^/@]*@")
_HOST = re.compile(r"([\w.-]+@)?[A-Za-z0-9][\w.-]*(:\d+)?")
_SECURE_COPY = re.compile(r"[\w.]+@[A-Za-z0-9][\w.-]*:[^:/-][^:]*")
_PATH = re.compile(r"(?!-)[^:\x00-\x1f\x7f]+")


def git_repository(text: str) -> str:
    """The text, if it is where a repository may be. Raises ``ValueError`` saying what is wrong, without any login."""
    if _LOGIN.match(text):
        raise ValueError("has a login in it; leave it out and give Git a credential helper or an SSH key")
    scheme, separator, rest = text.partition("://")
    if not separator:
        if not (_SECURE_COPY.fullmatch(text) or _PATH.fullmatch(text)):
            raise ValueError("is neither a URL, nor USER@HOST:PATH, nor a path")
        return text
    host, slash, path = rest.partition("/")
    if scheme not in _SCHEMES:
        raise ValueError(f"has none of the schemes {', '.join(_SCHEMES)}")
    if not (slash and path and path.isprintable() and " " not in path):
        raise ValueError("names no repository after the host")
    if not (host == "" if scheme == "file" else _HOST.fullmatch(host)):
        raise ValueError("does not name a host" if scheme != "file" else "names a host, which a file URL does not have")
    return text


def git_branch(text: str) -> str:
    """The text, if it may be a branch's name and is no name of Git's own. Raises ``ValueError``."""
    if text == "HEAD" or any(part.endswith(".lock") for part in text.split("/")):
        raise ValueError("is a name that Git keeps for itself")
    return text


def deploy_branch(environment: str, target: str) -> str:
    """The branch of a target that names none."""
    return f"deploy/{environment}/{target}"


def is_url(repository: str) -> bool:
    """Whether it is a URL or USER@HOST:PATH rather than a path."""
    return "://" in repository or _SECURE_COPY.fullmatch(repository) is not None


def as_url(repository: str) -> str:
    """A repository's URL; USER@HOST:PATH as the ssh URL that means the same."""
    if not _SECURE_COPY.fullmatch(repository):
        return repository
    host, _, path = repository.partition(":")
    return f"ssh://{host}/{path}"


def public_address(url: str) -> str:
    """A repository's URL without a login; the user of an ssh URL stays, since it is part of the address."""
    scheme, separator, rest = url.partition("://")
    host, slash, path = rest.partition("/")
    login, at, host = host.rpartition("@")
    user = login.partition(":")[0] if scheme == "ssh" else ""
    return f"{scheme}://{user}{at if user else ''}{host}{slash}{path}" if separator else url
