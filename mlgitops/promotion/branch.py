"""What a change is called in Git: its kind, and the branch on which it waits. Pure.

The branch's name follows from the kind of the change, the environment and the model (or the group of models) alone, so
that every run about the same finds the same branch and the same pull request.
"""

from __future__ import annotations

import re
from enum import StrEnum

from mlgitops.tools.git_names import PLAIN_PATH, git_branch

GROUP = r"[A-Za-z0-9][-A-Za-z0-9_./]*=[A-Za-z0-9][-A-Za-z0-9_.]*"
"""A group of models as it is written: a label and the value that all of them have, ``team=fraud``."""


class Kind(StrEnum):
    """What a pull request of ours does with a model in an environment."""

    PROMOTE = "promote"
    ROLLBACK = "rollback"
    RELEASE = "release"
    RELEASE_HOLD = "release-hold"
    RETIRE = "retire"
    COMPLETE = "complete"
    RETRAIN = "retrain"

    @property
    def changes_release(self) -> bool:
        """Whether it puts another release into the environment."""
        return self in (Kind.PROMOTE, Kind.ROLLBACK, Kind.RELEASE)


def branch_of(kind: Kind, environment: str, model: str, group: str = "") -> str:
    """``promote/prod/fraud-detector``; that of the group where there is one.

    Raises ``ValueError`` for names that cannot be part of a branch's.
    """
    if group:
        return group_branch(kind, environment, group)
    name = f"{kind}/{environment}/{model}"
    if not re.fullmatch(PLAIN_PATH, name) or name.count("/") != 2:
        raise ValueError(f"{name!r} cannot be a branch")
    return git_branch(name)


def group_branch(kind: Kind, environment: str, group: str) -> str:
    """``promote-group/prod/team/fraud`` for the group ``team=fraud``. No model's branch can stand in its way.

    Raises ``ValueError`` for a group that cannot be part of a branch's name.
    """
    label, _, value = group.partition("=")
    name = f"{kind}-group/{environment}/{label}/{value}"
    if not re.fullmatch(GROUP, group) or not re.fullmatch(PLAIN_PATH, name):
        raise ValueError(f"{group!r} cannot be part of a branch's name")
    return git_branch(name)
