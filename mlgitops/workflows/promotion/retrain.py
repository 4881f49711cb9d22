"""Another run of the pipeline that makes a model, asked for in Git: what it makes comes by a release of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mlgitops.errors import GuardError, MlgitopsError
from mlgitops.promotion.branch import Kind
from mlgitops.promotion.request import Request
from mlgitops.promotion.splice import set_value
from mlgitops.spec.parameters import by_name, of_type
from mlgitops.spec.positions import value_of
from mlgitops.spec.project_files import what_there_is
from mlgitops.workflows.promotion.base import Base, read_model, release_of, require_environment
from mlgitops.workflows.promotion.proposal import Draft

if TYPE_CHECKING:
    from mlgitops.spec.pipeline import PipelineSpec

RUN = ("spec", "run")


@dataclass(frozen=True)
class Asked:
    """Which run is asked for: where and by which pipeline may be empty, and are found then."""

    model: str
    environment: str = ""
    pipeline: str = ""
    reason: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)


def draft(base: Base, asked: Asked) -> Draft:
    """The pipeline's file with the next number of ``spec.run``.

    Raises ``MlgitopsError`` where no pipeline makes the model, or several do, and where it has no release there yet;
    ``GuardError`` where the model is retired there.
    """
    environment, pipeline, spec = _found(base, asked)
    document = read_model(base, environment, asked.model)
    if value_of(document.data, ("spec", "lifecycle", "stage")) == "retired":
        raise GuardError(f"{asked.model} is retired in {environment}", help="Set lifecycle.stage to active first.")
    release = release_of(document)
    if release is None:
        raise MlgitopsError(
            f"{asked.model} has no release in {environment} yet",
            help=f"The first one comes by mlgitops run {pipeline} --env {environment}.",
        )
    path = f"environments/{environment}/pipelines/{pipeline}.yaml"
    base.refuse_links(path)
    number = spec.run.number + 1 if spec.run else 1
    run = {"number": number, "reason": asked.reason, "parameters": _values(spec, asked.parameters)}
    changed = set_value(path, base.content(path) or b"", RUN, {name: value for name, value in run.items() if value})
    request = Request(
        Kind.RETRAIN, asked.model, environment, environment, release, release, reason=asked.reason,
        notes=(f"run {number} of the pipeline {pipeline}; its release comes by a pull request of its own",),
    )  # fmt: skip
    return Draft(request, {path: changed})


def _found(base: Base, asked: Asked) -> tuple[str, str, PipelineSpec]:
    """The first environment, in the order of promotion, with a pipeline that makes the model, and that pipeline.

    Of several it is the one that also proposes the release.
    """
    environments = [require_environment(base, asked.environment)] if asked.environment else base.environments
    there: dict[str, str] = {}
    for environment in environments:
        pipelines = _pipelines(base, environment)
        making = {name: spec for name, spec in pipelines.items() if spec.model == asked.model}
        chosen = _chosen(making, asked.pipeline)
        if len(chosen) > 1:
            raise MlgitopsError(
                f"several pipelines make {asked.model} in {environment}",
                help=f"Name one with --pipeline: {', '.join(sorted(chosen))}.",
            )
        if chosen:
            return environment, *next(iter(chosen.items()))
        there |= {name: spec.model for name, spec in pipelines.items() if spec.model}
    raise _nothing(asked, there)


def _chosen(making: Mapping[str, PipelineSpec], pipeline: str) -> dict[str, PipelineSpec]:
    if pipeline:
        return {name: spec for name, spec in making.items() if name == pipeline}
    return {name: spec for name, spec in making.items() if spec.registration} or dict(making)


def _pipelines(base: Base, environment: str) -> dict[str, PipelineSpec]:
    """An environment's pipelines by name. Raises ``FindingsError`` where one has errors: it may be the one."""
    from mlgitops.workflows.render import checked, refuse

    resolution, findings = checked(base.opened.source, environment, base.opened.cache)
    files = f"environments/{environment}/pipelines/"
    refuse([finding for finding in findings if finding.location.path.startswith(files)])
    return {one.name: one.spec for one in resolution.pipelines}


def _nothing(asked: Asked, there: Mapping[str, str]) -> MlgitopsError:
    """The error where no pipeline fits; ``there`` has the models by pipeline."""
    where = f" in {asked.environment}" if asked.environment else ""
    if making := sorted(name for name, model in there.items() if model == asked.model):
        return MlgitopsError(
            f"the pipeline '{asked.pipeline}' does not make {asked.model}{where}",
            help=what_there_is(asked.pipeline, making, "pipelines that do"),
        )
    made = what_there_is(asked.model, sorted(set(there.values())), "models that pipelines make")
    return MlgitopsError(
        f"no pipeline makes {asked.model}{where}", help=f"{made}; a Pipeline says so by spec.model: {asked.model}"
    )


def _values(spec: PipelineSpec, given: Mapping[str, str]) -> dict[str, Any]:
    """The run's values, of the types that the parameters have. Raises ``MlgitopsError`` naming all that is wrong."""
    from mlgitops.plan.run_parameters import refuse

    refuse(spec.parameters, given)
    return {name: of_type(value, by_name(spec.parameters)[name].type) for name, value in given.items()}
