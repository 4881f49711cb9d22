"""Real-time serving on KServe: an InferenceService, and the service account that it reads its artifact with. Pure.

Nothing is rendered that KServe's webhook or controller owns. Facts are of KServe v0.15.2 to v0.17.0.
"""

from __future__ import annotations

from typing import Any

from mlgitops.check.runtimes import Runtime, ports_of, protocol_of, runtime_of
from mlgitops.manifest import Manifest
from mlgitops.render.container import (
    environment,
    image,
    node_sources,
    program,
    resource_requirements,
    resource_sources,
    scheduling,
)
from mlgitops.render.metadata import object_metadata
from mlgitops.render.quantity import canonical
from mlgitops.render.replicas import deployment_strategy, pod_labels, zone_spread
from mlgitops.render.service_account import SOURCES as ACCOUNT_SOURCES
from mlgitops.render.service_account import service_account, service_account_name
from mlgitops.render.storage import storage_uri
from mlgitops.spec.quantities import milliseconds, seconds
from mlgitops.spec.resolved import ResolvedModel
from mlgitops.spec.serving import Component, Resources, Serving
from mlgitops.spec.side_by_side import new_percent, side_by_side
from mlgitops.spec.versions import at_least

SOURCES = {
    **ACCOUNT_SOURCES,
    "InferenceService": {
        "metadata.labels": "release.version",
        "metadata.annotations": "release",
        "metadata.annotations.serving.kserve.io/deploymentMode": "target:serving.deploymentMode",
        "metadata.annotations.serving.kserve.io/autoscalerClass": "serving.scaling",
        "metadata.annotations.autoscaling.knative.dev/class": "target:serving.deploymentMode",
        "metadata.annotations.mlgitops.dev/owner": "governance.owner",
        "metadata.annotations.mlgitops.dev/model-card": "governance.card",
        "metadata.annotations.mlgitops.dev/data-classification": "governance.dataClassification",
        "metadata.annotations.mlgitops.dev/lifecycle": "lifecycle.stage",
        "spec.predictor": "serving",
        "spec.predictor.serviceAccountName": "serving.identity",
        "spec.predictor.minReplicas": "serving.scaling.min",
        "spec.predictor.maxReplicas": "serving.scaling.max",
        "spec.predictor.scaleMetric": "serving.scaling.metric",
        "spec.predictor.scaleTarget": "serving.scaling.target",
        "spec.predictor.timeout": "serving.timeout",
        "spec.predictor.containerConcurrency": "serving.maxConcurrency",
        "spec.predictor.canaryTrafficPercent": "rollout.canary.weight",
        "spec.predictor.deploymentStrategy": "rollout",
        "spec.predictor.deploymentStrategy.type": "rollout.strategy",
        "spec.predictor.deploymentStrategy.rollingUpdate.maxSurge": "rollout.maxSurge",
        "spec.predictor.deploymentStrategy.rollingUpdate.maxUnavailable": "rollout.maxUnavailable",
        "spec.predictor.labels": "release.version",
        **node_sources("spec.predictor", "serving.resources"),
        "spec.predictor.topologySpreadConstraints": "serving.spreadZones",
        "spec.predictor.batcher": "serving.batcher",
        "spec.predictor.batcher.maxBatchSize": "serving.batcher.maxBatchSize",
        "spec.predictor.batcher.maxLatency": "serving.batcher.maxLatency",
        "spec.predictor.logger": "serving.logger",
        "spec.predictor.logger.mode": "serving.logger.mode",
        "spec.predictor.logger.url": "serving.logger.url",
        "spec.predictor.model.modelFormat": "serving.format",
        "spec.predictor.model.runtime": "serving.runtime",
        "spec.predictor.model.protocolVersion": "serving.protocol",
        "spec.predictor.model.storageUri": "release.artifact.uri",
        "spec.predictor.model.image": "release.image",
        "spec.predictor.model.args": "serving.args",
        "spec.predictor.model.env": "serving.env.[]",
        "spec.predictor.model.ports": "serving.port",
        **resource_sources("spec.predictor.model.resources", "serving.resources"),
        "spec.transformer": "serving.transformer",
        "spec.transformer.deploymentStrategy": "rollout",
        "spec.transformer.minReplicas": "serving.transformer.min",
        "spec.transformer.maxReplicas": "serving.transformer.max",
        "spec.transformer.containers.image": "serving.transformer.image",
        "spec.transformer.containers.command": "serving.transformer.command",
        "spec.transformer.containers.args": "serving.transformer.args",
        "spec.transformer.containers.env": "serving.transformer.env.[]",
        **resource_sources("spec.transformer.containers.resources", "serving.transformer.resources"),
        "spec.explainer": "serving.explainer",
        "spec.explainer.deploymentStrategy": "rollout",
        "spec.explainer.minReplicas": "serving.explainer.min",
        "spec.explainer.maxReplicas": "serving.explainer.max",
        "spec.explainer.containers.image": "serving.explainer.image",
        "spec.explainer.containers.command": "serving.explainer.command",
        "spec.explainer.containers.args": "serving.explainer.args",
        "spec.explainer.containers.env": "serving.explainer.env.[]",
        **resource_sources("spec.explainer.containers.resources", "serving.explainer.resources"),
    },
}

