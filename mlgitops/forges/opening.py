"""From a Project's forge block to the adapter it means."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import urlsplit

from mlgitops.errors import ForgeError
from mlgitops.forges import Forge
from mlgitops.forges.checked import CheckedForge
from mlgitops.forges.client import Client
from mlgitops.forges.kinds import KINDS, Kind, address_of, repository_of
from mlgitops.forges.token import Token
from mlgitops.forges.wording import Wording

IDENTITIES = "https://vssps.dev.azure.com"
"""Where the cloud's Azure DevOps keeps users; a server of one's own keeps them itself."""


def open_configured(settings: Mapping[str, Any], environment: Mapping[str, str], root: Path) -> Forge:
    """The adapter for a forge block; see ``mlgitops.forges.open_forge``."""
    kind, branch = settings.get("kind", ""), settings.get("branch") or "main"
    if kind == "local":
        from mlgitops.forges.local import open_local

        return open_local(root, settings.get("url") or "", branch)
    url, repository, access = _where(kind, settings, environment)
    return CheckedForge(_OPENERS[kind](url, repository, branch, access), KINDS[kind].name)


def open_client(settings: Mapping[str, Any], environment: Mapping[str, str]) -> tuple[Client, str]:
    """The client of a forge with a server, and the repository. Raises ``ForgeError``; nothing is sent by opening."""
    kind = str(settings.get("kind", ""))
    url, repository, access = _where(kind, settings, environment)
    return _client(import_module(f"mlgitops.forges.{_MODULES[kind]}"), url, repository, access), repository


def _where(kind: str, settings: Mapping[str, Any], environment: Mapping[str, str]) -> tuple[str, str, Access]:
    if kind not in KINDS:
        raise ForgeError(
            f"forge.kind {kind!r} is not one of {', '.join([*KINDS, 'local'])}",
            help="Correct spec.forge.kind in mlgitops.yaml.",
        )
    try:
        repository = repository_of(kind, settings.get("repository") or "")
        url = address_of(kind, settings.get("url") or "")
    except ValueError as error:
        raise ForgeError(f"forge.{error}", help="Correct spec.forge in mlgitops.yaml.") from error
    names = (settings["tokenFrom"],) if settings.get("tokenFrom") else KINDS[kind].variables
    return url, repository, (KINDS[kind], names, environment)


Access = tuple[Kind, tuple[str, ...], Mapping[str, str]]


def _client(module: ModuleType, url: str, repository: str, access: Access, root: str = "") -> Client:
    kind, names, environment = access
    wording = Wording(kind.name, urlsplit(url).netloc, repository, module.SCOPES, " or ".join(names))
    return Client(root or module.api(url), wording, Token(names, url, environment), module.headers, environment)


def _github(url: str, repository: str, branch: str, access: Access) -> Forge:
    from mlgitops.forges import github

    return github.GitHub(_client(github, url, repository, access), repository, branch)


def _gitlab(url: str, repository: str, branch: str, access: Access) -> Forge:
    from mlgitops.forges import gitlab

    return gitlab.GitLab(_client(gitlab, url, repository, access), repository, branch)


def _gitea(url: str, repository: str, branch: str, access: Access) -> Forge:
    from mlgitops.forges import gitea

    return gitea.Gitea(_client(gitea, url, repository, access), repository, branch)


def _azure_devops(url: str, repository: str, branch: str, access: Access) -> Forge:
    from mlgitops.forges import azure_devops

    elsewhere = IDENTITIES if url == KINDS["azureDevOps"].url else url
    client = _client(azure_devops, url, repository, access)
    identities = _client(azure_devops, url, repository, access, elsewhere)
    return azure_devops.AzureDevOps(client, identities, repository, branch)


_OPENERS: Mapping[str, Callable[[str, str, str, Access], Forge]] = {
    "github": _github,
    "gitlab": _gitlab,
    "gitea": _gitea,
    "forgejo": _gitea,
    "azureDevOps": _azure_devops,
}
_MODULES: Mapping[str, str] = {
    "github": "github",
    "gitlab": "gitlab",
    "gitea": "gitea",
    "forgejo": "gitea",
    "azureDevOps": "azure_devops",
}
