"""The history of a model, and whether the protected branch changed only by promotions; both from Git alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from mlgitops.errors import MlgitopsError
from mlgitops.promotion.audit import Policy, Verdict, Violation, verify
from mlgitops.promotion.history import Event, events
from mlgitops.promotion.line import Line
from mlgitops.promotion.trail import Step
from mlgitops.promotion.trailers import PROMOTION_LINE
from mlgitops.tools import git, git_history, git_refs
from mlgitops.workflows.project import Opened, choose_environments
from mlgitops.workflows.promotion.base import names_forge, open_base, prefix_of
from mlgitops.workflows.promotion.trail import Branch, steps
from mlgitops.workflows.promotion.verify import verify as verify_claims

_ROOM = "environments"


def read_branch(opened: Opened, revision: str) -> Branch:
    """The branch to read: at a revision here, else the protected branch as it is at the forge.

    Where the project names no forge, what is checked out. Raises ``SourceError``, and what ``open_base`` raises.
    """
    if revision or not names_forge(opened):
        git_dir = git_refs.common_directory(opened.root)
        return Branch(git_dir, git.commit_of(opened.root, revision or "HEAD"), prefix_of(opened.root))
    base = open_base(opened)
    return Branch(base.git_dir, base.commit, base.prefix)


def model_history(opened: Opened, model: str, environments: tuple[str, ...], revision: str) -> list[Event]:
    """Every release of a model that came or went, oldest first. Raises ``MlgitopsError`` where there is none."""
    chosen = choose_environments(opened, environments) if environments else ()
    trail = steps(read_branch(opened, revision))
    found = events(trail, model, chosen)
    if not found:
        from mlgitops.spec.project_files import did_you_mean

        known = {change.model for step in trail for change in step.changes}
        meant = did_you_mean(model, known - {model})
        help = f"did you mean '{meant}'?" if meant else "Look at another branch by --revision."
        raise MlgitopsError(f"no release of a model '{model}' is in the history", help=help)
    return found


def audit(
    opened: Opened, policy: Policy, revision: str, since: str, signers: Path | None, *, replay: bool = False
) -> Verdict:
    """Judges every change of a release on the branch; those up to the revision ``since`` are taken as they are.

    ``replay`` also works out again what the promotions claimed: their plans, and what the gates said then.
    """
    branch = read_branch(opened, revision)
    trail = steps(branch, signatures=policy.signatures, signers=signers)
    line = Line(git_history.parents_of_all(branch.git_dir, branch.commit), branch.commit)
    taken = _up_to(line, opened.root, since) if since else frozenset()
    verdict = verify(trail, policy, taken)
    led_around = tuple(found for found in _rewritten(branch, line) if found.commit not in taken)
    verdict = replace(verdict, violations=(*led_around, *verdict.violations))
    if not replay:
        return verdict
    settled = {*taken, *(one.commit for one in verdict.violations)}
    again = (step for step in trail if step.commit not in settled and not step.is_first)
    found = [violation for step in again for violation in _replayed(opened, step, policy)]
    return replace(verdict, violations=(*verdict.violations, *found))


def _rewritten(branch: Branch, line: Line) -> Iterator[Violation]:
    """Commits of the line that bring what the branch was before, oldest first, as far as that can be told."""
    folder = f"{branch.prefix}environments"
    begun = line.begun_again(git_history.touching(branch.git_dir, branch.commit, folder)) if line.beginnings else {}
    promotions = git_history.saying(branch.git_dir, branch.commit, PROMOTION_LINE) if line.merges else frozenset()
    left_out = line.left_out(promotions)
    for commit in reversed(line.commits):
        if commit in begun:
            yield Violation(
                commit, _ROOM, "history", f"it brings another beginning of the history, {begun[commit][:12]}"
            )
        elif commit in left_out:
            merge, first = left_out[commit][:12], line.graph[commit][0][:12]
            reason = f"it brings {merge}, which merged a promotion into another line of commits than that of {first}"
            yield Violation(commit, _ROOM, "history", f"{reason}: the branch was led around what it was")


def _replayed(opened: Opened, step: Step, policy: Policy) -> Iterator[Violation]:
    """What a step's promotions claimed that is not what comes of working it out again."""
    head = f"{step.commit}^2" if step.merges else step.commit
    for one in verify_claims(opened, head, f"{step.commit}^1", step.time).checked:
        if not policy.environments or one.environment in policy.environments:
            yield from (Violation(step.commit, one.path, "spec.release", problem) for problem in one.problems)


def _up_to(line: Line, root: Path, since: str) -> frozenset[str]:
    start = git.commit_of(root, since)
    if start not in line.commits:
        raise MlgitopsError(
            f"{since} ({start[:12]}) is not one that the branch was at before it was at {line.head[:12]}",
            help="It is a commit of a pull request, or the branch was led around it: see git log --first-parent.",
        )
    commits = list(line.commits)
    return frozenset(commits[commits.index(start) :])
