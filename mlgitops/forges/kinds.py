"""The kinds of forges that have a server: where each usually is, and how it names a repository. Knows no network."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

LOOPBACK = ("127.0.0.1", "localhost", "::1")

_PART = r"[A-Za-z0-9_.][A-Za-z0-9_. -]*"


@dataclass(frozen=True, slots=True)
class Kind:
    """What is particular to a kind of forge: its name, its usual address, its variables, a repository's form."""

    name: str
    url: str
    variables: tuple[str, ...]
    repository: re.Pattern[str]
    form: str


_TWO_PARTS = re.compile(f"{_PART}/{_PART}")
_PATH = re.compile(f"{_PART}(/{_PART})+")
_THREE_PARTS = re.compile(f"{_PART}/{_PART}/{_PART}")

KINDS: Mapping[str, Kind] = {
    "github": Kind("GitHub", "https://github.com", ("GITHUB_TOKEN", "GH_TOKEN"), _TWO_PARTS, "owner/name"),
    "gitlab": Kind("GitLab", "https://gitlab.com", ("GITLAB_TOKEN",), _PATH, "group/project"),
    "gitea": Kind("Gitea", "", ("GITEA_TOKEN",), _TWO_PARTS, "owner/name"),
    "forgejo": Kind("Forgejo", "", ("FORGEJO_TOKEN", "GITEA_TOKEN"), _TWO_PARTS, "owner/name"),
    "azureDevOps": Kind(
        "Azure DevOps",
        "https://dev.azure.com",
        ("AZURE_DEVOPS_EXT_PAT", "SYSTEM_ACCESSTOKEN"),
        _THREE_PARTS,
        "organisation/project/repository",
    ),
}


def repository_of(kind: str, repository: str) -> str:
    """The repository, if it is named as that kind of forge names one. Raises ``ValueError`` saying how."""
    wanted = KINDS[kind]
    if not wanted.repository.fullmatch(repository) or any(set(part) <= {".", " "} for part in repository.split("/")):
        raise ValueError(f"repository of {wanted.name} is written as {wanted.form}")
    return repository


def address_of(kind: str, url: str) -> str:
    """Where a forge is, its usual address if ``url`` is empty. Raises ``ValueError``, which never quotes a login."""
    address = (url or KINDS[kind].url).rstrip("/")
    if not address:
        raise ValueError(f"url is missing: {KINDS[kind].name} has no usual address; write https://HOST")
    parts = urlsplit(address)
    if parts.username is not None or parts.query or parts.fragment or not parts.hostname:
        raise ValueError("url is not a plain address; write https://HOST, without a login or a query")
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
        raise ValueError("url is not an https address; a token does not travel in the clear")
    return address
