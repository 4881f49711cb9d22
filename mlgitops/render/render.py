"""Renders a model or a pipeline: which renderer is for which."""

from __future__ import annotations

from mlgitops.manifest import Manifest
from mlgitops.render import (
    batch,
    drift,
    external_secrets,
    inference_graph,
    llm,
    monitoring,
    progressive,
    streaming,
    training,
    tuning,
    upkeep,
)
from mlgitops.spec.resolve import Resolution, all_resolved
from mlgitops.spec.resolved import Resolved, ResolvedModel, ResolvedPipeline


def render(resolved: Resolved) -> list[Manifest]:
    """The manifests of one model or pipeline at one target. A retired model has none."""
    manifests = _workload(resolved)
    return [*external_secrets.render(resolved), *manifests] if manifests else []


def _workload(resolved: Resolved) -> list[Manifest]:
    if isinstance(resolved, ResolvedModel):
        return _render_model(resolved)
    assert isinstance(resolved, ResolvedPipeline)
    if resolved.spec.is_workflow:
        from mlgitops.render.pipeline import render as render_pipeline

        return render_pipeline(resolved)
    return training.render(resolved) if resolved.spec.tuning is None else tuning.render(resolved)


def _render_model(model: ResolvedModel) -> list[Manifest]:
    if model.spec.lifecycle.stage == "retired":
        return []
    if model.spec.serving.mode == "batch":
        return [*batch.render(model), *monitoring.render(model)]
    if model.spec.serving.mode == "streaming":
        return [*streaming.render(model), *monitoring.render(model)]
    if model.spec.serving.mode == "llm":
        return [*llm.render(model), *monitoring.render(model)]
    watched = [*monitoring.render(model), *drift.render(model), *upkeep.render(model)]
    return [*progressive.render(model), *inference_graph.render(model), *watched]


def render_targets(resolution: Resolution) -> dict[str, list[Manifest]]:
    """The manifests of an environment by target, in the environment's order of targets."""
    by_target: dict[str, list[Manifest]] = {name: [] for name in resolution.targets}
    for resolved in all_resolved(resolution):
        by_target[resolved.place.target] += render(resolved)
    return by_target
