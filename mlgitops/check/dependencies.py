"""Rules about the models that a model depends on: they are there, at the same target, and not in a circle."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mlgitops.check.graph import find_cycle
from mlgitops.check.references import unknown_name
from mlgitops.finding import Finding
from mlgitops.spec.resolve import Resolution
from mlgitops.spec.resolved import ResolvedModel


def check(resolution: Resolution) -> Iterator[Finding]:
    """Findings over the models of one environment, target by target."""
    for target in dict.fromkeys(model.place.target for model in resolution.models):
        models = {model.name: model for model in resolution.models if model.place.target == target}
        for model in models.values():
            yield from _named(model, models)
        yield from _cycle(models)


def _named(model: ResolvedModel, models: Mapping[str, ResolvedModel]) -> Iterator[Finding]:
    for index, name in enumerate(model.spec.depends_on):
        if name not in models:
            others = models.keys() - {model.name}
            where = f"environment {model.place.environment} at target {model.place.target}"
            yield unknown_name(model, ("dependsOn", index), "model", name, others, where)
        elif models[name].spec.lifecycle.stage == "retired":
            yield model.finding(
                "dependency-retired", ("dependsOn", index), f"model '{name}' is retired, so that it never gets ready",
                help="remove it from dependsOn, or depend on what replaces it",
            )  # fmt: skip


def _cycle(models: Mapping[str, ResolvedModel]) -> Iterator[Finding]:
    cycle = find_cycle({name: model.needs for name, model in models.items()})
    if cycle:
        first = models[cycle[0]]
        yield first.finding(
            "dependency-cycle", ("dependsOn",), f"these models wait for each other: {' -> '.join(cycle)}",
            help="remove one of the dependencies; a step of a graph that leads to a model is a dependency too",
        )  # fmt: skip
