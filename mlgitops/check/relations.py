"""Rules between specs: what one names must be there in another."""

from __future__ import annotations

from collections.abc import Iterator, Set

from mlgitops.check import graph_models, progressive
from mlgitops.check.references import unknown_name
from mlgitops.finding import Finding, Severity
from mlgitops.spec.resolve import Resolution
from mlgitops.spec.resolved import ResolvedModel

POLICY_CODES = frozenset({"deprecated-without-successor", "experimental-in-last-environment"})


def check(resolution: Resolution) -> Iterator[Finding]:
    """Findings over one environment as a whole."""
    models = resolution.model_names
    for model in resolution.models:
        yield from _lifecycle(model, models, resolution)
    for pipeline in resolution.pipelines:
        if pipeline.spec.model is not None and pipeline.spec.model not in models:
            yield unknown_name(pipeline, ("model",), "model", pipeline.spec.model, models)


def links(resolution: Resolution) -> dict[str, tuple[str, ...]]:
    """What each model or pipeline names: models (``Model/NAME``), and step templates (``Step/NAME@VERSION``).

    Names that no other model may have are among them.

    It is all that a rule about it may look at elsewhere, or that it is rendered from.
    """
    named: dict[str, set[str]] = {}
    for model in resolution.models:
        successor = model.spec.lifecycle.replaced_by
        taken = (*graph_models.names(model), *progressive.names(model))
        needed = {f"Model/{name}" for name in (*model.needs, *([successor] if successor else []), *taken)}
        named.setdefault(f"Model/{model.name}", set()).update(needed)
    for pipeline in resolution.pipelines:
        used = {f"Step/{step.uses}" for step in pipeline.spec.steps if step.uses is not None}
        of = {f"Model/{pipeline.spec.model}"} if pipeline.spec.model else set()
        named.setdefault(f"Pipeline/{pipeline.name}", set()).update(used | of)
    return {one: tuple(sorted(names)) for one, names in sorted(named.items()) if names}


def _lifecycle(model: ResolvedModel, models: Set[str], resolution: Resolution) -> Iterator[Finding]:
    lifecycle = model.spec.lifecycle
    if lifecycle.replaced_by is not None and lifecycle.replaced_by not in models - {model.name}:
        yield unknown_name(model, ("lifecycle", "replacedBy"), "model", lifecycle.replaced_by, models - {model.name})
    if lifecycle.stage == "deprecated" and lifecycle.replaced_by is None:
        yield model.finding(
            "deprecated-without-successor", ("lifecycle", "stage"), "a deprecated model should say what replaces it",
            help="add lifecycle.replacedBy, and lifecycle.sunset", severity=Severity.WARNING,
        )  # fmt: skip
    last = resolution.project.spec.environments[-1] if resolution.project else ""
    if lifecycle.stage == "experimental" and model.place.environment == last:
        yield model.finding(
            "experimental-in-last-environment", ("lifecycle", "stage"),
            f"an experimental model runs in {last}, the last environment",
            help="set lifecycle.stage to active once it may be relied on", severity=Severity.WARNING,
        )  # fmt: skip
