"""A model's or a pipeline's page: where it runs, what could come next, its releases, its metrics, its objects. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mlgitops.page import releases
from mlgitops.page.element import Html, element, link
from mlgitops.page.frame import Signed, document, section
from mlgitops.page.matrix import badge, flags, releases_of, state_of
from mlgitops.page.model import Said, Snapshot, Stage, Subject
from mlgitops.page.objects import by_owner, tree
from mlgitops.plan.status import Running, TargetStatus
from mlgitops.report.age import age

Spot = tuple[Stage, TargetStatus, Running]
_TITLES = ("Environment", "Target", "Release", "Health", "Since", "Git", "Trained", "Commit")


def subject_page(snapshot: Snapshot, subject: Subject, *, live: bool = False, signed: Signed | None = None) -> str:
    """The page; ``signed`` is who may open a pull request from it."""
    environments = [stage.name for stage in snapshot.stages]
    parts = [section("Where it runs", _where(snapshot, subject))]
    if subject.is_model:
        parts += [
            section("Next promotion", releases.candidates(subject, signed)),
            section("Releases", releases.history(subject, environments)),
            section("Metrics", releases.metrics(subject.columns)),
        ]
    parts.append(section("Objects", *_objects(snapshot, subject)))
    notes = [element("p", subject.note, class_="problems")] if subject.note and subject.events else []
    kind = "Model" if subject.is_model else "Pipeline"
    head = element("h1", element("small", kind), " ", subject.name)
    return document(snapshot, subject.name, 1, head, *notes, *_about(subject), *parts, live=live)


def _about(subject: Subject) -> Iterator[Html]:
    """What its files say of it in the last environment that has it."""
    said = next(iter(reversed([*subject.said.values()])), None)
    if said is None:
        return
    shown = {
        "Owner": said.owner, "Stage": said.stage, "Risk": said.risk, "Use": said.intended_use,
        "Card": link(said.card) if said.card else "", "Runbook": link(said.runbook) if said.runbook else "",
    }  # fmt: skip
    pairs = [[element("dt", name), element("dd", value)] for name, value in shown.items() if value]
    if pairs:
        yield element("dl", *pairs, class_="about")
    for name, one in subject.said.items():
        if one.hold:
            yield element("p", f"On hold in {name}: {one.hold}", class_="problems")


def _spots(snapshot: Snapshot, owner: str) -> Iterator[Spot]:
    for stage in snapshot.stages:
        for target in stage.targets:
            yield from ((stage, target, one) for one in target.running if one.owner == owner)


def _where(snapshot: Snapshot, subject: Subject) -> Html:
    spots = list(_spots(snapshot, subject.owner))
    if not spots:
        return element("p", "Nowhere that could be read.")
    lines = [_line(spot, subject.said.get(spot[0].name), snapshot.taken_at) for spot in spots]
    return releases.table(_TITLES, lines, "Where it runs")


def _line(spot: Spot, said: Said | None, now: str) -> tuple[object, ...]:
    stage, target, one = spot
    state = state_of(one, target)
    word = state if one.applied else "not applied"
    reason = f": {one.health.reason}" if one.health.reason else ""
    digest = one.digest.removeprefix("sha256:")[:12]
    return (
        stage.name, target.target, [releases_of(one) or "-", element("small", f" {digest}")],
        badge(state, word, reason), age(one.health.since, now) or "-", _git(one, said, target), _trained(said, now),
        element("code", one.commit[:10] or "-"),
    )  # fmt: skip


def _git(one: Running, said: Said | None, target: TargetStatus) -> list[object]:
    """How it stands to Git, with what somebody changed."""
    found = [flag for flag in flags(one, said, target) if flag in ("drift", "pending", "hold")]
    shown: list[object] = [element("span", flag, class_=f"flag {flag}") for flag in found]
    if one.edit is not None:
        shown.append(element("small", f" {one.edit.told}" + (f", since {one.edit.since}" if one.edit.since else "")))
    return shown or ["as Git says"]


def _trained(said: Said | None, now: str) -> list[object]:
    if said is None or not said.trained_at:
        return ["-"]
    told: list[object] = [f"{age(said.trained_at, now)} ago" if age(said.trained_at, now) else said.trained_at]
    if said.too_old:
        told += [" ", element("span", "stale", class_="flag stale"), element("small", f" at most {said.max_age}")]
    return told


def _objects(snapshot: Snapshot, subject: Subject) -> Iterable[Html]:
    """Its objects, target by target, with what an apply would change."""
    found = []
    running = {(stage.name, target.target): one for stage, target, one in _spots(snapshot, subject.owner)}
    for stage in snapshot.stages:
        for target in stage.plan.targets if stage.plan else ():
            changes = by_owner(target).get(subject.owner, [])
            if changes:
                found.append(element("h3", f"{stage.name} · {target.target}"))
                found.append(tree(changes, running.get((stage.name, target.target))))
    return found or [element("p", "No plan could be made that has them.")]
