"""What an object of a cluster comes to as a spec, and its text. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from mlgitops.compile.notes import is_empty
from mlgitops.spec.formatting.written import formatted
from mlgitops.targets.manifest_yaml import dump_as_given

_FOLDERS = {"Model": "models", "Pipeline": "pipelines"}
_NOT_OURS = ("app.kubernetes.io/", "mlgitops.dev/")
_OF_TOOLS = ("kubectl.kubernetes.io/", "argocd.argoproj.io/", "kustomize.toolkit.fluxcd.io/", "helm.toolkit.fluxcd.io/",
             "meta.helm.sh/", "serving.kserve.io/", "autoscaling.knative.dev/", "kueue.x-k8s.io/")  # fmt: skip


@dataclass(frozen=True)
class Spec:
    """A Model or a Pipeline: its name, its spec as JSON data, and labels and annotations."""

    kind: Literal["Model", "Pipeline"]
    name: str
    spec: Mapping[str, Any]
    metadata: Mapping[str, Any]

    def path(self, environment: str) -> str:
        """Where its file is, within the project."""
        return f"environments/{environment}/{_FOLDERS[self.kind]}/{self.name}.yaml"

    def text(self, source: str, targets: Collection[str]) -> bytes:
        """The file; ``source`` is what it was imported from, ``targets`` are for spec.targets."""
        document = {
            "apiVersion": "mlgitops.dev/v1alpha1",
            "kind": self.kind,
            "metadata": {"name": self.name, **given(self.metadata)},
            "spec": {**({"targets": list(targets)} if targets else {}), **given(self.spec)},
        }
        text = (
            f"# yaml-language-server: $schema=../../../schemas/{self.kind.lower()}.json\n"
            f"# Imported by `mlgitops import` from {source}\n{dump_as_given(document)}"
        )
        return formatted("imported.yaml", text.encode())


def given(data: Mapping[str, Any]) -> dict[str, Any]:
    """What says something, at every level of mappings."""
    inner = {key: given(value) if isinstance(value, Mapping) else value for key, value in data.items()}
    return {key: value for key, value in inner.items() if not is_empty(value)}


def metadata_of(data: Mapping[str, Any]) -> dict[str, Any]:
    """Labels and annotations of the user's own: neither ours nor those by which tools know their objects."""
    metadata = data.get("metadata") or {}
    return {
        field: {key: value for key, value in (metadata.get(field) or {}).items() if is_users(key)}
        for field in ("labels", "annotations")
    }


def is_users(key: str) -> bool:
    """Whether a label or annotation is the user's own."""
    return not key.startswith((*_NOT_OURS, *_OF_TOOLS))


def variables(container: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Environment variables as a spec has them; a source that it has no word for stays without a value."""
    made: list[dict[str, Any]] = []
    for one in container.get("env") or ():
        secret = (one.get("valueFrom") or {}).get("secretKeyRef")
        value: dict[str, Any] = {"value": str(one.get("value") or "")}
        if secret:
            value = {"fromSecret": {"secret": secret.get("name"), "key": secret.get("key")}}
        made.append({"name": one.get("name"), **value})
    return made
