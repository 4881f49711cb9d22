from __future__ import annotations

from collections.abc import Iterator

import pytest

from mlgitops.errors import NotAuthorisedError, RegistryError
from mlgitops.registries import Registry, open_registry
from mlgitops.registries.registered import refer
from tests.fakes.kubeflow import FakeKubeflow

ONE = "kubeflow:models:/flowers/1"


@pytest.fixture
def server() -> Iterator[FakeKubeflow]:
    with FakeKubeflow() as running:
        yield running


@pytest.fixture
def registry(server: FakeKubeflow) -> Registry:
    return open_registry("kubeflow", {"MLGITOPS_MODEL_REGISTRY_URL": f"{server.url}/"})


def test_an_alias_leaves_other_properties_as_they_are(server: FakeKubeflow, registry: Registry) -> None:
    registry.set_alias(refer(ONE), "prod")
    assert server.model["customProperties"]["team"]["string_value"] == "shop"
    assert server.model["customProperties"]["mlgitops.alias.prod"]["string_value"] == "1"


def test_a_version_that_is_archived_is_refused(server: FakeKubeflow, registry: Registry) -> None:
    server.version["state"] = "ARCHIVED"
    with pytest.raises(RegistryError, match="is not live: its state is ARCHIVED"):
        registry.find(refer(ONE))


def test_a_version_of_two_models_is_refused(server: FakeKubeflow, registry: Registry) -> None:
    server.artifacts.append(server.artifacts[0])
    with pytest.raises(RegistryError, match="has 2 model artifacts"):
        registry.find(refer(ONE))


def test_a_wrong_token_is_told_without_being_shown(server: FakeKubeflow) -> None:
    server.authorization = "Bearer right"
    settings = {"MLGITOPS_MODEL_REGISTRY_URL": server.url, "MLGITOPS_MODEL_REGISTRY_TOKEN": "canary-8"}
    with pytest.raises(NotAuthorisedError, match="says no \\(401\\)") as refused:
        open_registry("kubeflow", settings).find(refer(ONE))
    assert refused.value.help == "Set MLGITOPS_MODEL_REGISTRY_TOKEN."
    assert "canary" not in str(refused.value)
