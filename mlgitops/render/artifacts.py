"""Artifacts of a pipeline's steps as Argo has them, by way of the cluster's default artifact repository. Pure.

An output says no place, so that Argo keeps it where the repository is and under the key that its format gives.
"""

from __future__ import annotations

from typing import Any

from mlgitops.check.artifact_location import CLOUDS, location
from mlgitops.spec.artifacts import ArtifactInput
from mlgitops.spec.pipeline import Step
from mlgitops.spec.placeholders import artifact_uses
from mlgitops.spec.resolved import ResolvedPipeline
from mlgitops.spec.serving import Container

INPUTS, OUTPUTS = "steps.[step-].artifacts.inputs.[]", "steps.[step-].artifacts.outputs.[]"

SOURCES = {
    "spec.templates.inputs.artifacts": INPUTS,
    "spec.templates.inputs.artifacts.path": f"{INPUTS}.path",
    **{f"spec.templates.inputs.artifacts.{kind}": f"{INPUTS}.uri" for kind in (*CLOUDS, "http", "archive")},
    "spec.templates.inputs.artifacts.s3.region": "target:region",
    "spec.templates.outputs.artifacts": OUTPUTS,
    "spec.templates.outputs.artifacts.path": f"{OUTPUTS}.path",
    "spec.templates.dag.tasks.arguments.artifacts": "steps.[].artifacts.inputs.[]",
    "spec.templates.dag.tasks.arguments.artifacts.from": "steps.[].artifacts.inputs.[].from",
}
"""The part of the ``SOURCES`` of a WorkflowTemplate that is about artifacts."""


def of_inputs(resolved: ResolvedPipeline, step: Step) -> list[dict[str, Any]]:
    """What the step's template is given. Data at a URI is left as it is, also where it happens to be packed."""
    return [{"name": each.name, "path": each.path, **_read(resolved, each)} for each in step.artifacts.inputs]


def _read(resolved: ResolvedPipeline, given: ArtifactInput) -> dict[str, Any]:
    return {} if given.uri is None else {**location(given.uri, resolved.place.spec), "archive": {"none": {}}}


def of_outputs(step: Step) -> list[dict[str, Any]]:
    """What the step's template leaves: a folder or file, packed as Argo packs it unless told otherwise."""
    return [{"name": each.name, "path": each.path} for each in step.artifacts.outputs]


def of_arguments(container: Container) -> list[dict[str, Any]]:
    """What the graph hands to a step; nothing to the training."""
    return [
        {"name": each.name, "from": f"{{{{tasks.{use.step}.outputs.artifacts.{use.name}}}}}"}
        for each, use in artifact_uses(container)
    ]
