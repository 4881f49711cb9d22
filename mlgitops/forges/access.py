"""What a token may do at its forge, asked without changing anything: for ``doctor``.

Each forge tells less or more of it. What it does not tell is said to be unknown, never taken for granted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

from mlgitops.errors import ForgeError, NotAuthorisedError
from mlgitops.forges.answer import RefusedError
from mlgitops.forges.client import Client
from mlgitops.forges.opening import open_client

DEVELOPER = 30
"""GitLab's access level of the role Developer (docs.gitlab.com, Members API)."""
_WHAT = "see what the token may do"


@dataclass(frozen=True, slots=True)
class Access:
    """What is ``missing`` for promotions, and what the forge does not tell (``untold``), each in words.

    ``needed`` are all rights that promotions need there, as the forge names them in a token's settings.
    """

    missing: tuple[str, ...] = ()
    untold: tuple[str, ...] = ()
    needed: str = ""


def access(settings: Mapping[str, Any], environment: Mapping[str, str]) -> Access:
    """What the token of a forge with a server may do. Raises ``ForgeError`` and ``NotAuthorisedError``.

    ``settings`` is the Project's forge block, ``environment`` where its token is looked for.
    """
    client, repository = open_client(settings, environment)
    try:
        return replace(_ASKED[settings["kind"]](client, repository), needed=client.wording.scopes)
    except (AttributeError, KeyError, TypeError) as error:
        raise ForgeError(
            f"could not {_WHAT}: the answer is not as the forge documents it",
            help="See that forge.kind is what answers at forge.url.",
        ) from error


def _github(client: Client, repository: str) -> Access:
    """The role in the repository; of a classic token its scopes, of others GitHub tells nobody."""
    headers, data = client.whole(f"repos/{repository}", _WHAT)
    missing = [] if data["permissions"]["push"] else ["the right to push to the repository"]
    if "x-oauth-scopes" not in headers:
        return Access(tuple(missing), ("the permissions of a fine-grained token or an app",))
    scopes = {scope.strip() for scope in headers["x-oauth-scopes"].split(",")}
    enough = "repo" in scopes or ("public_repo" in scopes and not data.get("private"))
    return Access((*missing, *([] if enough else ["the scope repo"])))


def _gitlab(client: Client, repository: str) -> Access:
    """The role in the project, and the scopes of a personal, group or project token."""
    data = client.get(f"projects/{quote(repository, safe='')}", _WHAT)
    levels = [entry["access_level"] for entry in data["permissions"].values() if entry]
    missing = [] if max(levels, default=0) >= DEVELOPER else ["the role Developer"]
    try:
        scopes = client.get("personal_access_tokens/self", _WHAT)["scopes"]
    except (RefusedError, NotAuthorisedError):
        return Access(tuple(missing), ("the token's scopes",))
    return Access((*missing, *([] if "api" in scopes else ["the scope api"])))


def _gitea(client: Client, repository: str) -> Access:
    """The right to push, and the scopes: each refuses a request that, being empty, could do nothing anyway."""
    data = client.get(f"repos/{repository}", _WHAT)
    missing = [] if data["permissions"]["push"] else ["the right to push to the repository"]
    asked = {
        "the scope read:user": lambda: client.get("user", _WHAT),
        "the scope write:issue": lambda: client.send("POST", f"repos/{repository}/issues", _WHAT, {}),
        "the scope write:repository": lambda: client.send("POST", f"repos/{repository}/pulls", _WHAT, {}),
    }
    return Access((*missing, *(scope for scope, ask in asked.items() if _is_refused(ask))))


def _azure_devops(client: Client, repository: str) -> Access:
    """Only that the repository can be read: Azure DevOps tells nobody the scopes of a token."""
    organisation, project, name = repository.split("/")
    path = f"{quote(organisation)}/{quote(project)}/_apis/git/repositories/{quote(name)}"
    client.get(path, _WHAT, {"api-version": "7.1"})
    return Access(untold=("the token's scopes",))


def _is_refused(ask: Callable[[], object]) -> bool:
    """Whether the token is what stops it; a refusal of an empty request is none of the token."""
    try:
        ask()
    except NotAuthorisedError:
        return True
    except RefusedError:
        return False
    return False


_ASKED: Mapping[str, Callable[[Client, str], Access]] = {
    "github": _github,
    "gitlab": _gitlab,
    "gitea": _gitea,
    "forgejo": _gitea,
    "azureDevOps": _azure_devops,
}
