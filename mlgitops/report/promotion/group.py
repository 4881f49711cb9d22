"""The text of a pull request that promotes several models: a line for each, then each folded, in the limit. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mlgitops.manifest import digest
from mlgitops.report.findings import counted
from mlgitops.report.plan.markdown import code
from mlgitops.report.promotion.pull_request import body as whole
from mlgitops.report.promotion.pull_request import fixed
from mlgitops.report.promotion.subject import Subject
from mlgitops.report.promotion.summary import costs, gates, impact, metrics
from mlgitops.report.promotion.tables import cell, table

MOST_ROWS = 200
"""Models that have a line."""
_LEAST_WHOLE = 10_000
"""Characters that the whole text about a model takes at least; with less, its plan and diff are left out."""


def title(subjects: Sequence[Subject]) -> str:
    """What the pull request does, in a line."""
    request = subjects[0].request
    models = counted(len(subjects), "model")
    return f"Promote {models} of {request.group} from {request.source} to {request.target}"


def body(subjects: Sequence[Subject], limit: int, again: str) -> str:
    """The pull request's text in at most ``limit`` characters. ``again`` is the command that prints it."""
    made = "\n".join(_head(subjects, again)) + "\n"
    for number, subject in enumerate(subjects):
        left = limit - len(made)
        made += _folded(subject, left // (len(subjects) - number), left)
    return made


def _head(subjects: Sequence[Subject], again: str) -> Iterator[str]:
    request = subjects[0].request
    group, source, target = code(request.group), code(request.source), code(request.target)
    yield f"<!-- mlgitops:promotions {digest([request.kind, request.target, request.group])[7:23]} -->"
    models = counted(len(subjects), "model")
    yield f"**Promotes {models} of {group} from {source} to {target}**, each by a commit of its own.\n"
    titles = ("model", f"now in {target}", "proposed", "class of change", "gates", "metrics", "cost")
    yield from table(titles, map(_row, subjects[:MOST_ROWS]))
    if len(subjects) > MOST_ROWS:
        yield f"\n{len(subjects) - MOST_ROWS} more models are not shown."
    yield from _warnings(subjects[:MOST_ROWS])
    yield f"\nMerging brings all of them. {code(again.removesuffix(' --dry-run'))}"
    yield "takes out what is not ready any more, and brings in what has become so."


def _warnings(subjects: Sequence[Subject]) -> Iterator[str]:
    found = [f"- ⚠️ {code(one.request.model)} {cell(told)}" for one in subjects for told in one.request.warnings]
    yield from ["", *found] if found else []


def _row(subject: Subject) -> tuple[str, ...]:
    request = subject.request
    old = cell(request.old.version) if request.old else ""
    told = gates(subject.judgement), metrics(subject.judgement), costs(subject)
    return (cell(request.model), old, f"**{cell(request.new.version)}**", impact(subject.effect), *told)


def _folded(subject: Subject, share: int, left: int) -> str:
    """One model within its share of the room; without plan and diff, or as a pointer alone, where that is little."""
    request = subject.request
    start = f"\n<details><summary>{code(request.model)} {code(request.new.version)}</summary>\n\n"
    end = "\n</details>\n"
    room = share - len(start) - len(end)
    if room >= _LEAST_WHOLE:
        return start + whole(subject, room) + end
    pointer = f"\n{code(subject.again)} prints its plan and diff.\n"
    short = start + fixed(subject) + pointer + end
    if len(short) <= max(share, 0):
        return short
    line = f"\n{code(request.model)}: {code(subject.again)} prints all about it.\n"
    return line if len(line) <= left else ""
