"""Gathers what the page shows, from the same workflows as ``status``, ``plan``, ``history``, ``gates`` and ``audit``.

What cannot be found out becomes an error or a note on the page, and leaves the rest alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from importlib.resources import files
from typing import TYPE_CHECKING

from mlgitops import __version__
from mlgitops.errors import MlgitopsError
from mlgitops.page.model import Candidate, Place, Said, Snapshot, Stage, Subject
from mlgitops.plan.selection import Selection
from mlgitops.promotion.audit import Policy
from mlgitops.promotion.history import events
from mlgitops.render.rendering import Rendering
from mlgitops.spec.quantities import seconds
from mlgitops.workflows.plan import plan
from mlgitops.workflows.project import Opened, choose_environments
from mlgitops.workflows.promotion.audit import audit, read_branch
from mlgitops.workflows.promotion.base import Base
from mlgitops.workflows.promotion.compare import of_versions
from mlgitops.workflows.promotion.gates import base_here, show
from mlgitops.workflows.promotion.order import before
from mlgitops.workflows.promotion.trail import steps
from mlgitops.workflows.render import render_environment
from mlgitops.workflows.sites import reason
from mlgitops.workflows.status import status_at

if TYPE_CHECKING:
    from mlgitops.forges import PullRequest
    from mlgitops.promotion.trail import Step
    from mlgitops.spec.resolved import ResolvedModel

ASSETS = ("page.css", "page.js", "icon.svg")
MOST_JUDGED = 50
"""Models whose next promotion is judged for a whole site: each takes as long as the verb ``gates`` does."""
Find = Callable[[str], "PullRequest | None"]


@dataclass(frozen=True)
class Past:
    """What Git knows: every step of the branch, or why there is none. ``base`` is what promotions would start from."""

    steps: tuple[Step, ...] = ()
    base: Base | None = None
    note: str = ""


def assets() -> dict[str, bytes]:
    """The files that pages refer to, by their path."""
    folder = files("mlgitops.page") / "assets"
    return {f"assets/{name}": (folder / name).read_bytes() for name in ASSETS}


def require_revision(opened: Opened, revision: str) -> None:
    """Raises ``SourceError`` where a revision was named that is not there; its lack is not "no history"."""
    if revision:
        read_branch(opened, revision)


def snapshot(opened: Opened, revision: str, now: str) -> tuple[Snapshot, Past]:
    """How everything stands, without what takes time for each model: that is ``detailed``. Reads only.

    ``revision`` is the branch whose history is read; the protected one at the forge where it is empty. Raises
    ``FindingsError`` where there is no environment at all.
    """
    names = choose_environments(opened, ())
    past = _past(opened, revision)
    stages = _stages(opened, names, past)
    said = _said(opened, names, now)
    owners = sorted({*_owners(stages), *(f"Model/{name}" for name in said)})
    subjects = tuple(Subject(one, said.get(one.removeprefix("Model/"), {}) if _is_model(one) else {}) for one in owners)
    notes = [past.note] if past.note else []
    verdict = None
    if not past.note:
        try:
            verdict = audit(opened, Policy(), revision, "", None)
        except MlgitopsError as error:
            notes.append(f"The history cannot be audited: {reason(error)}")
    project = next((stage.plan.project for stage in stages if stage.plan), opened.root.name)
    made = Snapshot(project, opened.source.commit, now, __version__, stages, subjects, verdict, tuple(notes))
    return replace(made, subjects=tuple(_with_events(one, past) for one in subjects)), past


def detailed(
    opened: Opened, found: Snapshot, subject: Subject, past: Past, find: Find | None = None, *, judge: bool = True
) -> Subject:
    """A model with its metrics by version and what the gates say of its next promotions.

    ``find`` looks for the pull request of a branch. ``judge`` off leaves gates out, and says so.
    """
    if not subject.is_model or past.base is None:
        return subject
    note = subject.note
    try:
        measured = any(one.evidence_digest for one in subject.events)
        columns = tuple(of_versions(opened, subject.name, ())) if measured else ()
    except MlgitopsError as error:
        columns, note = (), f"Its metrics cannot be read: {reason(error)}"
    ways = [(source, stage.name) for stage in found.stages for source in stage.sources]
    nexts = [_next(opened, past.base, subject, way, found, judge=judge) for way in ways]
    sought = tuple(_sought(subject, one, find) for one in nexts if one)
    return replace(subject, columns=columns, candidates=sought, note=note)


def every_subject(
    opened: Opened, found: Snapshot, past: Past, find: Find | None = None, *, told: Callable[[], None] = lambda: None
) -> Snapshot:
    """The snapshot with every model's details. At most ``MOST_JUDGED`` next promotions are judged; a note says so.

    ``told`` is called after each.
    """
    done: list[Subject] = []
    judged = 0
    for subject in found.subjects:
        one = detailed(opened, found, subject, past, find, judge=judged < MOST_JUDGED)
        judged += bool(one.candidates)
        done.append(one)
        told()
    left = judged - MOST_JUDGED
    notes = [f"Gates are shown of {MOST_JUDGED} models; of {left} more run mlgitops gates."] if left > 0 else []
    return replace(found, subjects=tuple(done), notes=(*found.notes, *notes))


def _is_model(owner: str) -> bool:
    return owner.startswith("Model/")


def _past(opened: Opened, revision: str) -> Past:
    try:
        return Past(tuple(steps(read_branch(opened, revision))), base_here(opened))
    except MlgitopsError as error:
        return Past(note=f"There is no history to show: {reason(error)}")


def _with_events(subject: Subject, past: Past) -> Subject:
    if not subject.is_model:
        return subject
    return replace(subject, events=tuple(events(past.steps, subject.name)))


def _stages(opened: Opened, names: Sequence[str], past: Past) -> tuple[Stage, ...]:
    made: dict[str, Stage] = {}
    renderings: list[Rendering] = []
    for number, name in enumerate(names):
        made[name] = Stage(name, _sources(past.base, names, number))
        try:
            renderings.append(render_environment(opened.source, name, opened.cache))
        except MlgitopsError as error:
            made[name] = replace(made[name], error=reason(error))
    for rendering, status in zip(renderings, status_at(opened, renderings, Selection()), strict=True):
        places = tuple(_place(opened, target.target) for target in rendering.targets)
        stage = replace(made[rendering.environment], places=places, status=status)
        made[rendering.environment] = _planned(opened, stage, rendering)
    return tuple(made.values())


def _planned(opened: Opened, stage: Stage, rendering: Rendering) -> Stage:
    try:
        return replace(stage, plan=plan(opened, rendering, Selection()))
    except MlgitopsError as error:
        return replace(stage, plan_error=reason(error))


def _sources(base: Base | None, names: Sequence[str], number: int) -> tuple[str, ...]:
    """Where releases of an environment come from; without a history, by the project's order alone."""
    if base is None:
        return (names[number - 1],) if number else ()
    try:
        source = before(base, names[number])
    except (MlgitopsError, ValueError):
        source = names[number - 1] if number else ""
    return (source,) if source else ()


