"""Progress of an apply, on stderr: a live bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from mlgitops.cli.terminal import show
from mlgitops.plan.change import Action, Plan
from mlgitops.plan.outcome import ObjectOutcome, Result

DONE = {
    Action.CREATE: "created",
    Action.UPDATE: "updated",
    Action.DELETE: "removed",
    Action.UNCHANGED: "kept",
    Action.REPLACE: "replaced",
}


@contextmanager
def progress(plan: Plan, *, wanted: bool = True) -> Iterator[Callable[[ObjectOutcome], None]]:
    """A function to call after each object. Where no progress is wanted, it does nothing."""
    total = sum(len(target.pending) for target in plan.targets)
    if not wanted or not total:
        yield lambda outcome: None
    elif sys.stderr.isatty():
        with _bar(total) as advance:
            yield advance
    else:
        yield lambda outcome: show(_line(outcome), err=True)


def _line(outcome: ObjectOutcome) -> str:
    """What became of an object; why it did is told at the end."""
    if outcome.result is Result.DONE:
        return f"{DONE[outcome.action]} {outcome.identity}"
    failed = outcome.result is Result.FAILED
    return f"failed to {outcome.action} {outcome.identity}" if failed else f"skipped {outcome.identity}"


@contextmanager
def _bar(total: int) -> Iterator[Callable[[ObjectOutcome], None]]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}", markup=False))
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=total)
        yield lambda outcome: bar.update(task, advance=1, description=_line(outcome))
