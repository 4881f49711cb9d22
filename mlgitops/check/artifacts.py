"""Rules about artifacts: that an input is an output of its type, or data that the Target leads to. Pure.

Names within a step and paths of its inputs have to differ, as Argo's validation wants (argo-workflows v3.7.1,
``workflow/validate/validate.go``: "already mounted", and ``validateWorkflowFieldNames``).
"""

from __future__ import annotations

from collections.abc import Iterator

from mlgitops.check import storage
from mlgitops.check.artifact_location import ArtifactLocationError, location
from mlgitops.check.references import unknown_name
from mlgitops.check.storage import StorageUriError
from mlgitops.finding import Finding
from mlgitops.spec.artifacts import ArtifactInput, ArtifactOutput
from mlgitops.spec.pipeline import Step
from mlgitops.spec.placeholders import OutputUse, artifact_uses
from mlgitops.spec.positions import Pointer
from mlgitops.spec.resolved import ResolvedPipeline


def check(resolved: ResolvedPipeline) -> Iterator[Finding]:
    """Findings about the artifacts of a pipeline's steps."""
    outputs = {step.name: {each.name: each for each in step.artifacts.outputs} for step in resolved.spec.steps}
    for index, step in enumerate(resolved.spec.steps):
        place = ("steps", index, "artifacts", "inputs")
        sources = {each.name: use for each, use in artifact_uses(step)}
        for number, each in enumerate(step.artifacts.inputs):
            yield from _source(resolved, (*place, number), each)
            yield from _location(resolved, (*place, number, "uri"), each.uri)
            if each.name in sources:
                yield from _output(resolved, (*place, number), each, sources[each.name], outputs)
        yield from _paths(resolved, place, step)


def _source(resolved: ResolvedPipeline, pointer: Pointer, given: ArtifactInput) -> Iterator[Finding]:
    if (given.from_ is None) == (given.uri is None):
        what = "no source" if given.from_ is None else "two sources"
        yield resolved.finding(
            "artifact-source", pointer, f"artifact '{given.name}' has {what}",
            help="give exactly one of from and uri, for a template's input where the step uses it",
        )  # fmt: skip


def _location(resolved: ResolvedPipeline, pointer: Pointer, uri: str | None) -> Iterator[Finding]:
    yield from storage.check(resolved, pointer, uri) if uri is not None else ()
    try:
        if uri is not None:
            location(uri, resolved.place.spec)
    except ArtifactLocationError as error:
        yield resolved.finding(
            "artifact-unreadable", pointer, str(error),
            help="name the target's own storage by store://NAME/PATH, or have the step's program read it",
        )  # fmt: skip
    except StorageUriError:
        pass  # storage.check has told it


def _output(
    resolved: ResolvedPipeline, pointer: Pointer, given: ArtifactInput, use: OutputUse,
    outputs: dict[str, dict[str, ArtifactOutput]],
) -> Iterator[Finding]:  # fmt: skip
    if use.step not in outputs:
        yield unknown_name(resolved, (*pointer, "from"), "step", use.step, outputs)
    elif use.name not in outputs[use.step]:
        yield unknown_name(resolved, (*pointer, "from"), "artifact", use.name, outputs[use.step], f"step {use.step}")
    elif "any" not in (kinds := {given.type, outputs[use.step][use.name].type}) and len(kinds) > 1:
        yield resolved.finding(
            "artifact-type", (*pointer, "from"),
            f"'{given.name}' is a {given.type}, but {given.from_} is a {outputs[use.step][use.name].type}",
            help="read an output of that type, or correct the type of one of them",
        )  # fmt: skip


def _paths(resolved: ResolvedPipeline, place: Pointer, step: Step) -> Iterator[Finding]:
    taken: dict[str, str] = {}
    for number, each in enumerate(step.artifacts.inputs):
        if each.path in taken:
            yield resolved.finding(
                "artifact-path-taken", (*place, number, "path"),
                f"artifacts '{taken[each.path]}' and '{each.name}' are to be at the same path", help="change one path",
            )  # fmt: skip
        taken.setdefault(each.path, each.name)
