"""The fields that are read of objects that are imported, and their forms. Pure.

Sources: ``pkg/apis/serving/v1beta1`` of KServe v0.17.0, ``pkg/apis/trainer/v1alpha1`` of Kubeflow Trainer v2.2.0 and
``pkg/apis/workflow/v1alpha1/workflow_types.go`` of Argo Workflows v3.7.1.
"""

from __future__ import annotations

from mlgitops.compile.inference_service import OLD_PREDICTORS
from mlgitops.compile.shape import AMOUNT, NAME, NUMBER, TEXT, WHOLE, Entries, Fields, Items, Shape

_METADATA = Fields({"name": NAME, "generateName": TEXT, "namespace": TEXT, "labels": Entries(TEXT),
                    "annotations": Entries(TEXT)})  # fmt: skip
_RESOURCES = Fields({"requests": Entries(AMOUNT), "limits": Entries(AMOUNT)})
_SECRET = Fields({"secretKeyRef": Fields({"name": NAME, "key": TEXT})})
_VARIABLES = Items(Fields({"name": NAME, "value": TEXT, "valueFrom": _SECRET}, needed=("name",)))
_CONTAINER: dict[str, Shape] = {
    "image": TEXT, "command": Items(TEXT), "args": Items(TEXT), "env": _VARIABLES, "resources": _RESOURCES,
}  # fmt: skip

_SERVED = Fields({
    **_CONTAINER,
    "modelFormat": Fields({"name": NAME}), "storageUri": TEXT, "runtime": TEXT, "protocolVersion": TEXT,
    "ports": Items(Fields({"containerPort": WHOLE})),
})  # fmt: skip
_BOUNDS: dict[str, Shape] = {"minReplicas": WHOLE, "maxReplicas": WHOLE, "scaleMetric": TEXT, "scaleTarget": NUMBER}
_PART = Fields({**_BOUNDS, "containers": Items(Fields(_CONTAINER))})
_PREDICTOR = Fields({
    **dict.fromkeys(("model", *OLD_PREDICTORS), _SERVED),
    **_BOUNDS,
    "timeout": WHOLE, "containerConcurrency": WHOLE,
    "batcher": Fields({"maxBatchSize": WHOLE, "maxLatency": WHOLE}),
    "logger": Fields({"mode": TEXT, "url": TEXT}),
    "topologySpreadConstraints": Items(Fields({"topologyKey": TEXT})),
    "deploymentStrategy": Fields({"type": TEXT, "rollingUpdate": Fields({"maxSurge": TEXT, "maxUnavailable": TEXT})}),
})  # fmt: skip
INFERENCE_SERVICE = Fields({
    "metadata": _METADATA,
    "spec": Fields({"predictor": _PREDICTOR, "transformer": _PART, "explainer": _PART}),
})  # fmt: skip

_SOURCE = Fields({"storageUri": TEXT})
TRAIN_JOB = Fields({
    "metadata": _METADATA,
    "spec": Fields({
        "runtimeRef": Fields({"name": NAME}),
        "trainer": Fields({"image": TEXT, "command": Items(TEXT), "args": Items(TEXT), "env": _VARIABLES,
                           "numNodes": WHOLE, "numProcPerNode": TEXT, "resourcesPerNode": _RESOURCES}),
        "initializer": Fields({"dataset": _SOURCE, "model": _SOURCE}),
        "activeDeadlineSeconds": WHOLE,
    }),
})  # fmt: skip

_NAMED = Items(Fields({"name": NAME, "value": TEXT, "default": TEXT, "description": TEXT, "enum": Items(TEXT)},
                      needed=("name",)))  # fmt: skip
_ARGUMENTS = Fields({"parameters": _NAMED})
_VALUE = Fields({"path": TEXT, "parameter": TEXT})
_CALL: dict[str, Shape] = {"name": NAME, "template": TEXT, "arguments": _ARGUMENTS}
_TASK = Fields({**_CALL, "dependencies": Items(NAME), "depends": TEXT}, needed=("name",))
_TEMPLATE = Fields({
    "name": NAME,
    "inputs": _ARGUMENTS,
    "outputs": Fields({"parameters": Items(Fields({"name": NAME, "valueFrom": _VALUE}, needed=("name",)))}),
    "dag": Fields({"tasks": Items(_TASK)}),
    "steps": Items(Items(Fields(_CALL, needed=("name",)))),
    "container": Fields(_CONTAINER),
    "script": Fields({**_CONTAINER, "source": TEXT}),
    "retryStrategy": Fields({"limit": TEXT, "retryPolicy": TEXT}),
    "activeDeadlineSeconds": TEXT, "timeout": TEXT,
}, needed=("name",))  # fmt: skip
_FLOW: dict[str, Shape] = {
    "entrypoint": TEXT, "arguments": _ARGUMENTS, "templates": Items(_TEMPLATE), "activeDeadlineSeconds": TEXT,
    "ttlStrategy": Fields({"secondsAfterCompletion": TEXT}),
}  # fmt: skip
_TIMES: dict[str, Shape] = {
    "schedule": TEXT, "schedules": Items(TEXT), "timezone": TEXT, "startingDeadlineSeconds": WHOLE,
    "concurrencyPolicy": TEXT, "workflowSpec": Fields(_FLOW),
}  # fmt: skip
WORKFLOW = Fields({"metadata": _METADATA, "spec": Fields(_FLOW)})
CRON_WORKFLOW = Fields({"metadata": _METADATA, "spec": Fields(_TIMES)})

BY_KIND: dict[str, Shape] = {
    "InferenceService": INFERENCE_SERVICE, "TrainJob": TRAIN_JOB, "Workflow": WORKFLOW,
    "WorkflowTemplate": WORKFLOW, "CronWorkflow": CRON_WORKFLOW,
}  # fmt: skip
