"""Kubeflow's Model Registry by its REST API (v1alpha3).

It knows no aliases: they are kept as custom properties of the registered model, ``mlgitops.alias.NAME``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mlgitops.errors import RegistryError
from mlgitops.registries.client import Client, StatusError
from mlgitops.registries.reading import rfc3339, rows
from mlgitops.registries.registered import Reference, Registered

API = "api/model_registry/v1alpha3"
ALIAS = "mlgitops.alias."
PAGES = 50
_VALUES = ("string_value", "int_value", "double_value", "bool_value")


@dataclass(frozen=True)
class KubeflowModels:
    """One Model Registry."""

    client: Client

    def find(self, reference: Reference) -> Registered:
        """The version, its model artifact, metrics and parameters. Raises ``RegistryError``."""
        model = self._model(reference.name)
        version = reference.version or _properties(model).get(ALIAS + reference.alias, "")
        if not version:
            raise RegistryError(
                f"{reference} is not there: no version has that alias",
                help="Set the alias there, or name a version: kubeflow:models:/NAME/VERSION.",
            )
        exact = Reference("kubeflow", reference.name, version=version)
        query = {"name": version, "parentResourceId": str(model.get("id"))}
        found = self.client.data(f"{API}/model_version", f"find {exact}", query)
        if found.get("state", "LIVE") != "LIVE":
            raise RegistryError(
                f"{exact} is not live: its state is {found.get('state')}",
                help="Name a version that is live, or make this one live there.",
            )
        artifacts = list(self._artifacts(str(found.get("id")), f"read the artifacts of {exact}"))
        models = [one for one in artifacts if one.get("artifactType") == "model-artifact"]
        if len(models) != 1:
            raise RegistryError(
                f"{exact} has {len(models)} model artifacts, and not one", help="Register one artifact a version."
            )
        return _registered(exact, found, models[0], artifacts)

    def alias(self, name: str, alias: str) -> str:
        """The version that has the alias; empty where none has."""
        try:
            return _properties(self._model(name)).get(ALIAS + alias, "")
        except StatusError as error:
            if error.status == 404:
                return ""
            raise

    def set_alias(self, reference: Reference, alias: str) -> None:
        """Gives the alias to a version, and takes it from any other; other properties stay as they are."""
        model = self._model(reference.name)
        value = {"metadataType": "MetadataStringValue", "string_value": reference.version}
        properties = {**(model.get("customProperties") or {}), ALIAS + alias: value}
        path, what = f"{API}/registered_models/{model.get('id')}", f"call {reference} {alias}"
        self.client.send("PATCH", path, what, {"customProperties": properties})

    def digest(self, found: Registered) -> str:
        """Empty: this registry hands out no files."""
        return ""

    def _model(self, name: str) -> Mapping[str, Any]:
        return self.client.data(f"{API}/registered_model", f"find the model {name}", {"name": name})

    def _artifacts(self, version: str, what: str) -> Iterator[Mapping[str, Any]]:
        query = {"pageSize": "100"}
        for _ in range(PAGES):
            page = self.client.data(f"{API}/model_versions/{version}/artifacts", what, query)
            yield from rows(page.get("items"))
            if not (following := page.get("nextPageToken")):
                return
            query = {"pageSize": "100", "nextPageToken": str(following)}
        raise RegistryError(
            f"could not {what}: there are more than {PAGES} pages of them", help="Register one artifact a version."
        )


def _registered(
    exact: Reference, version: Mapping[str, Any], model: Mapping[str, Any], artifacts: list[Mapping[str, Any]]
) -> Registered:
    tags = {**_properties(version), **_properties(model)}
    run = str(model.get("modelSourceId") or "")
    return Registered(
        reference=exact, uri=str(model.get("uri") or ""), created_at=rfc3339(version.get("createTimeSinceEpoch")),
        run_id=run, run=run, trained_at=rfc3339(model.get("createTimeSinceEpoch")), tags=tags,
        metrics={str(one.get("name")): one.get("value", 0) for one in _of(artifacts, "metric")},
        parameters={str(one.get("name")): str(one.get("value") or "") for one in _of(artifacts, "parameter")},
        datasets={str(one.get("name")): str(one["digest"]) for one in _of(artifacts, "dataset-artifact")
                  if one.get("digest")},
        framework=(str(model.get("modelFormatName") or ""), str(model.get("modelFormatVersion") or "")),
    )  # fmt: skip


def _of(artifacts: list[Mapping[str, Any]], kind: str) -> list[Mapping[str, Any]]:
    return [one for one in artifacts if one.get("artifactType") == kind]


def _properties(item: Mapping[str, Any]) -> dict[str, str]:
    """Custom properties as texts; those that hold no plain value are left out."""
    given = item.get("customProperties")
    values = given.items() if isinstance(given, Mapping) else ()
    found = ((name, next((value[key] for key in _VALUES if key in value), None)) for name, value in values)
    return {name: str(value) for name, value in found if value is not None}
