"""What differs between clouds: identity of pods, nodes with accelerators, spot nodes. One module a cloud. Pure.

A module is a cloud when it has the functions of ``CloudModule``; each says beside itself where its facts come from.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Protocol

from mlgitops.render.clouds import aws, azure, gcp, onprem


class CloudModule(Protocol):
    """The facts of one cloud that manifests need."""

    def service_account_annotations(self, principal: str) -> dict[str, str]:
        """Annotations of the ServiceAccount that bind it to the cloud's identity ``principal``."""

    def service_account_secrets(self, principal: str) -> list[str]:
        """Names of the Secrets with the credentials, where the cloud has no identities for pods."""

    def pod_labels(self) -> dict[str, str]:
        """Labels that pods need for the identity to work."""

    def accelerator_node_selector(self, name: str, resource: str) -> dict[str, str]:
        """Labels of the nodes that have the accelerator class ``name``; empty where no label is sure."""

    def accelerator_tolerations(self, resource: str) -> list[dict[str, Any]]:
        """Taints that such nodes usually have, as Kubernetes tolerations."""

    def spot_node_selector(self) -> dict[str, str]:
        """The label of nodes that are taken back at short notice; empty where there are none that all clusters have."""

    def spot_tolerations(self) -> list[dict[str, Any]]:
        """Taints that the cloud puts on such nodes, or tells to put there."""


_CLOUDS: Mapping[str, CloudModule] = MappingProxyType({"aws": aws, "gcp": gcp, "azure": azure, "onprem": onprem})


SPOT_LABELS = frozenset(label for module in _CLOUDS.values() for label in module.spot_node_selector())
"""The labels by which all clouds know their spot nodes."""


def of(cloud: str) -> CloudModule:
    """The module of a Target's cloud. Raises ``KeyError`` for a cloud that is not one of the Target's."""
    return _CLOUDS[cloud]
