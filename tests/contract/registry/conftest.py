"""Every kind of model registry with flowers, version 1, called candidate: a real MLflow, a fake of Kubeflow's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from mlgitops.registries import Registry, open_registry
from tests.fakes.kubeflow import FakeKubeflow
from tests.testbed.mlflow.fixtures import mlflow_server
from tests.testbed.mlflow.server import MlflowServer

__all__ = ["mlflow_server"]


@pytest.fixture(scope="module")
def real(mlflow_server: MlflowServer) -> Registry:
    """MLflow's."""
    mlflow_server.register("flowers", "candidate")
    return open_registry("mlflow", {"MLFLOW_TRACKING_URI": mlflow_server.url})


@pytest.fixture(params=[pytest.param("mlflow", marks=[pytest.mark.mlflow, pytest.mark.slow]), "kubeflow"])
def kind(request: pytest.FixtureRequest) -> str:
    """How references begin."""
    return str(request.param)


@pytest.fixture
def registry(kind: str, request: pytest.FixtureRequest) -> Iterator[Registry]:
    """One of each kind."""
    if kind == "mlflow":
        found: Any = request.getfixturevalue("real")
        yield found
        return
    with FakeKubeflow() as server:
        server.authorization = "Bearer canary-8"
        settings = {"MLGITOPS_MODEL_REGISTRY_URL": server.url, "MLGITOPS_MODEL_REGISTRY_TOKEN": "canary-8"}
        yield open_registry("kubeflow", settings)