POD_SELECTOR_LABEL = "serving.kserve.io/inferenceservice"
"""KServe's label on the pods of an InferenceService; ``component`` tells its parts apart."""


def render(model: ResolvedModel) -> list[Manifest]:
    """The service account, where an identity is named, and the InferenceService.

    Raises ``KeyError`` for names that the Target does not have and ``StorageUriError`` for an artifact that cannot be
    read; ``check`` has refused both before.
    """
    account = service_account(model, model.spec.serving.identity)
    return [*([account] if account else []), inference_service(model)]


def predictor_selector(model: ResolvedModel) -> dict[str, str]:
    """The labels of the predictor's pods, and of no other part's."""
    return {POD_SELECTOR_LABEL: model.instance, "component": "predictor"}


def is_knative(model: ResolvedModel) -> bool:
    """Whether the Target runs models on Knative."""
    return model.place.spec.serving.deployment_mode == "Knative"


def inference_service(model: ResolvedModel) -> Manifest:
    """The InferenceService of a release, by the name of its instance."""
    serving = model.spec.serving
    metadata = object_metadata(model, model.instance)
    metadata["annotations"] |= mode_annotations(model, scales=_scales(serving))
    parts = {
        "predictor": _predictor(model),
        "transformer": _component(model, serving.transformer),
        "explainer": _component(model, serving.explainer),
    }
    return {
        "apiVersion": "serving.kserve.io/v1beta1",
        "kind": "InferenceService",
        "metadata": metadata,
        "spec": _given(parts),
    }


def mode_annotations(model: ResolvedModel, *, scales: bool) -> dict[str, str]:
    """How KServe runs the model, or its graph, whose number of replicas ``scales`` or stays as it is.

    The mode was renamed in KServe 0.16 (``pkg/constants/constants.go``), whose webhook rewrites the old names. It
    cannot change once a model runs, so that it is never left to the cluster's default.
    """
    renamed = at_least(model.place.spec.components.kserve, "0.16")
    if is_knative(model):
        mode = "Knative" if renamed else "Serverless"
        scaler = {"autoscaling.knative.dev/class": "kpa.autoscaling.knative.dev"}
    else:
        mode = "Standard" if renamed else "RawDeployment"
        scaler = {"serving.kserve.io/autoscalerClass": "hpa" if scales else "none"}
    return {"serving.kserve.io/deploymentMode": mode, **scaler}


def _scales(serving: Serving) -> bool:
    """Whether any part has a number of replicas that changes; one class holds for all parts."""
    parts = (serving.scaling, serving.transformer, serving.explainer)
    return any(part is not None and part.min != part.max for part in parts)


