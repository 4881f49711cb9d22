"""What Prometheus is asked about the pods of a namespace, and which pods are a model's. Pure.

Sources: the metrics of cAdvisor (Kubernetes, "Metrics For Kubernetes System Components") and of NVIDIA's DCGM exporter,
whose namespace and pod Prometheus renames to ``exported_…`` where it keeps its own; KServe v0.17 for the names of pods.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from mlgitops.capacity.utilisation import Asks

PODS = "container_cpu_usage_seconds_total"
_CONTAINERS = {"InferenceService": "kserve-container", "LLMInferenceService": "main", "Deployment": "consumer"}
_ENDS = {
    "InferenceService": r"-predictor-.+",
    "LLMInferenceService": r"-kserve-.+",
    "Deployment": r"-[a-z0-9]{1,10}-[a-z0-9]{5}",
}
ONLINE = {"realtime": "InferenceService", "edge": "InferenceService", "llm": "LLMInferenceService"} | {
    "streaming": "Deployment"
}
"""The kind of what serves all the time, by the mode of serving."""


class Queries(NamedTuple):
    """By container and pod: cores, 95% of the time at most; bytes, at most; by pod the mean share of accelerators."""

    cpu: str
    memory: str
    accelerator: str


class Watched(NamedTuple):
    """One model at a target: what it asks for, its fewest replicas, and its pods and container."""

    model: str
    asks: Asks
    replicas: int
    pods: re.Pattern[str]
    container: str


def queries(namespace: str, window: str) -> Queries:
    """The queries about a namespace (a name of Kubernetes') over a window (a duration of Prometheus')."""
    containers = "|".join(sorted(set(_CONTAINERS.values())))
    of = f'{{namespace="{namespace}",container=~"{containers}"}}'
    gpu = 'avg_over_time(DCGM_FI_DEV_GPU_UTIL{{{}namespace="{}"}}[{}])'
    own, renamed = gpu.format("", namespace, window), gpu.format("exported_", namespace, window)
    told = f'label_replace({renamed}, "pod", "$1", "exported_pod", "(.+)")'
    return Queries(
        f"max by (pod, container) (quantile_over_time(0.95, rate({PODS}{of}[5m])[{window}:5m]))",
        f"max by (pod, container) (max_over_time(container_memory_working_set_bytes{of}[{window}]))",
        f"avg by (pod) ({told} or {own}) / 100",
    )


def watched(model: str, kind: str, asks: Asks, replicas: int) -> Watched:
    """The pods of a model that is served by an object of ``kind``, its canary's too."""
    return Watched(model, asks, replicas, re.compile(rf"{re.escape(model)}(-canary)?{_ENDS[kind]}"), _CONTAINERS[kind])
