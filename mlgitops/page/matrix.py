"""Models by environments and clouds: in each cell the release, its health, and what is not as it should be. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from mlgitops.page.element import NOTHING, Html, element, joined
from mlgitops.page.frame import wide
from mlgitops.page.model import Place, Said, Snapshot, Stage, Subject
from mlgitops.plan.health import State
from mlgitops.plan.status import Running, TargetStatus
from mlgitops.report.age import age

SIGNS = {"ready": "●", "failed": "✖", "progressing": "◐", "suspended": "‖", "unknown": "?", "rendered": "▤"}
"""A sign beside each colour, since not everybody sees colours."""
FLAGS = ("failed", "drift", "pending", "stale", "hold")
Here = tuple[Running, TargetStatus]


def matrix(snapshot: Snapshot, subjects: Sequence[Subject], what: str) -> Html:
    """The table of models or pipelines."""
    columns = [(stage, place) for stage in snapshot.stages for place in stage.places]
    found = _found(snapshot.stages)
    rows = [_row(one, columns, found, snapshot.taken_at) for one in subjects]
    head = element("thead", *_heads(snapshot.stages, what))
    table = element("table", element("caption", f"{what}s by environment and target", class_="hidden"), head,
                    element("tbody", *rows), class_="matrix")  # fmt: skip
    return wide(f"{what}s by environment and target", table)


def state_of(one: Running, target: TargetStatus) -> str:
    """The state as a word, which is also a class of the style sheet."""
    if not one.applied:
        return "unknown"
    return "rendered" if target.rendered else one.health.state.value


def badge(state: str, *words: object) -> Html:
    """A state with its sign."""
    sign = element("span", SIGNS.get(state, "?"), aria_hidden="true")
    return element("span", sign, " ", *words, class_=f"state {state}")


def flags(one: Running, said: Said | None, target: TargetStatus) -> Iterator[str]:
    """What somebody should look at, by the words that the table can be filtered by."""
    if one.applied and not target.rendered and one.health.state is State.FAILED:
        yield "failed"
    if one.drifted:
        yield "drift"
    if one.pending:
        yield "pending"
    if said is not None and said.too_old:
        yield "stale"
    if said is not None and said.hold:
        yield "hold"


def _found(stages: Iterable[Stage]) -> Mapping[tuple[str, str, str], Here]:
    return {
        (stage.name, target.target, one.owner): (one, target)
        for stage in stages
        for target in stage.targets
        for one in target.running
    }


def _heads(stages: Sequence[Stage], what: str) -> Iterator[Html]:
    groups = [
        element("th", one.name, colspan=len(one.places), scope="colgroup", class_="edge")
        for one in stages if one.places
    ]  # fmt: skip
    yield element("tr", element("th", what, rowspan=2, scope="col"), *groups)
    yield element("tr", *(_head(place, first) for stage in stages for place, first in _firsts(stage)))


def _firsts(stage: Stage) -> Iterator[tuple[Place, bool]]:
    return ((place, number == 0) for number, place in enumerate(stage.places))


def _head(place: Place, first: bool) -> Html:
    where = " · ".join(part for part in (place.cloud, place.region) if part)
    return element("th", place.target, element("small", where), scope="col", class_="edge" if first else None)


def _row(
    subject: Subject, columns: Sequence[tuple[Stage, Place]], found: Mapping[tuple[str, str, str], Here], now: str
) -> Html:
    cells, raised, before = [], set(), ""
    for stage, place in columns:
        here = found.get((stage.name, place.target, subject.owner))
        said = subject.said.get(stage.name)
        raised |= set(flags(here[0], said, here[1])) if here else set()
        cells.append(_cell(here, said, now, edge=stage.name != before))
        before = stage.name
    name = element("th", element("a", subject.name, href=subject.path), scope="row")
    return element("tr", name, *cells, data_flags=" ".join(one for one in FLAGS if one in raised) or None)


def _cell(here: Here | None, said: Said | None, now: str, *, edge: bool) -> Html:
    style = "edge" if edge else None
    if here is None:
        return element("td", class_=style)
    one, target = here
    state = state_of(one, target)
    told = [element("span", flag, class_=f"flag {flag}") for flag in flags(one, said, target) if flag != "failed"]
    since = age(one.health.since, now) if state in ("failed", "progressing") else ""
    word = state if one.applied else "not applied"
    return element(
        "td", badge(state, releases_of(one) or (said.version if said and not one.applied else "") or "-",
                    element("span", f" {word}", class_="hidden")),
        element("small", since) if since else NOTHING, joined(told),
        class_=style, title=one.health.reason or None,
    )  # fmt: skip


def releases_of(one: Running) -> str:
    """The release that runs; both with their shares while two do."""
    return ", ".join(f"{share.release} {share.percent}%" for share in one.shares) or one.release
