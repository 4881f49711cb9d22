"""The training within a pipeline's graph: templates that start a job, wait for it, and stop it. Pure.

Argo waits for a resource by label selectors over its JSON, which reach fields by name and list items by number, but
never "the condition of type Complete" (its source, ``workflow/executor/resource.go``; argo-workflows issue 7143). A
TrainJob says how it ended only in such a list, and where in the list depends on whether Kueue ever held it. The JobSet
of the same name that Trainer makes from it says it in one field, ``status.terminalState``, and that is waited for.

A job of Training Operator v1 has such a list too, and one field that says that it ended but not how:
``status.completionTime``, which every end sets (its source, ``pkg/controller.v1``). So that is waited for; how it ended
is then read by a path that can filter, since kubectl reads what a template hands on; and a template that cannot but
fail runs where it is not a success.
"""

from __future__ import annotations

from typing import Any

import orjson

from mlgitops.render.access import Rule
from mlgitops.render.argo import retry_strategy
from mlgitops.render.service_account import service_account_name
from mlgitops.render.tags import in_manifest, input_name
from mlgitops.render.training_job import Job, base_name, job, job_labels
from mlgitops.spec.pipeline import Training
from mlgitops.spec.placeholders import output_uses
from mlgitops.spec.resolved import ResolvedPipeline
from mlgitops.spec.training_jobs import TRAIN_JOB

TEMPLATE, START, WAIT, FAILED = "train", "train-start", "train-wait", "train-failed"
STOP, STOP_JOB = "train-stop", "train-stop-job"
NAMES = (TEMPLATE, START, WAIT, FAILED, STOP, STOP_JOB)
"""Every template that the training has."""
RUN_LABEL = "mlgitops.dev/run"
"""On a job, the UID of the workflow that started it."""

_JOB_SETS: Rule = {"apiGroups": ["jobset.x-k8s.io"], "resources": ["jobsets"], "verbs": ["get"]}
_SUCCEEDED = '{.status.conditions[?(@.type=="Succeeded")].status}'


def rules(resolved: ResolvedPipeline, training: Training) -> list[Rule]:
    """What starting, waiting and stopping need, beside what every pod of a workflow needs."""
    one = job(resolved, training, in_manifest)
    jobs: Rule = {"apiGroups": [one.group], "resources": [one.plural], "verbs": ["create", "delete", "get", "list"]}
    return [jobs, _JOB_SETS] if one.kind == TRAIN_JOB else [jobs]


def launcher_name(resolved: ResolvedPipeline) -> str:
    """The account that starts and stops the training."""
    return f"{service_account_name(resolved)}-launcher"


def templates(resolved: ResolvedPipeline, training: Training) -> None:
    """Adds the templates to the workflow whose context is open."""
    one = job(resolved, training, in_manifest)
    _train(training, one)
    _start(resolved, training, one)
    if one.kind == TRAIN_JOB:
        _wait_for_job_set(resolved)
    else:
        _wait_for_end(resolved, one)
        _failed(resolved, one)
    _stop(resolved, one)


def _train(training: Training, one: Job) -> None:
    from hera.workflows import Parameter, Step, Steps

    names = [input_name(use) for use in output_uses(training)]
    handed_on = [Parameter(name=name, value=f"{{{{inputs.parameters.{name}}}}}") for name in names]
    with Steps(name=TEMPLATE, inputs=[Parameter(name=name) for name in names]):
        Step(name="start", template=START, arguments=handed_on)
        name = Parameter(name="job", value="{{steps.start.outputs.parameters.job}}")
        Step(name="wait", template=WAIT, arguments=[name])
        if one.kind != TRAIN_JOB:
            ended = "'{{steps.wait.outputs.parameters.succeeded}}' != 'True'"
            Step(name="failed", template=FAILED, arguments=[name], when=ended)


