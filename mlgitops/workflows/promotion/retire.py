"""The end of a model in an environment: first deprecated, then retired, so that what runs is removed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from mlgitops.errors import GuardError, MlgitopsError
from mlgitops.promotion.branch import Kind
from mlgitops.promotion.request import Request
from mlgitops.promotion.splice import set_value
from mlgitops.workflows.promotion.base import Base, read_model, release_of, require_environment
from mlgitops.workflows.promotion.proposal import Draft

if TYPE_CHECKING:
    from mlgitops.spec.resolve import Resolution

LIFECYCLE = ("spec", "lifecycle")


def draft(
    base: Base, model: str, environment: str, today: str, replaced_by: str = "", sunset: str = ""
) -> Draft | None:
    """The next step to the end: deprecated, then retired; None where it is retired already.

    ``today`` and ``sunset`` are days, ``YYYY-MM-DD``. Raises ``GuardError`` where anything still depends on it, or its
    last day has not come.
    """
    require_environment(base, environment)
    document = read_model(base, environment, model)
    release, content = release_of(document), base.content(document.path)
    resolution = _resolved(base, environment)
    resolved = next((one for one in resolution.models if one.name == model), None)
    if release is None or content is None or resolved is None:
        raise MlgitopsError(f"{model} has no release in {environment} to retire")
    lifecycle = resolved.spec.lifecycle
    if lifecycle.stage == "retired":
        return None
    base.refuse_links(document.path)
    stage = "retired" if lifecycle.stage == "deprecated" else "deprecated"
    if stage == "retired":
        _refuse_retirement(resolution, model, lifecycle.sunset or "", today)
    fields = {"stage": stage, "replacedBy": replaced_by, "sunset": sunset}
    for name, value in fields.items():
        if value:
            content = set_value(document.path, content, (*LIFECYCLE, name), value)
    request = Request(Kind.RETIRE, model, environment, environment, release, release, stage=stage)
    return Draft(request, {document.path: content})


def dependants(resolution: Resolution, model: str) -> Iterator[str]:
    """What relies on a model in an environment, in words: models, pipelines, and those that it is to replace."""
    for one in {resolved.name: resolved for resolved in resolution.models}.values():
        if one.name == model or one.spec.lifecycle.stage == "retired":
            continue
        if model in one.spec.depends_on:
            yield f"model {one.name} depends on it"
        if one.spec.lifecycle.replaced_by == model:
            yield f"model {one.name} is to be replaced by it"
    for pipeline in {resolved.name: resolved for resolved in resolution.pipelines}.values():
        if pipeline.spec.model == model:
            yield f"pipeline {pipeline.name} trains it"


def _refuse_retirement(resolution: Resolution, model: str, sunset: str, today: str) -> None:
    found = list(dependants(resolution, model))
    if found:
        raise GuardError(
            f"{model} cannot be retired in {resolution.environment}: {'; '.join(found)}",
            help="Change or retire those first.",
        )
    if sunset > today:
        raise GuardError(
            f"{model} runs in {resolution.environment} until {sunset}, which is its sunset",
            help="Wait for that day, or bring it forward with --sunset while the model is deprecated.",
        )


def _resolved(base: Base, environment: str) -> Resolution:
    from mlgitops.workflows.render import checked, refuse

    resolution, findings = checked(base.opened.source, environment, base.opened.cache)
    refuse(findings)
    return resolution
