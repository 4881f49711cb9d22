"""One run of a pipeline: the Workflow that is started from the WorkflowTemplate at a target. Pure.

A person starts one (``run``), or Git asks for it (``asked_for``), and then it is an object like every other, which is
applied once.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlgitops.manifest import ANNOTATION_SOURCE_COMMIT, LABEL_PREFIX, Manifest, labels
from mlgitops.render.argo import API_VERSION
from mlgitops.render.graph import COMPONENT
from mlgitops.render.metadata import object_metadata
from mlgitops.render.training import suffix
from mlgitops.spec.resolved import ResolvedPipeline
from mlgitops.spec.run import Run

SOURCES = {
    "Workflow": {
        "metadata.name": "run.number",
        "metadata.annotations": "run.reason",
        "spec": "run",
        "spec.arguments.parameters": "run.parameters",
    },
}
ANNOTATION_REASON = LABEL_PREFIX + "reason"
"""Why Git asks for a run."""
ANNOTATION_STARTED_BY = LABEL_PREFIX + "started-by"
LONGEST_NAME = 63
"""Argo puts the name of a Workflow into labels of its pods."""
LONGEST_TIME = 2**31 - 1
"""Seconds, 68 years: the most that a Workflow's ``ttlStrategy`` holds. What a Workflow says goes over its template."""


def run(template: Manifest, ending: str, uid: str, parameters: Mapping[str, str], commit: str, who: str) -> Manifest:
    """The Workflow ``NAME-ENDING`` with the template's labels and with those parameters that are not its own values.

    It belongs to the template at the target, whose ``uid`` is given: with it, it goes, as runs of a schedule do, and it
    is no object that Git lacks. ``commit`` is what the template was rendered from, ``who`` has started it. Its name is
    made here and not by the API, so that a request whose answer was lost may be made again.
    """
    name, namespace = template["metadata"]["name"], template["metadata"]["namespace"]
    owner = {"apiVersion": API_VERSION, "kind": "WorkflowTemplate", "name": name, "uid": uid}
    annotations = {ANNOTATION_SOURCE_COMMIT: commit, ANNOTATION_STARTED_BY: who}
    metadata = {
        "name": _name(name, ending),
        "namespace": namespace,
        "labels": labels(template),
        "annotations": {key: value for key, value in annotations.items() if value},
        "ownerReferences": [owner],
    }
    return {"apiVersion": API_VERSION, "kind": "Workflow", "metadata": metadata, "spec": _spec(name, parameters)}


def asked_for(resolved: ResolvedPipeline, wanted: Run) -> Manifest:
    """The Workflow ``NAME-NUMBER`` that Git asks for; with parameters, its name carries a hash of them, too.

    What was started cannot be changed, so that other parameters are another object.
    """
    metadata = object_metadata(resolved, _name(resolved.name, ending(resolved, wanted)), component=COMPONENT)
    if wanted.reason:
        metadata["annotations"] = {**metadata.get("annotations", {}), ANNOTATION_REASON: wanted.reason}
    spec = {**_spec(resolved.name, wanted.parameters), **_kept(resolved)}
    return {"apiVersion": API_VERSION, "kind": "Workflow", "metadata": metadata, "spec": spec}


def _kept(resolved: ResolvedPipeline) -> dict[str, Any]:
    """What keeps a run from removing itself where that would start it again, over what the template says.

    A Workflow that Argo CD or Flux misses is made anew; only where we apply by ourselves are runs remembered.
    """
    if resolved.place.spec.connection.kubernetes is not None:
        return {}
    return {"ttlStrategy": {"secondsAfterCompletion": LONGEST_TIME}}


def ending(resolved: ResolvedPipeline, wanted: Run) -> str:
    """How the name of a run that Git asks for ends: ``3``, or ``3-1f0c2a9b`` with parameters."""
    return f"{wanted.number}-{suffix(resolved, wanted.parameters)}" if wanted.parameters else str(wanted.number)


def _name(pipeline: str, ending: str) -> str:
    return f"{pipeline[: LONGEST_NAME - len(ending) - 1]}-{ending}"


def _spec(pipeline: str, parameters: Mapping[str, str]) -> dict[str, Any]:
    given = [{"name": key, "value": value} for key, value in parameters.items()]
    reference = {"workflowTemplateRef": {"name": pipeline}}
    return {**reference, "arguments": {"parameters": given}} if given else reference
