"""A search of parameters as a Katib Experiment, whose trials are the pipeline's training. Pure.

Of an Experiment only the numbers of trials can be changed (Katib's webhook), so that its name carries a hash of all the
rest: other numbers are an update of the same search, anything else is a new one. What the webhook would fill in is
rendered, so that what is live is what is in Git.
"""

from __future__ import annotations

import shlex
from typing import Any

from mlgitops.manifest import LABEL_PIPELINE, Manifest
from mlgitops.render import training_job
from mlgitops.render.argo import queue_labels
from mlgitops.render.metadata import object_metadata
from mlgitops.render.service_account import SOURCES as ACCOUNT_SOURCES
from mlgitops.render.service_account import service_account
from mlgitops.render.training import suffix
from mlgitops.render.training_job import Job
from mlgitops.render.training_operator import CONTAINERS
from mlgitops.spec.pipeline import Training
from mlgitops.spec.placeholders import ParameterUse, TuningUse, parts
from mlgitops.spec.resolved import ResolvedPipeline
from mlgitops.spec.training_jobs import TRAIN_JOB
from mlgitops.spec.tuning import MetricsCollector, Objective, SearchParameter, Tuning
from mlgitops.spec.versions import at_least

API_VERSION = "kubeflow.org/v1beta1"
COMPONENT = "tuning"

LONGEST_BASE, LONGEST_BASE_WITH_INITIALIZER = 28, 15
"""Of an Experiment's name, what is left for the pipeline's. Our suffix is a dash and 8 characters, and so is a trial's;
JobSet refuses names of pods past 63 characters, and adds ``-node-0-999-`` or ``-dataset-initializer-0-0-`` and 5 more.
Katib itself takes 40 characters for an Experiment."""

_GOALS = {"maximise": ("maximize", "max"), "minimise": ("minimize", "min")}
"""Katib's words for a goal: the type of the objective, and which of a trial's values counts."""
_V1_POD = {"training.kubeflow.org/job-role": "master"}
_TRAIN_JOB_POD = {"jobset.sigs.k8s.io/replicatedjob-name": "node", "batch.kubernetes.io/job-completion-index": "0"}
_SUCCEEDED = {TRAIN_JOB: "Complete"}

SOURCES = {
    **ACCOUNT_SOURCES,
    "Experiment": {
        "spec": "tuning",
        "spec.objective": "tuning.objective",
        "spec.algorithm": "tuning.algorithm",
        "spec.parameters": "tuning.parameters.[]",
        "spec.maxTrialCount": "tuning.trials.max",
        "spec.parallelTrialCount": "tuning.trials.parallel",
        "spec.maxFailedTrialCount": "tuning.trials.failed",
        "spec.earlyStopping": "tuning.earlyStopping",
        "spec.metricsCollectorSpec": "tuning.metrics",
        "spec.resumePolicy": "tuning.resume",
        "spec.trialTemplate": "training",
        "spec.trialTemplate.trialParameters": "tuning.parameters.[]",
        "spec.trialTemplate.trialSpec.metadata.labels.kueue.x-k8s.io/queue-name": "queue",
        "spec.trialTemplate.trialSpec.metadata.labels.kueue.x-k8s.io/priority-class": "priority",
    },
}


def render(resolved: ResolvedPipeline) -> list[Manifest]:
    """The manifests of a pipeline with tuning: the Experiment, and an account where an identity is named."""
    training, tuning = resolved.spec.training, resolved.spec.tuning
    if training is None or tuning is None:  # refused by check before
        raise ValueError(f"pipeline {resolved.name} has no training to tune")
    account = service_account(resolved, resolved.spec.identity)
    return [*([] if account is None else [account]), _experiment(resolved, training, tuning)]


def _experiment(resolved: ResolvedPipeline, training: Training, tuning: Tuning) -> Manifest:
    fixed = {**_search(resolved, tuning), "trialTemplate": _trial_template(resolved, training, tuning)}
    longest = LONGEST_BASE_WITH_INITIALIZER if training.dataset or training.base_model else LONGEST_BASE
    name = f"{resolved.name[:longest].rstrip('-')}-{suffix(resolved, fixed)}"
    counts = {
        "maxTrialCount": tuning.trials.max,
        "parallelTrialCount": tuning.trials.parallel,
        "maxFailedTrialCount": tuning.trials.failed,
    }
    metadata = object_metadata(resolved, name, component=COMPONENT)
    return {"apiVersion": API_VERSION, "kind": "Experiment", "metadata": metadata, "spec": {**fixed, **counts}}


