"""Joins what the targets say of themselves with what a controller says of them. Pure.

What was read just now goes before what a controller read some time ago. Of the two that tell of one thing, one is left.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from mlgitops.plan.drift import Edit
from mlgitops.plan.health import State
from mlgitops.plan.problem import STATES, OnCall, Place, Problem, Verdict, Watched, Well
from mlgitops.plan.status import EnvironmentStatus, Running, TargetStatus

NOT_APPLIED = "Git says otherwise, and nobody applied it"
_INSTEAD = {
    "suspended": {"pending"}, "waiting": {"pending"}, "pending": {"pending"}, "refused": {"pending"},
    "fighting": {"drifted"},
}  # fmt: skip
"""A controller's word for a target, and what it says in the place of."""


@dataclass(frozen=True, slots=True)
class Declared:
    """What Git says here. ``broken`` is why an environment cannot be rendered, ``suspended`` why one is left alone.

    ``probes`` has for a target the command that shows whether it can be reached, where there is one.
    """

    project: str
    commit: str
    environments: Sequence[str]
    broken: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    suspended: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    probes: Mapping[Place, str] = field(default_factory=lambda: MappingProxyType({}))


def on_call(statuses: Sequence[EnvironmentStatus], declared: Declared, watched: Watched | None) -> OnCall:
    """How the project stands. ``watched`` is None where no controller was asked."""
    places = {Place(one.environment, target.target): target for one in statuses for target in one.targets}
    verdicts = watched.targets if watched else {}
    found = [*_broken(declared), *(watched.problems if watched else ()), *_suspended(declared, verdicts)]
    for place, target in places.items():
        found += _of_target(place, target, declared, verdicts.get(place))
    found += _unseen(places, declared, verdicts)
    problems = tuple(sorted(_grouped(_once(found)), key=lambda one: _badness(one, declared.environments)))
    well = tuple(_well(places))
    return OnCall(declared.project, declared.commit, problems, well, len(places), watched)


def _badness(one: Problem, environments: Sequence[str]) -> tuple[bool, int, int, Sequence[str], Sequence[str]]:
    """What is wrong before what is held back; the last environment of a release's way, which users see, first."""
    order = list(reversed(environments))
    environment = (
        order.index(one.environment) if one.environment in order else -1 if not one.environment else len(order)
    )
    return not one.wrong, environment, STATES.index(one.state) if one.state in STATES else -1, one.targets, one.what


def _broken(declared: Declared) -> Iterator[Problem]:
    for name, why in declared.broken.items():
        yield Problem("broken", name, reason=why, help=command("validate", name))


def _suspended(declared: Declared, verdicts: Mapping[Place, Verdict]) -> Iterator[Problem]:
    """Environments in which nothing is to be done, by what Git says here or by what the controller last heard."""
    found = dict(declared.suspended)
    since: dict[str, str] = {}
    for place, one in verdicts.items():
        if one.word == "suspended":
            found.setdefault(place.environment, one.reason)
            since[place.environment] = min(since.get(place.environment, one.since), one.since)
    for name, why in found.items():
        help = f"remove reconcile.suspend from environments/{name}/environment.yaml"
        yield Problem("suspended", name, since=since.get(name, ""), reason=why, help=help, wrong=False)


def _of_target(place: Place, target: TargetStatus, declared: Declared, verdict: Verdict | None) -> list[Problem]:
    if target.error:
        return list(_unreadable(place, target, declared.probes.get(place, ""), verdict))
    own = [*(one for row in target.running for one in _of_row(place, row)), *_pending(place, target.running)]
    if place.environment in declared.suspended:
        own = [_at_rest(one) for one in own if one.state != "pending"]
    return _joined(place, own, verdict) if verdict else own


def _at_rest(one: Problem) -> Problem:
    """Where nothing is to be done, somebody may well be at work by hand."""
    return replace(one, wrong=False) if one.state == "drifted" else one


def _unreadable(place: Place, target: TargetStatus, probe: str, verdict: Verdict | None) -> Iterator[Problem]:
    """A target that cannot be read from here. Where the controller reaches it, it says what is known."""
    error = target.error.removesuffix(f". {target.help}") if target.help else target.error
    help = (target.silent and probe) or target.help or probe or command("status", place)
    if verdict is None or verdict.word in ("unreachable", "suspended"):  # it does not look at what is suspended
        since = verdict.since if verdict and verdict.word == "unreachable" else ""
        state = "forbidden" if target.forbidden else "unreachable"
        yield Problem(state, *_at(place), since=since, reason=error, help=help)
        return
    reason = f"not from here: {error}; the controller reaches it, and says {verdict.word}"
    yield Problem("unread", *_at(place), reason=reason, help=help, wrong=False)
    yield from _said(place, verdict)


def _of_row(place: Place, row: Running) -> Iterator[Problem]:
    """What is not well with one model or pipeline, but for what merely waits for an apply."""
    what, model = (row.owner.removeprefix("Model/"),), row.owner.partition("/")[2]
    at = (*_at(place), what, row.health.since)
    repair = command("drift", place, model) + " --fix"
    reason, edit = row.health.reason, row.edit or Edit("it was changed")
    if row.health.state is State.FAILED:
        help = repair if row.drifted else _for_failed(place, row, model)
        yield Problem(
            "failed", *at, "; ".join([reason or "it failed", *([f"drifted: {edit.told}"] if row.drifted else [])]), help
        )
        return
    if row.drifted:
        yield Problem("drifted", *_at(place), what, edit.since, edit.told, repair)
    if row.health.state is State.PROGRESSING:
        yield Problem("progressing", *at, reason, command("status", place, model), wrong=False)
    if row.health.state is State.SUSPENDED:
        yield Problem("suspended", *at, reason, command("status", place, model), wrong=False)


