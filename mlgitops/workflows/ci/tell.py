"""Tells the pull request that a job looked at what it found: one comment, kept up to date, and a commit status."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlgitops.sources.commit import Commit
from mlgitops.workflows.ci.system import System
from mlgitops.workflows.project import Opened
from mlgitops.workflows.promotion.base import forge_block

if TYPE_CHECKING:
    from mlgitops.forges import Forge, PullRequest

CONTEXT = "mlgitops/check"
"""The context of the commit status, for a branch's protection to require."""
MARKER = "check"


@dataclass(frozen=True, slots=True)
class Told:
    """What is told: the comment as Markdown, the status in a line, and whether all is well."""

    text: str
    line: str
    passes: bool


def forge_of(opened: Opened, base: str) -> Mapping[str, Any] | None:
    """The forge as the branch has it that the pull request is to go into; None where that names none.

    It is not read from the pull request, which could otherwise have the token sent to a host of its own choice. Raises
    ``SourceError`` where that branch was not fetched.
    """
    return forge_block(Opened(opened.root, Commit(opened.root, base), opened.cache))


def tell(opened: Opened, settings: Mapping[str, Any], system: System, told: Told) -> PullRequest:
    """Sets the status of the commit that was looked at, and writes or rewrites the comment.

    Where the pull request has moved on since, the comment is left to the run for its newer commit. Raises
    ``ForgeError``, and ``NotAuthorisedError`` where the token may not, as for a pull request from a fork.
    """
    from mlgitops.forges import CommitState, open_forge

    assert system.pull_request is not None
    forge: Forge = open_forge(settings, os.environ, opened.root)
    pull = forge.pull_request(system.pull_request)
    commit = system.head or pull.head_commit
    if commit == pull.head_commit:
        forge.comment(pull.number, MARKER, told.text)
    state = CommitState.SUCCESS if told.passes else CommitState.FAILURE
    forge.status(commit, CONTEXT, state, told.line, system.url)
    return pull
