"""Pull requests of a forge without a server, for a terminal. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from mlgitops.forges import CommitState, PullRequest
from mlgitops.report import inert
from mlgitops.report.promotion.exports import aligned
from mlgitops.report.promotion.markup import without_markup
from mlgitops.report.style import Style

Statuses = Mapping[str, CommitState]

_TITLES = ("number", "title", "merges", "statuses", "approved by", "author")


def listed(pulls: Sequence[tuple[PullRequest, Statuses]]) -> str:
    """A line for each."""
    if not pulls:
        return "No pull request waits.\n"
    rows = (
        (
            str(pull.number), pull.title, "yes" if pull.mergeable else "conflicts", _statuses(statuses),
            ", ".join(pull.approved_by), pull.author,
        )
        for pull, statuses in pulls
    )  # fmt: skip
    return aligned(_TITLES, rows, Style(False))


def shown(pull: PullRequest, statuses: Statuses, comments: Sequence[str]) -> str:
    """All of one: its text, between what is known of it and what was said about it, without a browser's markup."""
    parts = [*_head(pull, statuses), "", *inert.lines(without_markup(pull.body))]
    for comment in comments:
        parts += ["", "comment:", *(f"    {line}".rstrip() for line in inert.lines(without_markup(comment)))]
    return "\n".join(parts) + "\n"


def _head(pull: PullRequest, statuses: Statuses) -> Iterator[str]:
    yield inert.line(f"{pull.number}: {pull.title}")
    yield inert.line(f"state: {pull.state}{', conflicts' if pull.mergeable is False else ''}")
    yield inert.line(f"branch: {pull.branch} at {pull.head_commit[:12]}, into {pull.base}")
    yield inert.line(f"author: {pull.author}")
    yield inert.line(f"approved by: {', '.join(pull.approved_by) or 'nobody yet'}")
    yield inert.line(f"statuses: {_statuses(statuses) or 'none'}")


def _statuses(statuses: Statuses) -> str:
    return ", ".join(f"{context} {state}" for context, state in sorted(statuses.items()))
