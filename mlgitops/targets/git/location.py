"""Which branch of which repository a Target's ``connection.git`` means."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlgitops.errors import TargetError
from mlgitops.tools.git_names import PLAIN_PATH, deploy_branch, git_branch, git_repository, is_url

ORIGIN = "origin"


@dataclass(frozen=True, slots=True)
class Location:
    """A folder of a branch.

    ``address`` is a URL or an absolute path; empty for the repository that holds the project, whose remote ``origin``
    is meant where ``push`` is set. ``folder`` is empty for the whole branch.
    """

    branch: str
    folder: str = ""
    address: str = ""
    push: bool = False


def locate(settings: Mapping[str, Any], root: Path, inventory_id: str) -> Location:
    """The location that a connection block means; a path in it belongs to ``root``.

    The block may come from a saved plan, so that everything is checked again. Raises ``TargetError``.
    """
    branch, folder = settings.get("branch") or default_branch(inventory_id), settings.get("path") or ""
    for text, what in ((branch, "branch"), (folder or "x", "path")):
        if not (isinstance(text, str) and re.fullmatch(PLAIN_PATH, text)):
            raise TargetError(
                f"connection.git.{what} {text!r} is not the name of a {what}",
                help="Use letters, digits, '-' and '_', and '/' or '.' between them, such as deploy/dev.",
            )
    try:
        git_branch(branch)
    except ValueError as error:
        raise TargetError(f"connection.git.branch {branch!r} {error}", help="Name another branch.") from error
    try:
        return Location(branch, folder, _address(settings, root), bool(settings.get("push")))
    except ValueError as error:
        raise TargetError(
            f"connection.git.repository {error}", help="Write https://HOST/PATH, USER@HOST:PATH or a path."
        ) from error


def default_branch(inventory_id: str) -> str:
    """The branch of a target that names none: ``deploy/<environment>/<target>``."""
    _, environment, target = inventory_id.split("/")
    return deploy_branch(environment, target)


def mirror(address: str) -> Path:
    """The bare repository in the user's cache through which another repository is read and written. Safe to delete."""
    home = os.environ.get("XDG_CACHE_HOME", "")
    cache = Path(home) if home.startswith("/") else Path.home() / ".cache"
    return cache / "mlgitops" / "git" / f"{hashlib.sha256(address.encode()).hexdigest()[:32]}.git"


def _address(settings: Mapping[str, Any], root: Path) -> str:
    repository = settings.get("repository") or ""
    if not repository or is_url(git_repository(repository)):
        return str(repository)
    return os.path.normpath(root.absolute() / repository)
