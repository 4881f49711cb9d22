"""What ``mlgitops gates`` does: shows what gates say of a model here, or tells the forge what verifying found."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlgitops.errors import MlgitopsError
from mlgitops.promotion.claims import Verification
from mlgitops.promotion.judgement import GateResult
from mlgitops.tools import git, git_history, git_refs
from mlgitops.workflows.project import Opened
from mlgitops.workflows.promotion import promote
from mlgitops.workflows.promotion.base import Base, open_base, prefix_of
from mlgitops.workflows.promotion.facts import judge_gates
from mlgitops.workflows.promotion.verify import base_at

if TYPE_CHECKING:
    from mlgitops.forges import Forge, PullRequest

CONTEXT = "mlgitops/gates"
"""The context of the commit status, for a branch's protection to require."""
MARKER = "gates"


@dataclass(frozen=True)
class Shown:
    """What the gates of an environment say of a model's release; ``version`` is empty where it is there already."""

    source: str
    target: str
    version: str
    gates: tuple[GateResult, ...] = ()


def show(opened: Opened, model: str, source: str, target: str, now: str) -> Shown:
    """What gates would say if the release were promoted, by the files that are here. Nothing is written or fetched.

    Raises ``GuardError`` where the target is on hold, ``MlgitopsError``, ``FindingsError`` and ``ToolError``.
    """
    base = base_here(opened)
    source, target = promote.way(base, source, target, model)
    draft = promote.draft(base, model, source, target)
    if draft is None:
        return Shown(source, target, "")
    return Shown(source, target, draft.request.new.version, judge_gates(base, draft, now))


def base_here(opened: Opened) -> Base:
    """The files that are here, and the history of what is checked out, as what a change starts from."""
    commit = opened.source.commit or git.commit_of(opened.root, "HEAD")
    return Base(opened, git_refs.common_directory(opened.root), prefix_of(opened.root), "", commit, {})


def post(opened: Opened, found: Verification, number: int | None) -> PullRequest:
    """Sets the commit status of the pull request's head, and writes or rewrites our comment.

    ``number`` is the pull request's; the one that waits on the claim's branch where it is None. Raises
    ``MlgitopsError`` where there is none, or it has moved on; ``ForgeError`` and ``NotAuthorisedError``.
    """
    from mlgitops.forges import CommitState
    from mlgitops.report.promotion import gates as report

    # The forge is the one that the base names: a pull request must not choose where a token is sent.
    base = open_base(base_at(opened, found.base).opened)
    forge = base.forge(os.environ)
    pull = _pull_request(forge, found, number)
    if not git_history.is_ancestor(base.git_dir, pull.head_commit, found.head):
        raise MlgitopsError(
            f"pull request {pull.number} is at {pull.head_commit[:12]}, which is not what was verified",
            help="Check its head out, and run this again.",
        )
    state = CommitState.SUCCESS if found.passes else CommitState.FAILURE
    if found.checked:
        forge.comment(pull.number, MARKER, report.comment(found))
    forge.status(pull.head_commit, CONTEXT, state, report.in_a_line(found), "")
    return pull


def _pull_request(forge: Forge, found: Verification, number: int | None) -> PullRequest:
    if number is not None:
        return forge.pull_request(number)
    branches = dict.fromkeys(one.branch for one in found.checked if one.branch)
    pulls = (forge.find(branch) for branch in branches)
    pull = next((one for one in pulls if one), None)
    if pull is None:
        raise MlgitopsError("no pull request is known to post to", help="Name it with --pull-request.")
    return pull