def _start(resolved: ResolvedPipeline, training: Training, one: Job) -> None:
    """Not tried again when it fails: a job that was made after all would train a second time beside the first."""
    from hera.workflows import Parameter, Resource, models

    Resource(
        name=START,
        inputs=[Parameter(name=input_name(use)) for use in output_uses(training)],
        outputs=[Parameter(name="job", value_from=models.ValueFrom(json_path="{.metadata.name}"))],
        service_account_name=launcher_name(resolved),
        action="create",
        set_owner_reference=True,
        manifest=_json(_manifest(resolved, one)),
    )


def _manifest(resolved: ResolvedPipeline, one: Job) -> dict[str, Any]:
    """Labels only: annotations are the user's free text, in which Argo would look for tags."""
    return {
        "apiVersion": one.api_version,
        "kind": one.kind,
        "metadata": {
            "generateName": f"{base_name(resolved)}-",
            "namespace": resolved.place.namespace,
            "labels": {**job_labels(resolved), RUN_LABEL: "{{workflow.uid}}"},
        },
        "spec": one.spec,
    }


def _wait_for_job_set(resolved: ResolvedPipeline) -> None:
    """Tried again for about a minute, in which Trainer makes the JobSet; after a failed job that is in vain."""
    from hera.workflows import Parameter, Resource, models

    job_set = {
        "apiVersion": "jobset.x-k8s.io/v1alpha2",
        "kind": "JobSet",
        "metadata": {"name": "{{inputs.parameters.job}}", "namespace": resolved.place.namespace},
    }
    Resource(
        name=WAIT,
        inputs=[Parameter(name="job")],
        service_account_name=launcher_name(resolved),
        action="get",
        success_condition="status.terminalState == Completed",
        failure_condition="status.terminalState == Failed",
        retry_strategy=models.RetryStrategy.model_validate(retry_strategy(4, first_wait="5s")),
        manifest=_json(job_set),
    )


def _wait_for_end(resolved: ResolvedPipeline, one: Job) -> None:
    from hera.workflows import Parameter, Resource, models

    Resource(
        name=WAIT,
        inputs=[Parameter(name="job")],
        outputs=[Parameter(name="succeeded", value_from=models.ValueFrom(json_path=_SUCCEEDED))],
        service_account_name=launcher_name(resolved),
        action="get",
        success_condition="status.completionTime",
        retry_strategy=models.RetryStrategy.model_validate(retry_strategy(2)),  # of a pod that lost its node
        manifest=_json(_reference(resolved, one)),
    )


def _failed(resolved: ResolvedPipeline, one: Job) -> None:
    """Fails, since it runs only when the job has ended: the condition by which a job has ended is that of failure."""
    from hera.workflows import Parameter, Resource

    Resource(
        name=FAILED,
        inputs=[Parameter(name="job")],
        service_account_name=launcher_name(resolved),
        action="get",
        failure_condition="status.completionTime",
        manifest=_json(_reference(resolved, one)),
    )


def _reference(resolved: ResolvedPipeline, one: Job) -> dict[str, Any]:
    metadata = {"name": "{{inputs.parameters.job}}", "namespace": resolved.place.namespace}
    return {"apiVersion": one.api_version, "kind": one.kind, "metadata": metadata}


def _stop(resolved: ResolvedPipeline, one: Job) -> None:
    """Runs when the workflow ends, also at its deadline or when it is stopped, which the job would not notice."""
    from hera.workflows import Resource, Step, Steps

    with Steps(name=STOP):
        Step(name="stop-job", template=STOP_JOB, when="{{workflow.status}} != Succeeded")
    Resource(
        name=STOP_JOB,
        service_account_name=launcher_name(resolved),
        action="delete",
        flags=[f"{one.plural}.{one.group}", "--selector", f"{RUN_LABEL}={{{{workflow.uid}}}}"],
    )


def _json(manifest: dict[str, Any]) -> str:
    return orjson.dumps(manifest, option=orjson.OPT_SORT_KEYS).decode()
