"""What a new project is to be like, and the rules that the answers have to keep."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, get_args

from mlgitops.errors import MlgitopsError
from mlgitops.forges.kinds import KINDS, address_of, repository_of
from mlgitops.spec.fields import Cloud

ForgeName = Literal["local", "github", "gitlab", "gitea", "forgejo", "azure-devops"]
Connection = Literal["directory", "kubernetes", "git"]
Vendor = Literal["github", "gitlab", "azure", "jenkins"]

CLOUDS: tuple[str, ...] = get_args(Cloud)
FORGES: tuple[str, ...] = get_args(ForgeName)
CONNECTIONS: tuple[str, ...] = get_args(Connection)
VENDORS: tuple[str, ...] = get_args(Vendor)

LONGEST_NAME = 52
"""Characters of a name; see ``mlgitops.spec.fields.Name``."""

_NAME = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?")
_NOT_TEXT = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})
"""What readers of YAML take for something else than text."""
LONGEST_HOST = 52
"""Characters of model and namespace together, which KServe puts into one part of a host's name."""
_LONGEST_ENVIRONMENT = 20
_LONGEST_MODEL = 30


@dataclass(frozen=True, slots=True)
class Choices:
    """A new project: ``environments`` in the order in which a release travels, a target for each cloud in each.

    ``repository`` is as the kind of forge names one, and empty for a local forge; ``forge_url`` is empty where the
    forge has a usual address. ``vendors`` run the checks of pull requests.
    """

    name: str
    clouds: tuple[str, ...] = ("onprem",)
    environments: tuple[str, ...] = ("dev", "prod")
    forge: ForgeName = "local"
    repository: str = ""
    forge_url: str = ""
    connection: Connection = "directory"
    model: str = "iris"
    vendors: tuple[str, ...] = ()

    @property
    def forge_kind(self) -> str:
        """The forge as mlgitops.yaml writes it."""
        return "azureDevOps" if self.forge == "azure-devops" else self.forge


def usable_name(text: str) -> str:
    """The nearest name to any text, such as a folder's: ``Fraud Models`` gives ``fraud-models``; else ``models``."""
    words = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")
    return re.sub(r"^[^a-z]+", "", words)[:LONGEST_NAME].strip("-") or "models"


def require(choices: Choices) -> None:
    """Raises ``MlgitopsError`` for a name that no project could have, an answer given twice, or an incomplete forge."""
    for what, names, longest in (
        ("name", [choices.name], LONGEST_NAME),
        ("model", [choices.model], _LONGEST_MODEL),
        ("environment", choices.environments, _LONGEST_ENVIRONMENT),
    ):
        for name in names:
            _require_name(what, name, longest)
    for option, given in (("--environment", choices.environments), ("--cloud", choices.clouds)):
        _require_once(option, given)
    if choices.vendors:
        _require_once("--ci", choices.vendors)
    _require_forge(choices)


def _require_name(what: str, name: str, longest: int) -> None:
    if name in _NOT_TEXT:
        raise MlgitopsError(f"--{what} {name} is a word that YAML reads as a truth value or as nothing",
                            help="Choose another name.")  # fmt: skip
    if not _NAME.fullmatch(name) or len(name) > longest:
        raise MlgitopsError(
            f"--{what} {name!r} is not a name",
            help=f"Use lower-case letters, digits and '-', beginning with a letter, at most {longest} characters, such "
            f"as {usable_name(name)[:longest].strip('-')}.",
        )


def _require_once(option: str, given: Iterable[str]) -> None:
    seen = list(given)
    twice = [one for one in dict.fromkeys(seen) if seen.count(one) > 1]
    if twice:
        raise MlgitopsError(f"{option} {twice[0]} is given twice", help="Give it once.")
    if not seen:
        raise MlgitopsError(f"no {option} is given", help=f"Give at least one {option}.")


def _require_forge(choices: Choices) -> None:
    if choices.forge == "local":
        if choices.repository:
            raise MlgitopsError(
                "--repository is not for a local forge", help="Leave it out, or choose another --forge."
            )
        return
    kind = choices.forge_kind
    try:
        repository_of(kind, choices.repository)
    except ValueError as error:
        raise MlgitopsError(f"--repository: {error}", help=f"Give --repository {KINDS[kind].form}.") from error
    try:
        address_of(kind, choices.forge_url)
    except ValueError as error:
        raise MlgitopsError(f"--forge-url: {error}", help="Give --forge-url https://HOST.") from error
