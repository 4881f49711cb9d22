"""The training within a pipeline's graph: templates that start a TrainJob, wait for it, and stop it. Pure.

Argo waits for a resource by label selectors over its JSON, which reach fields by name and list items by number, but
never "the condition of type Complete" (its source, ``workflow/executor/resource.go``; argo-workflows issue 7143). A
TrainJob says how it ended only in such a list, and where in the list depends on whether Kueue ever held it. The JobSet
of the same name that Trainer makes from it says it in one field, ``status.terminalState``, and that is waited for.
"""

from __future__ import annotations

from typing import Any

import orjson

from mlgitops.render.access import Rule
from mlgitops.render.argo import retry_strategy
from mlgitops.render.container import Write
from mlgitops.render.service_account import service_account_name
from mlgitops.render.tags import in_manifest, input_name
from mlgitops.render.training import API_VERSION, base_name, job_labels, train_job_spec
from mlgitops.spec.pipeline import Training
from mlgitops.spec.placeholders import output_uses
from mlgitops.spec.resolved import ResolvedPipeline

TEMPLATE, START, WAIT = "train", "train-start", "train-wait"
STOP, STOP_JOB = "train-stop", "train-stop-job"
RUN_LABEL = "mlgitops.dev/run"
"""On a TrainJob, the UID of the workflow that started it."""

RULES: tuple[Rule, ...] = (
    {"apiGroups": ["trainer.kubeflow.org"], "resources": ["trainjobs"], "verbs": ["create", "delete", "get", "list"]},
    {"apiGroups": ["jobset.x-k8s.io"], "resources": ["jobsets"], "verbs": ["get"]},
)
"""What starting, waiting and stopping need, beside what every pod of a workflow needs."""


def launcher_name(resolved: ResolvedPipeline) -> str:
    """The account that starts and stops the training."""
    return f"{service_account_name(resolved)}-launcher"


def templates(resolved: ResolvedPipeline, training: Training) -> None:
    """Adds the templates to the workflow whose context is open."""
    _train(training)
    _start(resolved, training)
    _wait(resolved)
    _stop(resolved)


def _train(training: Training) -> None:
    from hera.workflows import Parameter, Step, Steps

    names = [input_name(use) for use in output_uses(training)]
    handed_on = [Parameter(name=name, value=f"{{{{inputs.parameters.{name}}}}}") for name in names]
    with Steps(name=TEMPLATE, inputs=[Parameter(name=name) for name in names]):
        Step(name="start", template=START, arguments=handed_on)
        job = Parameter(name="job", value="{{steps.start.outputs.parameters.job}}")
        Step(name="wait", template=WAIT, arguments=[job])


def _start(resolved: ResolvedPipeline, training: Training) -> None:
    """Not tried again when it fails: a job that was made after all would train a second time beside the first."""
    from hera.workflows import Parameter, Resource, models

    Resource(
        name=START,
        inputs=[Parameter(name=input_name(use)) for use in output_uses(training)],
        outputs=[Parameter(name="job", value_from=models.ValueFrom(json_path="{.metadata.name}"))],
        service_account_name=launcher_name(resolved),
        action="create",
        set_owner_reference=True,
        manifest=_json(_train_job(resolved, training, in_manifest)),
    )


def _train_job(resolved: ResolvedPipeline, training: Training, write: Write) -> dict[str, Any]:
    """Labels only: annotations are the user's free text, in which Argo would look for tags."""
    return {
        "apiVersion": API_VERSION,
        "kind": "TrainJob",
        "metadata": {
            "generateName": f"{base_name(resolved)}-",
            "namespace": resolved.place.namespace,
            "labels": {**job_labels(resolved), RUN_LABEL: "{{workflow.uid}}"},
        },
        "spec": train_job_spec(resolved, training, write),
    }


def _wait(resolved: ResolvedPipeline) -> None:
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


def _stop(resolved: ResolvedPipeline) -> None:
    """Runs when the workflow ends, also at its deadline or when it is stopped, which a TrainJob would not notice."""
    from hera.workflows import Resource, Step, Steps

    with Steps(name=STOP):
        Step(name="stop-job", template=STOP_JOB, when="{{workflow.status}} != Succeeded")
    Resource(
        name=STOP_JOB,
        service_account_name=launcher_name(resolved),
        action="delete",
        flags=["trainjobs.trainer.kubeflow.org", "--selector", f"{RUN_LABEL}={{{{workflow.uid}}}}"],
    )


def _json(manifest: dict[str, Any]) -> str:
    return orjson.dumps(manifest, option=orjson.OPT_SORT_KEYS).decode()
