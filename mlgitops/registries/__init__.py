"""Where training keeps its runs and models: read to write down lineage, and told which version an environment runs.

mlflow.py          one run of an MLflow server
registered.py      what a registry says of a version, and how one names it
mlflow_models.py   MLflow's model registry          kubeflow.py   Kubeflow's Model Registry
client.py          HTTP to a registry               content.py    the digest of a model's files
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from mlgitops.errors import RegistryError
from mlgitops.registries.registered import Reference, Registered

_VARIABLES = {
    "mlflow": ("MLFLOW_REGISTRY_URI", "MLFLOW_TRACKING_URI"),
    "kubeflow": ("MLGITOPS_MODEL_REGISTRY_URL",),
}
_DENIED = {
    "mlflow": "Set MLFLOW_TRACKING_TOKEN, or MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD.",
    "kubeflow": "Set MLGITOPS_MODEL_REGISTRY_TOKEN.",
}


class Registry(Protocol):
    """A model registry. Every method raises ``RegistryError``, and ``NotAuthorisedError`` where it says no."""

    def find(self, reference: Reference) -> Registered:
        """The version that is meant, with its run."""

    def alias(self, name: str, alias: str) -> str:
        """The version that has the alias; empty where none has."""

    def set_alias(self, reference: Reference, alias: str) -> None:
        """Gives the alias to a version; done twice, it is as done once."""

    def digest(self, found: Registered) -> str:
        """The digest of the version's files, computed; empty where the registry does not hand them out."""


def open_registry(kind: str, environment: Mapping[str, str]) -> Registry:
    """The registry of a kind, where the environment's variables say it is. Nothing is sent by opening.

    Raises ``RegistryError`` where they do not, or the address is not a plain one.
    """
    from mlgitops.registries.client import Client
    from mlgitops.registries.kubeflow import KubeflowModels
    from mlgitops.registries.mlflow import headers
    from mlgitops.registries.mlflow_models import MlflowModels

    variables = _VARIABLES[kind]
    server = next((found for name in variables if (found := environment.get(name, "").rstrip("/"))), "")
    if not server.startswith(("http://", "https://")):
        problem = "is not the address of a server" if server else "is not set"
        raise RegistryError(f"{variables[-1]} {problem}", help=f"Set {variables[-1]} to https://HOST.")
    if kind == "mlflow":
        return MlflowModels(Client("MLflow", server, headers(environment), environment, _DENIED[kind]))
    token = environment.get("MLGITOPS_MODEL_REGISTRY_TOKEN", "")
    authorised = {"Authorization": f"Bearer {token}"} if token else {}
    return KubeflowModels(Client("the Model Registry", server, authorised, environment, _DENIED[kind]))
