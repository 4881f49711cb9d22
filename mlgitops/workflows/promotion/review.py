"""Reviews where there is no server: the pull requests of a bare repository, read, approved of and merged by hand."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from mlgitops.errors import MlgitopsError
from mlgitops.forges.local import LocalForge
from mlgitops.workflows.promotion.base import open_base
from mlgitops.workflows.promotion.rollback import whoever

if TYPE_CHECKING:
    from mlgitops.forges import PullRequest
    from mlgitops.workflows.project import Opened


def open_local_forge(opened: Opened) -> tuple[LocalForge, str]:
    """The project's forge, and who is here (``NAME <MAIL>``). Raises ``MlgitopsError`` where the forge has a server."""
    base = open_base(opened)
    forge = base.forge(os.environ)
    if not isinstance(forge, LocalForge):
        raise MlgitopsError(
            f"the forge has a server ({base.settings['kind']}), where reviews are given",
            help="Review and merge the pull request there.",
        )
    return forge, whoever(base)


def approve(opened: Opened, number: int) -> PullRequest:
    """Whoever is here approves of a pull request as it is now. Raises ``ForgeError`` where it is their own."""
    forge, who = open_local_forge(opened)
    return forge.approve(number, who)


def merge(opened: Opened, number: int) -> PullRequest:
    """Merges a pull request as it is now by a merge commit that names it and who approved.

    Raises ``ForgeError`` where it conflicts, or a status says no.
    """
    forge, _ = open_local_forge(opened)
    return forge.merge(number, forge.pull_request(number).head_commit)