def _predictor(model: ResolvedModel) -> dict[str, Any]:
    serving, knative = model.spec.serving, is_knative(model)
    return _given(
        {
            "serviceAccountName": service_account_name(model) if serving.identity else None,
            **_replicas(serving),
            "timeout": seconds(serving.timeout),
            "containerConcurrency": serving.max_concurrency if knative else None,
            "canaryTrafficPercent": new_percent(model) if knative and side_by_side(model) else None,
            "deploymentStrategy": None if knative else deployment_strategy(model.spec.rollout),
            "labels": pod_labels(model),
            **scheduling(model, serving.resources),
            "topologySpreadConstraints": zone_spread(model, predictor_selector(model)),
            "batcher": _batcher(serving),
            "logger": _logger(model),
            "model": _served_model(model),
        }
    )


def _logger(model: ResolvedModel) -> dict[str, str] | None:
    sink = model.spec.monitoring.payload_sink or model.spec.serving.logger
    return {"mode": sink.mode, "url": sink.url} if sink else None


def _replicas(serving: Serving) -> dict[str, Any]:
    """Bounds of the number of replicas, and what drives it where it can change."""
    scaling = serving.scaling
    bounds = {"minReplicas": scaling.min, "maxReplicas": scaling.max}
    if scaling.min == scaling.max:
        return bounds
    return {**bounds, "scaleMetric": scaling.metric, "scaleTarget": scaling.target}


def _batcher(serving: Serving) -> dict[str, int] | None:
    """Latency in milliseconds (``pkg/batcher/handler.go``); the CRD's ``timeout`` is read by nothing."""
    if serving.batcher is None:
        return None
    return {
        "maxBatchSize": serving.batcher.max_batch_size,
        "maxLatency": milliseconds(serving.batcher.max_latency),
    }


def _served_model(model: ResolvedModel) -> dict[str, Any]:
    """The model and its container, whose fields go over the runtime's own; arguments are added to the runtime's."""
    serving, release = model.spec.serving, model.spec.release
    runtime = runtime_of(serving) or Runtime("")
    ports = ports_of(serving, runtime, knative=is_knative(model))
    return _given(
        {
            "modelFormat": {"name": serving.format},
            "runtime": runtime.name,
            "protocolVersion": protocol_of(serving, runtime),
            "storageUri": storage_uri(model, release.artifact.uri),
            "image": image(model, release.image) if release.image else None,
            "args": list(serving.args),
            "env": environment(serving.env),
            "ports": [{"name": p.name, "containerPort": p.number, "protocol": "TCP"} for p in ports],
            "resources": _resources(model, serving.resources),
        }
    )


def _resources(model: ResolvedModel, resources: Resources) -> dict[str, Any]:
    asked = resource_requirements(model, resources)
    return {kind: {name: canonical(amount) for name, amount in asked[kind].items()} for kind in asked}


def _component(model: ResolvedModel, component: Component | None) -> dict[str, Any] | None:
    """A transformer or explainer. KServe adds the arguments that tell it the model's name and the predictor's host."""
    if component is None:
        return None
    container = {
        "name": "kserve-container",
        "image": image(model, component.image),
        **program(component),
        "env": environment(component.env),
        "resources": _resources(model, component.resources),
    }
    bounds = {"minReplicas": component.min, "maxReplicas": component.max}
    # Else KServe starts a second one beside it, for which the edge has no room.
    edge = model.spec.serving.mode == "edge"
    strategy = {"deploymentStrategy": deployment_strategy(model.spec.rollout)} if edge else {}
    return {**bounds, **strategy, **scheduling(model, component.resources), "containers": [_given(container)]}


def _given(fields: dict[str, Any]) -> dict[str, Any]:
    """The fields that say something: nothing empty is rendered, but 0 is."""
    return {name: value for name, value in fields.items() if value is not None and value not in ("", [], {})}
