"""What a vendor's continuous integration runs for a project: checks of pull requests, apply, drift, promotion."""

from __future__ import annotations

from mlgitops import __version__
from mlgitops.errors import MlgitopsError
from mlgitops.forges.kinds import KINDS
from mlgitops.scaffold.choices import Choices
from mlgitops.scaffold.templates import filled, tree


def pipelines(choices: Choices) -> dict[str, str]:
    """The files of every vendor chosen, by their path in the user's repository.

    Raises ``MlgitopsError`` where two vendors would write the same file.
    """
    found: dict[str, str] = {}
    for vendor in choices.vendors:
        for path, template in tree(f"ci/{vendor}").items():
            if path in found:
                raise MlgitopsError(f"two vendors write {path}", help="Run init with one --ci, then with another.")
            found[path] = filled(template, _values(choices))
    return found


def _values(choices: Choices) -> dict[str, str]:
    return {
        "name": choices.name,
        "first": choices.environments[0],
        "last": choices.environments[-1],
        "environments": " ".join(choices.environments),
        "version": __version__,
        "token": _token(choices.forge_kind),
    }


def _token(kind: str) -> str:
    """The variable that the forge's token is looked for in; a forge without a server wants none, by any name."""
    return KINDS[kind].variables[0] if kind in KINDS else "FORGE_TOKEN"
