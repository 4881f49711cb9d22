"""From a change of some files to one pull request: the commits, the branch, and the text, made once and found again.

Each model has a commit of its own. Nothing is ever forced: where the branch is there already, the new commits follow
it, and the protected branch where that has moved. Its files are always those of the protected branch with the changes
over them, so that what somebody else put on our branch, and a model that dropped out, do not travel along.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from random import SystemRandom
from typing import TYPE_CHECKING

from mlgitops.errors import ForgeError, MlgitopsError
from mlgitops.promotion.request import Request
from mlgitops.promotion.trailers import parse
from mlgitops.targets.git.branch import ATTEMPTS, pause
from mlgitops.tools import git_history, git_objects
from mlgitops.workflows.promotion.base import Base

if TYPE_CHECKING:
    from mlgitops.forges import Forge, NewPullRequest, PullRequest

OPENING_LOOKS = 40
"""How often another run looks for the pull request before it opens one. At most twice that.

Counted in looks and not in seconds: where machine or forge are slow, looking takes as long as opening does.
"""
POLL_SECONDS = 0.5
LONGEST_RUN_SECONDS = 300.0
"""From the beginning of a run to its pull request. An older branch without one was left by a run that was killed."""


@dataclass(frozen=True)
class Draft:
    """What is to change: the request, and the new content of files by path from the project's root."""

    request: Request
    files: Mapping[str, bytes]


@dataclass(frozen=True)
class Part:
    """A draft, and the message of its commit."""

    draft: Draft
    message: str


@dataclass(frozen=True)
class Proposal:
    """Parts that are merged together (at least one, in the order of their commits), and what is said about them."""

    parts: tuple[Part, ...]
    title: str
    body: str
    labels: tuple[str, ...] = ()
    reviewers: tuple[str, ...] = ()

    @property
    def branch(self) -> str:
        """The branch that it waits on."""
        return self.parts[0].draft.request.branch


@dataclass(frozen=True)
class Submitted:
    """The pull request, and what was done to it: ``opened``, ``updated``, or ``unchanged``."""

    pull_request: PullRequest
    done: str


def submit(base: Base, proposal: Proposal, forge: Forge, now: str, waits: Callable[[], None]) -> Submitted:
    """Makes the commits, the branch and the pull request, or finds them. Safe to be run again, and by many at once.

    ``now`` is the commits' time, RFC 3339; ``waits`` is called where another run is given time.

    Raises ``ForgeError``, ``NotAuthorisedError``, ``TargetError``.
    """
    pushed = _push(base, proposal, now)
    found = forge.find(proposal.branch) if pushed else _awaited(base, proposal, forge, now, waits)
    if found is None:
        opened = forge.open(_new(base, proposal))
        return Submitted(_updated(forge, opened, proposal), "opened")
    pull = _updated(forge, found, proposal)
    return Submitted(pull, "unchanged" if pull is found and not pushed else "updated")


def _awaited(base: Base, proposal: Proposal, forge: Forge, now: str, waits: Callable[[], None]) -> PullRequest | None:
    """The pull request of a branch that is as it should be; None where nobody opens one.

    Some forges open two for one branch where two runs ask at the same moment; the adapter withdraws the newer one then.
    So the run that moved the branch opens it, and the others give it time to, each another time: where it was killed,
    one of them is the first.
    """
    found = forge.find(proposal.branch)
    if found is not None:
        return found
    looks = _patience(base, proposal, now)
    if looks:
        waits()
    for _ in range(looks):
        time.sleep(POLL_SECONDS)
        found = forge.find(proposal.branch)
        if found is not None:
            return found
    return None


def _patience(base: Base, proposal: Proposal, now: str) -> int:
    """How often to look for what the run that moved the branch opens; never where it began long ago, or is gone."""
    head = base.remote(proposal.branch).head()
    if not head:
        return 0
    began = datetime.fromisoformat(git_history.message_of(base.git_dir, head).time)
    if (datetime.fromisoformat(now) - began).total_seconds() > LONGEST_RUN_SECONDS:
        return 0
    # So that those who wait do not open at once.
    return SystemRandom().randint(OPENING_LOOKS, 2 * OPENING_LOOKS)


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
    for attempt in range(ATTEMPTS):
        head = branch.head()
        if head and _is_current(base, head, proposal.parts):
            return False
        if branch.advance(_written(base, proposal, head, now), head):
            return True
        time.sleep(pause(attempt))
    raise ForgeError(f"{branch.name} moved {ATTEMPTS} times while it was to be moved", help="Run this again.")


def _written(base: Base, proposal: Proposal, head: str, now: str) -> str:
    """The last of the new commits, one a part; each holds the files of those before it, too."""
    files: dict[str, bytes] = {}
    commit = start(base, head, now)
    for part in proposal.parts:
        files |= _files(base, part)
        author = git_objects.Author(part.message, now, (commit,), signed=True)
        commit = git_objects.write_commit(base.git_dir, base.commit, files, author)
        if not commit:
            raise MlgitopsError(
                f"{proposal.title}: nothing would change on {base.branch}", help="It is as asked for already."
            )
    return commit


def _files(base: Base, part: Part) -> dict[str, bytes]:
    return {base.prefix + path: content for path, content in part.draft.files.items()}


def start(base: Base, head: str, now: str) -> str:
    """What the commits follow: the protected branch, or our own branch once it has caught up with that.

    A merge of both has the protected branch's files and nothing of ours: where a pull request is rebased, Git leaves
    out merges with all that is in them, and would bring in what is older than what was reviewed.
    """
    if not head or git_history.is_ancestor(base.git_dir, head, base.commit):
        return base.commit
    if git_history.is_ancestor(base.git_dir, base.commit, head):
        return head
    author = git_objects.Author(f"Catch up with {base.branch}\n", now, (head, base.commit), signed=True)
    return git_objects.commit_tree(base.git_dir, f"{base.commit}^{{tree}}", author)


def _is_current(base: Base, head: str, parts: Sequence[Part]) -> bool:
    """Whether our branch says and holds these parts already, nothing else, and waits to be merged."""
    if git_history.is_ancestor(base.git_dir, head, base.commit):
        return False
    if not _says(base, head, parts):
        return False
    files = {path: content for part in parts for path, content in _files(base, part).items()}
    start = git_history.merge_base(base.git_dir, head, base.commit)
    before, after = (git_objects.files(base.git_dir, commit) for commit in (start, head))
    changed = {path for path in {*before, *after} if before.get(path) != after.get(path)}
    blobs = git_objects.blobs(base.git_dir, [after[path].object for path in files if path in after])
    return changed <= files.keys() <= after.keys() and all(
        blobs[after[path].object] == content for path, content in files.items()
    )


def _says(base: Base, head: str, parts: Sequence[Part]) -> bool:
    """Whether the last commits up to ``head`` make the parts' claims, in their order."""
    commit = head
    for part in reversed(parts):
        there = git_history.message_of(base.git_dir, commit) if commit else None
        if there is None or not _same_claims(there.text, part.message):
            return False
        commit = there.parents[0] if there.parents else ""
    return True


def _same_claims(there: str, wanted: str) -> bool:
    try:
        found, meant = parse(there), parse(wanted)
    except ValueError:
        return False
    return found is not None and meant is not None and found.claims == meant.claims
