"""One run of a pipeline: the Workflow that is started from the WorkflowTemplate at a target. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlgitops.manifest import ANNOTATION_SOURCE_COMMIT, LABEL_PREFIX, Manifest, labels
from mlgitops.render.argo import API_VERSION

ANNOTATION_STARTED_BY = LABEL_PREFIX + "started-by"
LONGEST_NAME = 63
"""Argo puts the name of a Workflow into labels of its pods."""


def run(template: Manifest, ending: str, uid: str, parameters: Mapping[str, str], commit: str, who: str) -> Manifest:
    """The Workflow ``NAME-ENDING`` with the template's labels and with those parameters that are not its own values.

    It belongs to the template at the target, whose ``uid`` is given: with it, it goes, as runs of a schedule do, and it
    is no object that Git lacks. ``commit`` is what the template was rendered from, ``who`` has started it. Its name is
    made here and not by the API, so that a request whose answer was lost may be made again.
    """
    name, namespace = template["metadata"]["name"], template["metadata"]["namespace"]
    owner = {"apiVersion": API_VERSION, "kind": "WorkflowTemplate", "name": name, "uid": uid}
    annotations = {ANNOTATION_SOURCE_COMMIT: commit, ANNOTATION_STARTED_BY: who}
    spec: dict[str, Any] = {"workflowTemplateRef": {"name": name}}
    if parameters:
        spec["arguments"] = {"parameters": [{"name": key, "value": value} for key, value in parameters.items()]}
    return {
        "apiVersion": API_VERSION,
        "kind": "Workflow",
        "metadata": {
            "name": f"{name[: LONGEST_NAME - len(ending) - 1]}-{ending}",
            "namespace": namespace,
            "labels": labels(template),
            "annotations": {key: value for key, value in annotations.items() if value},
            "ownerReferences": [owner],
        },
        "spec": spec,
    }
