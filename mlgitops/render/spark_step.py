"""A step that prepares data with Spark: a template that creates a SparkApplication and waits for it. Pure.

Facts are of the Spark Operator v2.3.0 (``internal/controller/sparkapplication``): whatever goes wrong, and whatever is
tried again, an application ends in the state COMPLETED or FAILED. Its retries are the operator's, since a second
application beside one that still runs would do the work twice.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import orjson

from mlgitops.manifest import Manifest
from mlgitops.render.access import Rule
from mlgitops.render.container import environment, image, resource_requirements, scheduling
from mlgitops.render.metadata import object_labels, object_metadata
from mlgitops.render.service_account import identity_secrets, service_account_name, workflow_account
from mlgitops.render.step_container import inputs
from mlgitops.render.tags import in_manifest
from mlgitops.render.training_step import RUN_LABEL
from mlgitops.spec.pipeline import Step
from mlgitops.spec.placeholders import output_uses
from mlgitops.spec.quantities import amount, seconds
from mlgitops.spec.resolved import ResolvedPipeline
from mlgitops.spec.serving import Resources
from mlgitops.spec.spark import Spark

STOP, STOP_APPLICATIONS = "spark-stop", "spark-stop-applications"
LAUNCHER_RULES: tuple[Rule, ...] = (
    {
        "apiGroups": ["sparkoperator.k8s.io"],
        "resources": ["sparkapplications"],
        "verbs": ["create", "delete", "get", "list"],
    },
)
"""What starting, waiting and stopping need, beside what every pod of a workflow needs."""
DRIVER_RULES: tuple[Rule, ...] = (
    {
        "apiGroups": [""],
        "resources": ["configmaps", "persistentvolumeclaims", "pods", "services"],
        "verbs": ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"],
    },
)
"""What a driver needs, which starts its executors itself (the operator's chart, ``templates/spark/rbac.yaml``)."""
_SECURITY_CONTEXT = {
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "seccompProfile": {"type": "RuntimeDefault"},
}
"""The user is the image's: images of Spark name theirs, so that Kubernetes cannot tell that it is not root."""
_OVERHEAD, _LEAST_OVERHEAD = {"Python": 0.4, "R": 0.4}, 384
"""What a pod takes beside its heap, as a share of it and in MiB at least (Spark, "Running on Kubernetes",
``spark.kubernetes.memoryOverheadFactor``); a tenth for Scala and Java."""
_LONGEST_BASE, _LONGEST_STEP = 24, 20
"""Of an application's name, so that with Argo's own suffix and ``-ui-svc`` a Service's name keeps to 63 characters."""


def driver_name(resolved: ResolvedPipeline) -> str:
    """The account of drivers, which have the pipeline's identity and may make pods."""
    return f"{service_account_name(resolved)}-spark"


def launcher_name(resolved: ResolvedPipeline) -> str:
    """The account that starts and stops applications."""
    return f"{driver_name(resolved)}-launcher"


def driver_account(resolved: ResolvedPipeline) -> Manifest:
    """The account of drivers and executors."""
    account = workflow_account(resolved, resolved.spec.identity)
    return {**account, "metadata": {**account["metadata"], "name": driver_name(resolved)}}


def launcher_account(resolved: ResolvedPipeline) -> Manifest:
    """The account of what starts and stops applications, which has no identity of the cloud."""
    metadata = object_metadata(resolved, launcher_name(resolved), component="access")
    return {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata}


def template(resolved: ResolvedPipeline, step: Step, spark: Spark) -> None:
    """Adds the template of a step to the workflow whose context is open."""
    from hera.workflows import Resource

    Resource(
        name=f"step-{step.name}",
        inputs=inputs(output_uses(step)),
        service_account_name=launcher_name(resolved),
        action="create",
        set_owner_reference=True,
        success_condition="status.applicationState.state == COMPLETED",
        failure_condition="status.applicationState.state == FAILED",
        manifest=orjson.dumps(application(resolved, step, spark), option=orjson.OPT_SORT_KEYS).decode(),
        active_deadline_seconds=seconds(step.timeout) if step.timeout else None,
    )


def stop_template(resolved: ResolvedPipeline) -> None:
    """Adds what ends the applications of a run that did not succeed: they would not notice that it was stopped."""
    from hera.workflows import Resource, Steps
    from hera.workflows import Step as StepOf

    with Steps(name=STOP):
        StepOf(name="stop-applications", template=STOP_APPLICATIONS, when="{{workflow.status}} != Succeeded")
    Resource(
        name=STOP_APPLICATIONS,
        service_account_name=launcher_name(resolved),
        action="delete",
        flags=["sparkapplications.sparkoperator.k8s.io", "--selector", f"{RUN_LABEL}={{{{workflow.uid}}}}"],
    )


def application(resolved: ResolvedPipeline, step: Step, spark: Spark) -> dict[str, Any]:
    """The SparkApplication. Labels only: in annotations, the user's free text, Argo would look for tags."""
    base = resolved.name[:_LONGEST_BASE].rstrip("-")
    return {
        "apiVersion": "sparkoperator.k8s.io/v1beta2",
        "kind": "SparkApplication",
        "metadata": {
            "generateName": f"{base}-{step.name[:_LONGEST_STEP].rstrip('-')}-",
            "namespace": resolved.place.namespace,
            "labels": {**object_labels(resolved, "data"), RUN_LABEL: "{{workflow.uid}}"},
        },
        "spec": {
            "type": spark.type,
            "mode": "cluster",
            "image": in_manifest(image(resolved, step.image)),
            **({"mainClass": spark.main_class} if spark.main_class else {}),
            "mainApplicationFile": in_manifest(spark.main_application_file),
            **({"arguments": [in_manifest(text) for text in step.args]} if step.args else {}),
            "sparkVersion": spark.version,
            **({"sparkConf": _written(spark.conf)} if spark.conf else {}),
            "restartPolicy": _restart_policy(step.retries),
            "driver": {**_pod(resolved, step, spark, step.resources), "serviceAccount": driver_name(resolved)},
            "executor": {
                **_pod(resolved, step, spark, spark.executor_resources),
                "serviceAccount": driver_name(resolved),
                "instances": spark.executors,
            },
        },
    }


def _written(conf: Mapping[str, str]) -> dict[str, str]:
    return {name: in_manifest(value) for name, value in sorted(conf.items())}


def _restart_policy(retries: int) -> dict[str, Any]:
    if not retries:
        return {"type": "Never"}
    return {
        "type": "OnFailure",
        "onFailureRetries": retries,
        "onFailureRetryInterval": 30,
        "onSubmissionFailureRetries": retries,
        "onSubmissionFailureRetryInterval": 30,
    }


def _pod(resolved: ResolvedPipeline, step: Step, spark: Spark, resources: Resources) -> dict[str, Any]:
    """What driver and executors have in common. Memory is divided so that the pod has exactly what was asked for."""
    asked = resource_requirements(resolved, resources)
    cores = math.ceil(amount(asked["requests"]["cpu"]))  # Spark counts its tasks by whole ones
    secrets = identity_secrets(resolved, resolved.spec.identity)
    return {
        "cores": cores,
        "coreRequest": asked["requests"]["cpu"],
        "coreLimit": asked["limits"]["cpu"],
        **_memory(spark, resources),
        **_accelerator(resolved, resources),
        **scheduling(resolved, resources),
        **({"env": environment(step.env, in_manifest)} if step.env else {}),
        **({"envFrom": [{"secretRef": {"name": name}} for name in secrets]} if secrets else {}),
        "labels": object_labels(resolved, "data"),
        "securityContext": _SECURITY_CONTEXT,
    }


def _memory(spark: Spark, resources: Resources) -> dict[str, str]:
    whole = int(amount(resources.memory)) >> 20
    beside = max(_LEAST_OVERHEAD, whole - int(whole / (1 + _OVERHEAD.get(spark.type, 0.1))))
    return {"memory": f"{whole - beside}m", "memoryOverhead": f"{beside}m"}


def _accelerator(resolved: ResolvedPipeline, resources: Resources) -> dict[str, Any]:
    if resources.accelerator is None:
        return {}
    kind = resolved.place.spec.accelerators[resources.accelerator.class_]
    return {"gpu": {"name": kind.resource, "quantity": resources.accelerator.count}}
