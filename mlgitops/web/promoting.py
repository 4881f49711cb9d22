"""What a form may bring about: the pull request that the verb ``promote`` opens, with who asked for it in its text."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from mlgitops.errors import GuardError, MlgitopsError
from mlgitops.page.model import Subject
from mlgitops.workflows.project import Opened
from mlgitops.workflows.promotion import promote
from mlgitops.workflows.promotion.base import open_base
from mlgitops.workflows.promotion.run import Run, run


@dataclass(frozen=True)
class Asked:
    """Which release is to go where, and who asked."""

    model: str
    source: str
    target: str
    user: str


def refuse_unknown(subject: Subject, asked: Asked) -> None:
    """Raises ``GuardError`` where the page shows no such promotion, so that a form can ask for nothing else."""
    if not any((one.source, one.target) == (asked.source, asked.target) for one in subject.candidates):
        told = f"{asked.model} has nothing to promote from {asked.source} to {asked.target}"
        raise GuardError(told, help="Look at its page again.")


def open_pull_request(opened: Opened, asked: Asked, now: Callable[[], str]) -> tuple[str, int, str]:
    """Opens or finds the pull request: what was done, its number, its address.

    Raises ``GuardError`` where a gate blocks, ``MlgitopsError``, ``ForgeError`` and ``NotAuthorisedError``.
    """
    base = open_base(opened)
    source, target = promote.way(base, asked.source, asked.target, asked.model)
    draft = promote.draft(base, asked.model, source, target)
    if draft is None:
        raise MlgitopsError(f"{target} has that release of {asked.model} already", help="Look at its page again.")
    note = f"Asked for by {asked.user} at the page of mlgitops serve."
    draft = replace(draft, request=replace(draft.request, notes=(*draft.request.notes, note)))
    again = f"mlgitops promote {asked.model} --from {source} --to {target} --dry-run"
    submitted = run(base, draft, Run(again, now(), False, lambda: None)).submitted
    assert submitted is not None
    return submitted.done, submitted.pull_request.number, submitted.pull_request.url
