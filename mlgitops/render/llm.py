"""Serving of a large language model: KServe's LLMInferenceService, and the account that it reads with. Pure.

One pod a replica. KServe merges its preset for one node beneath what is said here (``config/llmisvcconfig`` of KServe
v0.16.0 and v0.17.0): the container ``main`` runs vLLM on port 8000, from an image for CUDA unless another is named.
"""

from __future__ import annotations

from typing import Any

from mlgitops.check.llm import SECOND_API
from mlgitops.manifest import Manifest
from mlgitops.render.container import (
    environment,
    image,
    node_sources,
    resource_requirements,
    resource_sources,
    scheduling,
)
from mlgitops.render.metadata import object_metadata
from mlgitops.render.replicas import pod_labels, zone_spread
from mlgitops.render.service_account import SOURCES as ACCOUNT_SOURCES
from mlgitops.render.service_account import service_account, service_account_name
from mlgitops.render.storage import storage_uri
from mlgitops.spec.llm import Llm, Parallelism, Router
from mlgitops.spec.resolved import ResolvedModel
from mlgitops.spec.versions import at_least

CONTAINER = "main"
"""The container of KServe's preset that serves."""
PORT = 8000

SOURCES = {
    **ACCOUNT_SOURCES,
    "LLMInferenceService": {
        "metadata.labels": "release.version",
        "metadata.annotations": "release",
        "spec": "serving",
        "spec.model.uri": "release.artifact.uri",
        "spec.model.name": "serving.llm.name",
        "spec.replicas": "serving.scaling.min",
        "spec.labels": "release.version",
        "spec.parallelism": "serving.llm.parallelism",
        "spec.parallelism.tensor": "serving.llm.parallelism.tensor",
        "spec.parallelism.pipeline": "serving.llm.parallelism.pipeline",
        "spec.parallelism.data": "serving.llm.parallelism.data",
        "spec.parallelism.dataLocal": "serving.llm.parallelism.data",
        "spec.parallelism.expert": "serving.llm.parallelism.expert",
        "spec.router": "serving.llm.router",
        "spec.router.gateway": "serving.llm.router.gateway",
        "spec.router.scheduler": "serving.llm.router.scheduler",
        "spec.template.serviceAccountName": "serving.identity",
        **node_sources("spec.template", "serving.resources"),
        "spec.template.topologySpreadConstraints": "serving.spreadZones",
        "spec.template.containers.image": "release.image",
        "spec.template.containers.args": "serving.args",
        "spec.template.containers.env": "serving.env.[]",
        **resource_sources("spec.template.containers.resources", "serving.resources"),
    },
}


def render(model: ResolvedModel) -> list[Manifest]:
    """The service account, where an identity is named, and the LLMInferenceService.

    Raises ``KeyError`` for names that the Target does not have and ``StorageUriError`` for an artifact that cannot be
    read; ``check`` has refused both before.
    """
    account = service_account(model, model.spec.serving.identity)
    return [*([account] if account else []), _llm_inference_service(model, model.spec.serving.llm or Llm())]


def _llm_inference_service(model: ResolvedModel, llm: Llm) -> Manifest:
    second = _is_second_api(model)
    spec = {
        "model": {"uri": storage_uri(model, model.spec.release.artifact.uri), "name": _served_name(model, llm)},
        "replicas": model.spec.serving.scaling.min,
        **({"labels": pod_labels(model)} if second else {}),
        **_parallelism(llm.parallelism),
        **({"router": _router(llm.router)} if llm.router is not None else {}),
        "template": _pod(model, llm),
    }
    return {
        "apiVersion": f"serving.kserve.io/{'v1alpha2' if second else 'v1alpha1'}",
        "kind": "LLMInferenceService",
        "metadata": object_metadata(model),
        "spec": spec,
    }


def _is_second_api(model: ResolvedModel) -> bool:
    return at_least(model.place.spec.components.kserve, SECOND_API)


def _served_name(model: ResolvedModel, llm: Llm) -> str:
    return llm.name or model.name


def _parallelism(parallelism: Parallelism) -> dict[str, Any]:
    """The block, where there is more than one of anything. All of ``data`` is local: a replica is one pod."""
    data = {"data": parallelism.data, "dataLocal": parallelism.data} if parallelism.data > 1 else {}
    asked = {
        **({"tensor": parallelism.tensor} if parallelism.tensor > 1 else {}),
        **({"pipeline": parallelism.pipeline} if parallelism.pipeline > 1 else {}),
        **data,
        **({"expert": True} if parallelism.expert else {}),
    }
    return {"parallelism": asked} if asked else {}


def _router(router: Router) -> dict[str, Any]:
    """Empty blocks are KServe's way of saying that it shall make the thing."""
    gateway = router.gateway
    refs = [{"name": gateway.name, "namespace": gateway.namespace}] if gateway else []
    return {
        "route": {},
        **({"gateway": {"refs": refs}} if refs else {}),
        **({"scheduler": {}} if router.scheduler else {}),
    }


def _pod(model: ResolvedModel, llm: Llm) -> dict[str, Any]:
    serving = model.spec.serving
    spread = zone_spread(model, _selector(model))
    return {
        **({"serviceAccountName": service_account_name(model)} if serving.identity else {}),
        **scheduling(model, serving.resources),
        **({"topologySpreadConstraints": spread} if spread else {}),
        "containers": [_container(model, llm)],
    }


def _selector(model: ResolvedModel) -> dict[str, str]:
    """KServe's labels on the pods that serve (``singleNodeLabels``)."""
    return {"app.kubernetes.io/name": model.name, "app.kubernetes.io/component": "llminferenceservice-workload"}


def _container(model: ResolvedModel, llm: Llm) -> dict[str, Any]:
    serving, own_image = model.spec.serving, model.spec.release.image
    arguments, variables = _arguments(model, llm), environment(serving.env)
    return {
        "name": CONTAINER,
        **({"image": image(model, own_image)} if own_image else {}),
        **({"args": arguments} if arguments else {}),
        **({"env": variables} if variables else {}),
        "resources": resource_requirements(model, serving.resources),
    }


def _arguments(model: ResolvedModel, llm: Llm) -> list[str]:
    """The arguments of vLLM. The preset for one node reads nothing of ``parallelism``, so that they say it too.

    In v0.16 the preset itself has arguments, which ours replace: the name and the port are given again.
    """
    ours = [*_parallel_flags(llm.parallelism), *model.spec.serving.args]
    if not ours or _is_second_api(model):
        return ours
    return ["--served-model-name", _served_name(model, llm), "--port", str(PORT), *ours]


def _parallel_flags(parallelism: Parallelism) -> list[str]:
    sizes = {name: getattr(parallelism, name) for name in ("tensor", "pipeline", "data")}
    flags = [f"--{name}-parallel-size={size}" for name, size in sizes.items() if size > 1]
    return [*flags, *(["--enable-expert-parallel"] if parallelism.expert else [])]
