"""A Workflow, WorkflowTemplate or CronWorkflow of Argo as a Pipeline, as hera makes them or as YAML has them. Pure.

Source of the fields: ``pkg/apis/workflow/v1alpha1/workflow_types.go`` of Argo Workflows v3.7.1.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlgitops.compile.argo_graph import Graph
from mlgitops.compile.draft import Draft
from mlgitops.compile.naming import Names
from mlgitops.compile.notes import Notes
from mlgitops.compile.quantities import duration, seconds_of
from mlgitops.compile.written import Where

KINDS = ("Workflow", "WorkflowTemplate", "CronWorkflow")
_CRON = ("schedule", "schedules", "timezone", "startingDeadlineSeconds", "concurrencyPolicy", "workflowSpec",
         "successfulJobsHistoryLimit", "failedJobsHistoryLimit")  # fmt: skip
_SPEC = ("entrypoint", "templates", "arguments", "activeDeadlineSeconds", "ttlStrategy", "serviceAccountName", "podGC",
         "securityContext")  # fmt: skip
_ELSEWHERE = {
    "serviceAccountName": "mlgitops makes an account for each pipeline; spec.identity names its rights in the cloud",
    "podGC": "pods of a run that succeeded are removed",
    "securityContext": "pods run without root, as user 8737",
}
"""Fields of a workflow that mlgitops sets itself, and what it sets them to."""


def is_argo(data: Any) -> bool:
    """Whether this is an object of Argo's that can be compiled."""
    return isinstance(data, Mapping) and str(data.get("apiVersion")).startswith("argoproj.io/") and (
        data.get("kind") in KINDS
    )  # fmt: skip


def pipeline(data: Mapping[str, Any], classes: Mapping[str, str], notes: Notes) -> Draft:
    """The Pipeline of an object of Argo's; what it cannot say is in ``notes``.

    ``classes`` has the accelerator class that is meant by a resource such as ``nvidia.com/gpu``.
    """
    metadata = data.get("metadata") or {}
    name = str(metadata.get("name") or metadata.get("generateName") or "").rstrip("-")
    where = Where(("spec",), name)
    spec = data.get("spec") or {}
    notes.without(Where((), name), data, ("apiVersion", "kind", "metadata", "spec", "status"))
    schedule: dict[str, Any] = {}
    if data.get("kind") == "CronWorkflow":
        schedule = _schedule(spec, notes, where)
        spec, where = spec.get("workflowSpec") or {}, where.at("workflowSpec")
    notes.without(where, spec, _SPEC)
    parameters = Names(notes, "parameter")
    declared = _parameters(spec.get("arguments") or {}, parameters, notes, where.at("arguments"))
    graph = Graph(spec, classes, parameters, notes, where)
    more = {**({"schedule": schedule} if schedule else {}), **_times(spec, notes, where)}
    return Draft(name, graph.steps(), declared, more, _metadata(metadata, notes, Where(("metadata",), name)))


def _metadata(metadata: Mapping[str, Any], notes: Notes, where: Where) -> dict[str, Any]:
    notes.without(where, metadata, ("name", "generateName", "namespace", "labels", "annotations", "creationTimestamp"))
    if metadata.get("namespace"):
        notes.elsewhere(where.at("namespace"), f"the namespace {metadata['namespace']} is not taken over",
                        "the environment or the Target says in which namespace a pipeline runs")  # fmt: skip
    return {field: dict(metadata.get(field) or {}) for field in ("labels", "annotations")}


def _parameters(arguments: Mapping[str, Any], names: Names, notes: Notes, where: Where) -> list[dict[str, Any]]:
    notes.without(where, arguments, ("parameters",))
    made = []
    for index, one in enumerate(arguments.get("parameters") or ()):
        place = where.at("parameters", index)
        notes.without(place, one, ("name", "value", "default", "description", "enum"))
        value = one.get("value", one.get("default"))
        parameter: dict[str, Any] = {
            "name": names.of(one["name"], place),
            "value": None if value is None else str(value),
        }
        parameter |= {"enum": one.get("enum"), "description": one.get("description")}
        made.append({key: given for key, given in parameter.items() if given is not None})
    return made


def _schedule(spec: Mapping[str, Any], notes: Notes, where: Where) -> dict[str, Any]:
    notes.without(where, spec, _CRON)
    if spec.get("concurrencyPolicy") not in (None, "", "Forbid"):
        notes.otherwise(where.at("concurrencyPolicy"), f"concurrencyPolicy {spec['concurrencyPolicy']} becomes Forbid",
                        "a run is left out while the last one lasts")  # fmt: skip
    if "successfulJobsHistoryLimit" in spec or "failedJobsHistoryLimit" in spec:
        notes.elsewhere(where, "how many runs are kept is not taken over", "mlgitops keeps three of each kind")
    cron = [*(spec.get("schedules") or ()), *([spec["schedule"]] if spec.get("schedule") else [])]
    if not cron:
        notes.refuse(where, "the CronWorkflow has no schedule", "add one to the source")
        return {}
    deadline = spec.get("startingDeadlineSeconds")
    made = {"cron": cron, "timezone": spec.get("timezone"), "startingDeadline": deadline and duration(int(deadline))}
    return {key: value for key, value in made.items() if value}


def _times(spec: Mapping[str, Any], notes: Notes, where: Where) -> dict[str, Any]:
    """Deadline and how long a run is kept, and notes of what is decided elsewhere."""
    for field, help in _ELSEWHERE.items():
        if spec.get(field):
            notes.elsewhere(where.at(field), f"{field} is not taken over", help)
    ttl, made = spec.get("ttlStrategy") or {}, {}
    notes.without(where.at("ttlStrategy"), ttl, ("secondsAfterCompletion",))
    for field, value, place in (
        ("deadline", spec.get("activeDeadlineSeconds"), where.at("activeDeadlineSeconds")),
        ("keep", ttl.get("secondsAfterCompletion"), where.at("ttlStrategy", "secondsAfterCompletion")),
    ):
        if value is not None and not (seconds := seconds_of(value)):
            notes.refuse(place, f"{value} is no number of seconds above 0")
        elif value is not None and seconds:
            made[field] = duration(seconds)
    return made
