"""What depends on what within each environment: pipelines, step templates, models, targets. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

from mlgitops.plan.asked import Asked
from mlgitops.report.graph.drawing import MISSING, Arrow, Box, Drawing, key_of
from mlgitops.spec.resolve import Resolution, all_resolved
from mlgitops.spec.resolved import Resolved, ResolvedModel, ResolvedPipeline

Id = tuple[str, str]
"""A kind and a name."""
Link = tuple[Id, Id, str]
"""Kind and name of what depends, kind and name of what it depends on, and the word between them."""


def drawing(resolutions: Sequence[Resolution], asked: Asked) -> Drawing:
    """Every environment in a frame of its own; with targets or models asked for, these and what they hang on."""
    boxes: list[Box] = []
    arrows: list[Arrow] = []
    for resolution in resolutions:
        links = list(dict.fromkeys(_links(resolution, asked.targets)))
        present = {**_present(resolution), **_named_only(links, resolution)}
        shown = _shown(links, asked, present)
        frame = resolution.environment
        boxes += [Box(*one, present[one], frame, one[0] == "target") for one in present if one in shown]
        arrows += [Arrow(key_of(*a, frame), key_of(*b, frame), word) for a, b, word in links if {a, b} <= shown]
    return Drawing("What depends on what", tuple(boxes), tuple(arrows))


def _links(resolution: Resolution, targets: Collection[str]) -> Iterator[Link]:
    for one in all_resolved(resolution):
        if targets and one.place.target not in targets:
            continue
        own = _id(one)
        if isinstance(one, ResolvedPipeline):
            yield from ((own, ("step template", step.uses), "uses") for step in one.spec.steps if step.uses)
            if one.spec.model:
                yield own, ("model", one.spec.model), "trains"
        if isinstance(one, ResolvedModel):
            yield from ((own, ("model", name), "needs") for name in one.needs)
            if one.spec.lifecycle.replaced_by:
                yield own, ("model", one.spec.lifecycle.replaced_by), "is replaced by"
        yield own, ("target", one.place.target), "runs at"


def _id(one: Resolved) -> Id:
    return "model" if isinstance(one, ResolvedModel) else "pipeline", one.name


def _present(resolution: Resolution) -> dict[Id, tuple[str, ...]]:
    """Kind and name of everything that is there, with what its box says."""
    made: dict[Id, tuple[str, ...]] = {("pipeline", one.name): () for one in resolution.pipelines}
    made |= {("model", name): ("cannot be read",) for name in sorted(resolution.model_names)}
    made |= {("model", one.name): tuple(_of_model(one)) for one in resolution.models}
    made |= {("target", name): (target.spec.cloud,) for name, target in resolution.targets.items()}
    return made


def _of_model(model: ResolvedModel) -> Iterator[str]:
    yield f"release {model.spec.release.version}"
    stage = model.spec.lifecycle.stage
    yield model.spec.serving.mode if stage == "active" else f"{model.spec.serving.mode}, {stage}"


def _named_only(links: Iterable[Link], resolution: Resolution) -> dict[Id, tuple[str, ...]]:
    """What something depends on that is no model, pipeline or target here: step templates, and what is not there."""
    present = _present(resolution)
    named = [to for _, to, _ in links if to not in present]
    return {one: () if one[0] == "step template" and one[1] in resolution.step_templates else (MISSING,)
            for one in named}  # fmt: skip


def _shown(links: Sequence[Link], asked: Asked, present: Collection[Id]) -> set[Id]:
    """What is drawn: all, or what runs at the targets asked for, or models with what they need and what needs them."""
    ends = {end for source, to, _ in links for end in (source, to)}
    if not asked.models:
        return ends if asked.targets else {*ends, *present}
    wanted = {("model", name) for name in asked.models} & (ends if asked.targets else {*present})
    found = wanted | _reached(wanted, links, 0) | _reached(wanted, links, 1)
    return found | {to for source, to, _ in links if to[0] == "target" and source in found}


def _reached(start: Collection[Id], links: Sequence[Link], end: int) -> set[Id]:
    """What is reached from ``start`` along the arrows (``end`` 0) or against them (1)."""
    found, waiting = set[Id](), list(start)
    following: dict[Id, list[Id]] = {}
    for source, to, _ in links:
        before, after = (to, source) if end else (source, to)
        following.setdefault(before, []).append(after)
    while waiting:
        for one in following.get(waiting.pop(), ()):
            if one not in found:
                found.add(one)
                waiting.append(one)
    return found
