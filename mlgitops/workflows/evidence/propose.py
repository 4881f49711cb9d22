"""Brings evidence into Git by a pull request: for a job in a cluster, which has nobody to commit what it measured.

One branch for a model and an environment, so that a job that runs every hour keeps one pull request up to date. Nothing
is ever forced: a new commit follows what is on the branch, and the protected branch where that has moved.
"""

from __future__ import annotations

import os

from mlgitops.errors import ForgeError
from mlgitops.promotion import evidence
from mlgitops.tools import git_history, git_objects
from mlgitops.tools.git_names import git_branch
from mlgitops.workflows.evidence.subject import Written
from mlgitops.workflows.promotion.base import Base
from mlgitops.workflows.promotion.proposal import Submitted, start

BODY = "What was measured where the release runs. Gates of the next environment read it (docs/gates.md)."


def propose(base: Base, environment: str, written: Written, now: str) -> Submitted | None:
    """The pull request that brings the evidence of a dry run, opened or brought up to date; None where Git has it.

    ``now`` is the commit's time, RFC 3339. Raises ``ForgeError``, where another run was faster, ``NotAuthorisedError``
    and ``TargetError``.
    """
    from mlgitops.forges import NewPullRequest

    if not written.changed:
        return None
    if base.content(written.path) is not None:
        base.refuse_links(written.path)
    forge = base.forge(os.environ)
    about = written.evidence
    branch = git_branch(f"evidence/{environment}/{about.model}")
    title = f"Evidence of {about.model} {about.version} in {environment}"
    moved = _pushed(base, branch, written, title, now)
    found = forge.find(branch)
    if found is None:
        return Submitted(forge.open(NewPullRequest(title, BODY, branch, base.branch)), "opened")
    if found.title != title:
        found = forge.update(found.number, title, BODY, (), ())
    return Submitted(found, "updated" if moved else "unchanged")


def _pushed(base: Base, name: str, written: Written, title: str, now: str) -> bool:
    """Brings the branch to a commit with the evidence; whether it had to be moved."""
    branch = base.remote(name)
    head = branch.head()
    path = base.prefix + written.path
    files: dict[str, bytes | None] = {path: evidence.text(_beside(base, head, path, written.evidence))}
    if head and _holds(base, head, files):
        return False
    author = git_objects.Author(f"{title}\n", now, (start(base, head, now),), signed=True)
    commit = git_objects.write_commit(base.git_dir, base.commit, files, author)
    if not branch.advance(commit, head):
        raise ForgeError(f"{name} moved while it was to be moved", help="Run this again.")
    return True


def _beside(base: Base, head: str, path: str, new: evidence.Evidence) -> evidence.Evidence:
    """The evidence with what waits on the branch, such as another target's; that of another release goes."""
    if not head or git_history.is_ancestor(base.git_dir, head, base.commit):
        return new
    found = git_objects.files(base.git_dir, head).get(path)
    if found is None:
        return new
    try:
        return evidence.beside(evidence.read(git_objects.blobs(base.git_dir, [found.object])[found.object]), new)
    except ValueError:
        return new


def _holds(base: Base, head: str, files: dict[str, bytes | None]) -> bool:
    """Whether the branch waits to be merged and has just these files over the protected branch's."""
    if git_history.is_ancestor(base.git_dir, head, base.commit):
        return False
    begin = git_history.merge_base(base.git_dir, head, base.commit)
    before, after = (git_objects.files(base.git_dir, commit) for commit in (begin, head))
    changed = {path for path in {*before, *after} if before.get(path) != after.get(path)}
    blobs = git_objects.blobs(base.git_dir, [after[path].object for path in files if path in after])
    return changed == files.keys() and all(blobs[after[path].object] == content for path, content in files.items())
