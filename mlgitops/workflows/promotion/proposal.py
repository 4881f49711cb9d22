"""From a change of some files to one pull request: the commit, the branch, and the text, made once and found again.

Nothing is ever forced: where the branch is there already, the new commit follows it, and the protected branch where
that has moved. Its files are always those of the protected branch with the change over them, so that what somebody else
put on our branch does not travel along.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlgitops.errors import ForgeError, MlgitopsError
from mlgitops.promotion.request import Request
from mlgitops.promotion.trailers import parse
from mlgitops.tools import git_history, git_objects
from mlgitops.workflows.promotion.base import Base

if TYPE_CHECKING:
    from mlgitops.forges import Forge, NewPullRequest, PullRequest

ATTEMPTS = 12
"""Times that a branch is tried to be moved which others move at the same time."""
_LONGEST_PAUSE = 2.0  # seconds


@dataclass(frozen=True)
class Draft:
    """What is to change: the request, and the new content of files by path from the project's root."""

    request: Request
    files: Mapping[str, bytes]


@dataclass(frozen=True)
class Proposal:
    """A draft with everything that is said about it: the commit's message, the pull request's title and body."""

    draft: Draft
    message: str
    title: str
    body: str
    labels: tuple[str, ...] = ()
    reviewers: tuple[str, ...] = ()

    @property
    def branch(self) -> str:
        """The branch that it waits on."""
        return self.draft.request.branch


@dataclass(frozen=True)
class Submitted:
    """The pull request, and what was done to it: ``opened``, ``updated``, or ``unchanged``."""

    pull_request: PullRequest
    done: str


def submit(base: Base, proposal: Proposal, forge: Forge, now: str) -> Submitted:
    """Makes the commit, the branch and the pull request, or finds them. Safe to be run again, and by many at once.

    ``now`` is the commit's time, RFC 3339. Raises ``ForgeError``, ``NotAuthorisedError``, ``TargetError``.
    """
    pushed = _push(base, proposal, now)
    found = forge.find(proposal.branch)
    if found is None:
        opened = forge.open(_new(base, proposal))
        return Submitted(_updated(forge, opened, proposal), "opened")
    pull = _updated(forge, found, proposal)
    return Submitted(pull, "unchanged" if pull is found and not pushed else "updated")


def _new(base: Base, proposal: Proposal) -> NewPullRequest:
    from mlgitops.forges import NewPullRequest

    return NewPullRequest(
        proposal.title, proposal.body, proposal.branch, base.branch, proposal.labels, proposal.reviewers
    )


def _updated(forge: Forge, found: PullRequest, proposal: Proposal) -> PullRequest:
    """The pull request once it says what it should; the same object where it does already."""
    same = found.title == proposal.title and _plain(found.body) == _plain(proposal.body)
    if same and set(proposal.labels) <= set(found.labels):
        return found
    return forge.update(found.number, proposal.title, proposal.body, proposal.labels, proposal.reviewers)


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").strip()


def _push(base: Base, proposal: Proposal, now: str) -> bool:
    """Brings the branch to a commit that holds the proposal; whether it had to be moved."""
    branch = base.remote(proposal.branch)
    files = {base.prefix + path: content for path, content in proposal.draft.files.items()}
    for attempt in range(ATTEMPTS):
        head = branch.head()
        if head and _is_current(base, head, files, proposal.message):
            return False
        author = git_objects.Author(proposal.message, now, _parents(base, head), signed=True)
        commit = git_objects.write_commit(base.git_dir, base.commit, files, author)
        if not commit:
            raise MlgitopsError(f"{proposal.title}: nothing would change on {base.branch}")
        if branch.advance(commit, head):
            return True
        time.sleep(_pause(attempt))
    raise ForgeError(f"{branch.name} moved {ATTEMPTS} times while it was to be moved", help="Run this again.")


def _parents(base: Base, head: str) -> tuple[str, ...]:
    """What the commit follows: the protected branch, and our own branch where that is not part of it."""
    if not head or git_history.is_ancestor(base.git_dir, head, base.commit):
        return (base.commit,)
    return (head,) if git_history.is_ancestor(base.git_dir, base.commit, head) else (head, base.commit)


def _is_current(base: Base, head: str, files: Mapping[str, bytes], message: str) -> bool:
    """Whether our branch says and holds this already, and waits to be merged."""
    if git_history.is_ancestor(base.git_dir, head, base.commit):
        return False
    try:
        there, wanted = parse(git_history.message_of(base.git_dir, head).text), parse(message)
    except ValueError:
        return False
    if there is None or wanted is None or there.claims != wanted.claims:
        return False
    entries = {path: git_objects.files(base.git_dir, head, path).get(path) for path in files}
    blobs = git_objects.blobs(base.git_dir, [entry.object for entry in entries.values() if entry])
    return all((entry := entries[path]) and blobs[entry.object] == content for path, content in files.items())


def _pause(attempt: int) -> float:
    """Seconds to wait, longer each time and never the same, so that those who collided do not do so again."""
    return min(_LONGEST_PAUSE, 0.05 * 2.0**attempt) * (0.5 + secrets.randbelow(1000) / 2000)
