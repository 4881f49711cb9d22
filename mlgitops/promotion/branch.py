"""What a change is called in Git: its kind, and the branch on which it waits. Pure.

The branch's name follows from the kind of the change, the environment and the model alone, so that every run about the
same model finds the same branch and the same pull request.
"""

from __future__ import annotations

import re
from enum import StrEnum

from mlgitops.tools.git_names import PLAIN_PATH, git_branch


class Kind(StrEnum):
    """What a pull request of ours does with a model in an environment."""

    PROMOTE = "promote"
    ROLLBACK = "rollback"
    RELEASE = "release"
    RELEASE_HOLD = "release-hold"
    RETIRE = "retire"

    @property
    def changes_release(self) -> bool:
        """Whether it puts another release into the environment."""
        return self in (Kind.PROMOTE, Kind.ROLLBACK, Kind.RELEASE)


def branch_of(kind: Kind, environment: str, model: str) -> str:
    """``promote/prod/fraud-detector``. Raises ``ValueError`` for names that cannot be part of a branch's."""
    name = f"{kind}/{environment}/{model}"
    if not re.fullmatch(PLAIN_PATH, name) or name.count("/") != 2:
        raise ValueError(f"{name!r} cannot be a branch")
    return git_branch(name)
