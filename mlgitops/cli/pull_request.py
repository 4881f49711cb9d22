"""How the verbs that open a pull request show what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mlgitops.workflows.promotion.base import Base
    from mlgitops.workflows.promotion.proposal import Draft
    from mlgitops.workflows.promotion.run import Result


def carry_out(base: Base, draft: Draft | None, again: str, otherwise: str, *, dry_run: bool) -> None:
    """Runs a draft and shows its pull request; ``otherwise`` is said where there is nothing to change."""
    from mlgitops.cli.terminal import now, show
    from mlgitops.workflows.promotion.run import Run, run

    if draft is None:
        show(otherwise)
        return
    show_result(run(base, draft, Run(f"{again} --dry-run", now(), dry_run, say_that_it_waits)))


def say_that_it_waits() -> None:
    """Says that another run is given time."""
    from mlgitops.cli.terminal import show

    show("Another run has pushed this just now: waiting for the pull request that it opens", err=True)


def show_result(result: Result) -> None:
    """One line about the pull request, or all of it, without a browser's markup, where it was only to be shown."""
    from mlgitops.cli.terminal import show
    from mlgitops.report.inert import line, lines
    from mlgitops.report.promotion.markup import without_markup

    proposal = result.proposal
    if result.submitted is None:
        head = [f"branch: {proposal.branch}", f"title: {line(proposal.title)}", ""]
        show("\n".join([*head, *lines(without_markup(proposal.body))]))
        for part in proposal.parts:
            message = (f"    {line(text)}".rstrip() for text in part.message.splitlines())
            show("\n".join(["commit message:", *message]))
        return
    pull = result.submitted.pull_request
    show(f"{line(proposal.title)}: pull request {pull.number} {result.submitted.done}, {line(pull.url)}")
