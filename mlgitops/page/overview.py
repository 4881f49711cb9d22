"""The first page: the way of a release, what is not well, and the matrix with its search. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from mlgitops.page.element import Html, element
from mlgitops.page.frame import document, section, wide
from mlgitops.page.graph import graph
from mlgitops.page.matrix import FLAGS, flags, matrix
from mlgitops.page.model import Snapshot


def overview(snapshot: Snapshot, *, live: bool = False) -> str:
    """The first page of a project."""
    models = [one for one in snapshot.subjects if one.is_model]
    pipelines = [one for one in snapshot.subjects if not one.is_model]
    parts = [section("Models", _search(snapshot), matrix(snapshot, models, "Model"))] if models else []
    parts += [section("Pipelines", matrix(snapshot, pipelines, "Pipeline"))] if pipelines else []
    way = section("Promotions", wide("The way of a release", graph(snapshot.stages)))
    return document(
        snapshot, "Overview", 0, element("h1", snapshot.project), *_problems(snapshot), way, *parts, live=live
    )


def _problems(snapshot: Snapshot) -> Iterator[Html]:
    """What could not be read, which is never taken for being well."""
    told = [f"{one.name} cannot be rendered: {one.error}" for one in snapshot.stages if one.error]
    told += [f"{one.name} cannot be planned: {one.plan_error}" for one in snapshot.stages if one.plan_error]
    told += [
        f"{stage.name}: target {target.target} cannot be read: {target.error}"
        for stage in snapshot.stages for target in stage.targets if target.error
    ]  # fmt: skip
    told += snapshot.notes
    if told:
        yield element("ul", *(element("li", one) for one in told), class_="problems")


def _search(snapshot: Snapshot) -> Html:
    """Search and filters; they do nothing without JavaScript, so that they are shown by it."""
    counted = _counted(snapshot)
    buttons = [
        element("button", f"{flag} ", element("b", counted[flag]), type="button", data_flag=flag, aria_pressed="false")
        for flag in FLAGS
    ]
    return element(
        "form", element("label", "Search", for_="search"),
        element("input", type="search", id="search", autocomplete="off", placeholder="name or release"),
        element("span", *buttons, role="group", aria_label="Show only"),
        element("output", id="shown", for_="search"), class_="tools", role="search", hidden=True,
    )  # fmt: skip


def _counted(snapshot: Snapshot) -> Counter[str]:
    """How many models and pipelines each filter leaves."""
    said = {one.owner: one.said for one in snapshot.subjects}
    raised: dict[str, set[str]] = {}
    for stage in snapshot.stages:
        for target in stage.targets:
            for one in target.running:
                about = said.get(one.owner, {}).get(stage.name)
                raised.setdefault(one.owner, set()).update(flags(one, about, target))
    return Counter(flag for one in raised.values() for flag in one)
