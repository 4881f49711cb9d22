"""What relies on a model in an environment, by Git: other specs that name it, and manifests that lead to it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from mlgitops.promotion.references import addresses, referrers
from mlgitops.workflows.promotion.base import Base

if TYPE_CHECKING:
    from mlgitops.render.rendering import Rendering
    from mlgitops.spec.resolve import Resolution


def dependants(base: Base, environment: str, model: str) -> tuple[str, ...]:
    """All of it, in words. Raises ``FindingsError`` where the environment cannot be rendered."""
    from mlgitops.workflows.render import checked, render_environment

    source, cache = base.opened.source, base.opened.cache
    resolution, _ = checked(source, environment, cache)
    rendering = render_environment(source, environment, cache)
    return tuple(dict.fromkeys((*_specs(resolution, model), *_manifests(rendering, model))))


def _specs(resolution: Resolution, model: str) -> Iterator[str]:
    """Models, pipelines, and those that it is to replace."""
    for one in {resolved.name: resolved for resolved in resolution.models}.values():
        if one.name == model or one.spec.lifecycle.stage == "retired":
            continue
        if model in one.needs:
            yield f"model {one.name} depends on it"
        if one.spec.lifecycle.replaced_by == model:
            yield f"model {one.name} is to be replaced by it"
    for pipeline in {resolved.name: resolved for resolved in resolution.pipelines}.values():
        if pipeline.spec.model == model:
            yield f"pipeline {pipeline.name} trains it"


def _manifests(rendering: Rendering, model: str) -> Iterator[str]:
    """Routes, graphs and addresses in what is rendered beside it, of a transformer or the overlay."""
    for target in rendering.targets:
        found = referrers(target.manifests, model, addresses(target.manifests, model))
        yield from (f"{one} leads to it" for one in found)