def _for_failed(place: Place, row: Running, model: str) -> str:
    if row.pending:
        return f"Git says otherwise by now: {command('plan', place, model)}"
    if row.owner.startswith("Model/") and row.release:
        return (
            f"mend it in Git, or go back: mlgitops rollback {shlex.quote(model)} --env {shlex.quote(place.environment)}"
        )
    return f"mend it in Git; all it says: {command('status', place, model)}"


def _pending(place: Place, rows: Iterable[Running]) -> Iterator[Problem]:
    """What waits for an apply at one target. What failed is told of by itself, and the repair of drift applies it."""
    waiting = (row for row in rows if row.pending and not row.drifted and row.health.state is not State.FAILED)
    names = [row.owner.removeprefix("Model/") for row in waiting]
    if names:
        yield Problem("pending", *_at(place), tuple(names), "", NOT_APPLIED, command("plan", place), wrong=False)


def _joined(place: Place, own: Sequence[Problem], verdict: Verdict) -> list[Problem]:
    """The problems at a target that can be read, with what the controller says of it."""
    if verdict.word == "unreachable":
        verdict = replace(verdict, reason=f"by the controller, though not from here: {verdict.reason}")
    said = [] if _is_said(verdict, own) else list(_said(place, verdict))
    covered = _INSTEAD.get(verdict.word, set())
    left = [one for one in own if one.state not in covered and not _explains(verdict, one)]
    if verdict.word == "drifted":
        left = [replace(one, since=one.since or verdict.since) if one.state == "drifted" else one for one in left]
    return [*left, *said]


def _is_said(verdict: Verdict, own: Sequence[Problem]) -> bool:
    """Whether what the controller says of a target was read there too, with more detail."""
    if verdict.word in ("drifted", "progressing"):
        return any(one.state == verdict.word for one in own)
    return verdict.word == "failed" and any(one.state == "failed" and _names(verdict, one) for one in own)


def _explains(verdict: Verdict, one: Problem) -> bool:
    """Whether the controller failed at just what is not done, or not ready, yet."""
    return verdict.word == "failed" and one.state in ("progressing", "drifted") and _names(verdict, one)


def _names(verdict: Verdict, one: Problem) -> bool:
    return any(what.rpartition("/")[2] in verdict.reason for what in one.what)


def _said(place: Place, verdict: Verdict) -> Iterator[Problem]:
    """What the controller says of a target. Of suspended environments it is told once, not target by target."""
    if not verdict.well and verdict.word != "suspended":
        help = verdict.help or command("status", place)
        yield Problem(verdict.word, *_at(place), (), verdict.since, verdict.reason, help, verdict.wrong)


def _unseen(
    places: Mapping[Place, TargetStatus], declared: Declared, verdicts: Mapping[Place, Verdict]
) -> Iterator[Problem]:
    """What the controller says of targets that could not be looked at here, since their environment is broken."""
    for place, verdict in verdicts.items():
        if place not in places and place.environment in declared.broken:
            yield from _said(place, verdict)


def _once(found: Iterable[Problem]) -> list[Problem]:
    """Each environment is broken or suspended once, whoever says so, and since when whoever knows."""
    of_targets: list[Problem] = []
    others: dict[tuple[str, str], Problem] = {}
    for one in found:
        if one.targets:
            of_targets.append(one)
        else:
            first = others.setdefault((one.state, one.environment), one)
            others[one.state, one.environment] = replace(first, since=first.since or one.since)
    return [*others.values(), *of_targets]


def _grouped(found: Iterable[Problem]) -> list[Problem]:
    """Where many targets of an environment have the same, and the same helps, they are told of as one.

    What merely waits for an apply is told of once for each environment, whichever models it is.
    """
    groups: dict[Problem, list[Problem]] = {}
    for one in found:
        waits = one.reason == NOT_APPLIED
        alike = replace(one, targets=(), since="", what=() if waits else one.what, help="" if waits else one.help)
        groups.setdefault(alike, []).append(one)
    return [_merged(ones) for ones in groups.values()]


def _merged(ones: Sequence[Problem]) -> Problem:
    if len(ones) == 1:
        return ones[0]
    first = ones[0]
    help = command("plan", first.environment) if first.reason == NOT_APPLIED else first.help
    targets = tuple(target for one in ones for target in one.targets)
    what = tuple(dict.fromkeys(name for one in ones for name in one.what))
    return replace(first, targets=targets, what=what, since=_earliest(ones), help=help)


def _earliest(alike: Iterable[Problem]) -> str:
    return min((one.since for one in alike if one.since), default="")


def _well(places: Mapping[Place, TargetStatus]) -> Iterator[Well]:
    """Those of which nothing is told. Of files it is only known that they are written."""
    for place, target in places.items():
        for row in target.running if not target.error else ():
            fine = target.rendered or row.health.state in (State.READY, State.UNKNOWN)
            if fine and row.applied and not (row.drifted or row.pending):
                yield Well(place, row.owner, row.release, row.health.since)


def _at(place: Place) -> tuple[str, tuple[str, ...]]:
    return place.environment, (place.target,)


def command(verb: str, place: Place | str, model: str = "") -> str:
    """A command of mlgitops for a target, or an environment, to be pasted into a shell as it is."""
    environment, target = place if isinstance(place, Place) else (place, "")
    words = ["mlgitops", verb, "--env", environment]
    words += ["--target", target] if target else []
    words += ["--model", model] if model else []
    return shlex.join(words)
