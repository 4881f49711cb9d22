"""Which kinds a cluster serves, and where: one request for the core group, one for all others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mlgitops.errors import TargetError
from mlgitops.manifest import Identity
from mlgitops.targets.kubernetes.client import Client
from mlgitops.targets.kubernetes.lazy import lazy

_ACCEPT = ",".join(
    [f"application/json;g=apidiscovery.k8s.io;v={v};as=APIGroupDiscoveryList" for v in ("v2", "v2beta1")]
)


@dataclass(frozen=True, slots=True)
class Resource:
    """One kind in one version: its path, whether its objects are in namespaces, and what can be done with them."""

    group: str
    version: str
    kind: str
    plural: str
    namespaced: bool
    verbs: frozenset[str]

    @property
    def api_version(self) -> str:
        """As manifests write it: ``apps/v1``, or ``v1`` for the core group."""
        return f"{self.group}/{self.version}" if self.group else self.version

    def collection(self, namespace: str = "") -> str:
        """The path of all objects, or of those in a namespace."""
        root = f"/apis/{self.group}/{self.version}" if self.group else f"/api/{self.version}"
        within = f"/namespaces/{namespace}" if self.namespaced and namespace else ""
        return f"{root}{within}/{self.plural}"

    def path(self, one: Identity) -> str:
        """The path of one object. Raises ``TargetError`` where it lacks a namespace, or has one and must not."""
        if self.namespaced != bool(one.namespace):
            wrong = "needs a namespace" if self.namespaced else "belongs to no namespace"
            raise TargetError(f"{one.kind}/{one.name} {wrong}", help="Correct metadata.namespace in the overlay.")
        return f"{self.collection(one.namespace)}/{one.name}"


class Discovery:
    """What a cluster serves, asked for once."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def find(self, group: str, kind: str, version: str = "") -> Resource | None:
        """The resource of a kind, in the version that the API prefers unless one is given; None if it is not served."""
        versions = self._resources.get((group, kind), {})
        return versions.get(version) if version else next(iter(versions.values()), None)

    def of(self, manifest: Mapping[str, Any]) -> Resource:
        """The resource of a manifest. Raises ``TargetError`` where the cluster does not serve it."""
        group, _, version = manifest["apiVersion"].rpartition("/")
        found = self.find(group, manifest["kind"], version)
        if found is None:
            raise TargetError(
                f"the cluster does not serve {manifest['kind']} in {manifest['apiVersion']}",
                help="Install the component that defines it, or correct the target's components.",
            )
        return found

    def everything(self) -> Iterable[Resource]:
        """Every kind that can be listed and deleted, in its preferred version."""
        firsts = (next(iter(versions.values())) for versions in self._resources.values())
        return [resource for resource in firsts if {"list", "delete"} <= resource.verbs]

    def forget(self) -> None:
        """Asks anew next time, as after a CustomResourceDefinition was written."""
        self.__dict__.pop("_resources", None)

    @lazy
    def _resources(self) -> dict[tuple[str, str], dict[str, Resource]]:
        """By group and kind, and by version in the API's order of preference."""
        found: dict[tuple[str, str], dict[str, Resource]] = {}
        for root in ("/api", "/apis"):
            for resource in _read(self._client.get(root, accept=_ACCEPT)):
                found.setdefault((resource.group, resource.kind), {}).setdefault(resource.version, resource)
        return found


def _read(answer: Mapping[str, Any]) -> Iterator[Resource]:
    if answer.get("kind") != "APIGroupDiscoveryList":
        raise TargetError("the cluster is too old: it has no aggregated discovery", help="Kubernetes 1.27 or newer.")
    for group in answer["items"]:
        for version in group.get("versions") or ():
            for entry in version.get("resources") or ():
                kind = (entry.get("responseKind") or {}).get("kind")
                if kind:
                    yield Resource(
                        group["metadata"].get("name", ""), version["version"], kind, entry["resource"],
                        entry["scope"] == "Namespaced", frozenset(entry.get("verbs") or ()),
                    )  # fmt: skip