def _search(resolved: ResolvedPipeline, tuning: Tuning) -> dict[str, Any]:
    stopping = tuning.early_stopping
    early = {"earlyStopping": _algorithm(stopping.algorithm, stopping.settings)} if stopping else {}
    with_distribution = at_least(resolved.place.spec.components.katib, "0.18")
    return {
        "objective": _objective(tuning.objective),
        "algorithm": _algorithm(tuning.algorithm.name, tuning.algorithm.settings),
        **early,
        "parameters": [_parameter(parameter, with_distribution) for parameter in tuning.parameters],
        "metricsCollectorSpec": _metrics(tuning.metrics),
        "resumePolicy": tuning.resume,
    }


def _objective(objective: Objective) -> dict[str, Any]:
    kind, strategy = _GOALS[objective.goal]
    names = (objective.metric, *objective.additional_metrics)
    return {
        "type": kind,
        **({"goal": objective.target} if objective.target is not None else {}),
        "objectiveMetricName": objective.metric,
        **({"additionalMetricNames": list(objective.additional_metrics)} if objective.additional_metrics else {}),
        "metricStrategies": [{"name": name, "value": strategy} for name in names],
    }


def _algorithm(name: str, settings: dict[Any, str]) -> dict[str, Any]:
    given = [{"name": key, "value": value} for key, value in sorted(settings.items())]
    return {"algorithmName": name, **({"algorithmSettings": given} if given else {})}


def _parameter(parameter: SearchParameter, with_distribution: bool) -> dict[str, Any]:
    """One parameter. A distribution is in the API from Katib 0.18 on, and then always filled in."""
    bounds = {"min": parameter.min, "max": parameter.max, "step": parameter.step}
    space = {
        **{name: value for name, value in bounds.items() if value is not None},
        **({"list": list(parameter.list)} if parameter.list else {}),
        **({"distribution": parameter.distribution} if with_distribution else {}),
    }
    return {"name": parameter.name, "parameterType": parameter.type, "feasibleSpace": space}


def _metrics(metrics: MetricsCollector) -> dict[str, Any]:
    source: dict[str, Any] = {}
    if metrics.collector == "File":
        source["fileSystemPath"] = {"kind": "File", "path": metrics.path, "format": metrics.format}
    elif metrics.collector == "TensorFlowEvent":
        source["fileSystemPath"] = {"kind": "Directory", "path": metrics.path}
    if metrics.filters:
        source["filter"] = {"metricsFormat": list(metrics.filters)}
    return {"collector": {"kind": metrics.collector}, **({"source": source} if source else {})}


def _trial_template(resolved: ResolvedPipeline, training: Training, tuning: Tuning) -> dict[str, Any]:
    """The job of a trial, without name and namespace, which are Katib's to give.

    Of the labels only those that belong to the search: with another of the user's labels it would be another search.
    """
    one = training_job.job(resolved, _observed(resolved, training, tuning), lambda text: _text(resolved, tuning, text))
    succeeded = _SUCCEEDED.get(one.kind, "Succeeded")
    names = [parameter.name for parameter in tuning.parameters]
    return {
        "primaryContainerName": CONTAINERS.get(one.kind, "node"),
        "primaryPodLabels": dict(_TRAIN_JOB_POD if one.kind == TRAIN_JOB else _V1_POD),
        "successCondition": f'status.conditions.#(type=="{succeeded}")#|#(status=="True")#',
        "failureCondition": 'status.conditions.#(type=="Failed")#|#(status=="True")#',
        "trialParameters": [{"name": name, "reference": name} for name in names],
        "trialSpec": _trial(resolved, one),
    }


def _trial(resolved: ResolvedPipeline, one: Job) -> dict[str, Any]:
    labels = {LABEL_PIPELINE: resolved.name, **queue_labels(resolved.spec.queue, resolved.spec.priority)}
    return {"apiVersion": one.api_version, "kind": one.kind, "metadata": {"labels": labels}, "spec": one.spec}


def _observed(resolved: ResolvedPipeline, training: Training, tuning: Tuning) -> Training:
    """The training as one line for a shell, where Katib watches what it writes.

    For that Katib joins command and arguments with blanks and has a shell run them with more behind (its webhook for
    pods, ``wrapWorkerContainer``): arguments with blanks would fall apart, and of a script only the last line be seen.
    """
    if tuning.metrics.collector == "Push" or not training.command:
        return training
    line = shlex.join(_text(resolved, tuning, text) for text in (*training.command, *training.args))
    return training.model_copy(update={"command": ("sh", "-c"), "args": (line,)})


def _text(resolved: ResolvedPipeline, tuning: Tuning, text: str) -> str:
    """The text with what is searched as Katib's placeholders, and other parameters as their values."""
    searched = {parameter.name: f"${{trialParameters.{parameter.name}}}" for parameter in tuning.parameters}
    values = {**resolved.spec.values, **searched}
    return "".join(values[p.name] if isinstance(p, TuningUse | ParameterUse) else str(p) for p in parts(text))
