"""Progress of an apply, on stderr: a live bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

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
    several = sum(not target.is_empty for target in plan.targets) > 1
    line = partial(_line, several=several)
    if not wanted or not total:
        yield lambda outcome: None
    elif sys.stderr.isatty():
        with _bar(total, line) as advance:
            yield advance
    else:
        yield lambda outcome: show(line(outcome), err=True)


def _line(outcome: ObjectOutcome, *, several: bool) -> str:
    """What became of an object, and where if there are ``several`` targets; why it did is told at the end."""
    where = f"{outcome.identity} at {outcome.target}" if several else f"{outcome.identity}"
    if outcome.result is Result.DONE:
        return f"{DONE[outcome.action]} {where}"
    return f"failed to {outcome.action} {where}" if outcome.result is Result.FAILED else f"skipped {where}"


@contextmanager
def _bar(total: int, line: Callable[[ObjectOutcome], str]) -> Iterator[Callable[[ObjectOutcome], None]]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}", markup=False))
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=total)
        yield lambda outcome: bar.update(task, advance=1, description=line(outcome))
