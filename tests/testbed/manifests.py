"""Small objects for tests to make."""

from __future__ import annotations

from typing import Any


def config_map(namespace: str, name: str = "example", **metadata: Any) -> dict[str, Any]:
    """A ConfigMap that holds nothing."""
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"namespace": namespace, "name": name, **metadata}}


def inference_service(namespace: str, name: str = "example", **model: Any) -> dict[str, Any]:
    """The smallest InferenceService that KServe takes, with more fields for its model."""
    return {
        "apiVersion": "serving.kserve.io/v1beta1",
        "kind": "InferenceService",
        "metadata": {"namespace": namespace, "name": name},
        "spec": {"predictor": {"model": {"modelFormat": {"name": "sklearn"}, **model}}},
    }