def _place(opened: Opened, target: str) -> Place:
    from mlgitops.spec.document import load

    try:
        path = f"targets/{target}.yaml"
        spec = load(path, opened.source.files().get(path, b"")).data.get("spec")
    except MlgitopsError:
        spec = None
    known = spec if isinstance(spec, dict) else {}
    return Place(target, str(known.get("cloud") or ""), str(known.get("region") or ""))


def _owners(stages: Sequence[Stage]) -> Iterator[str]:
    for stage in stages:
        for target in stage.targets:
            yield from (one.owner for one in target.running if one.owner.startswith(("Model/", "Pipeline/")))


def _said(opened: Opened, names: Sequence[str], now: str) -> dict[str, dict[str, Said]]:
    """What the files say of each model, environment by environment; of what is wrong there, nothing."""
    from mlgitops.spec.resolve import resolve
    from mlgitops.workflows.documents import read_project

    read, _, _ = read_project(opened.source, opened.cache)
    found: dict[str, dict[str, Said]] = {}
    for name in names:
        for model in resolve(read, name).models:
            found.setdefault(model.name, {}).setdefault(name, _about(model, now))
    return found


def _about(model: ResolvedModel, now: str) -> Said:
    spec, governance = model.spec, model.spec.governance
    trained, limit = spec.release.trained_at or "", spec.monitoring.staleness
    max_age = limit.max_age if limit else ""
    return Said(
        spec.release.version, trained, max_age, bool(trained and max_age) and _older(trained, max_age, now),
        spec.hold.reason if spec.hold else "", spec.lifecycle.stage, governance.owner or "", governance.card or "",
        governance.runbook or "", governance.intended_use or "", governance.risk or "",
    )  # fmt: skip


def _older(trained: str, max_age: str, now: str) -> bool:
    elapsed = datetime.fromisoformat(now) - datetime.fromisoformat(trained)
    return elapsed.total_seconds() > seconds(max_age)


def _next(
    opened: Opened, base: Base, subject: Subject, way: tuple[str, str], found: Snapshot, *, judge: bool
) -> Candidate | None:
    """The release that could be promoted on a way; None where there is none, or the target has it."""
    source, target = way
    if source not in subject.said:
        return None
    here, there = subject.said[source], subject.said.get(target)
    try:
        if not judge:
            differs = there is None or here.version != there.version
            told = f"Gates were left out: mlgitops gates {subject.name} --env {target}"
            return Candidate(source, target, here.version, problem=told) if differs else None
        shown = show(opened, subject.name, source, target, found.taken_at)
    except MlgitopsError as error:
        return Candidate(source, target, here.version, problem=reason(error))
    return Candidate(source, target, shown.version, shown.gates) if shown.version else None


def _sought(subject: Subject, one: Candidate, find: Find | None) -> Candidate:
    """The candidate with the pull request that waits for it, as far as the forge can be asked."""
    from mlgitops.promotion.branch import Kind, branch_of

    if find is None:
        return one
    try:
        pull = find(branch_of(Kind.PROMOTE, one.target, subject.name))
    except (MlgitopsError, ValueError):
        return one
    return replace(one, number=pull.number, url=pull.url) if pull else one


def finder(opened: Opened, environment: Mapping[str, str]) -> Find | None:
    """What looks for pull requests at the project's forge; None where it names none, or no token is there."""
    from mlgitops.workflows.promotion.base import names_forge, open_base

    try:
        return open_base(opened).forge(environment).find if names_forge(opened) else None
    except MlgitopsError:
        return None
