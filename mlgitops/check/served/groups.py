"""The API groups that are compiled into Kubernetes. Pure."""

from __future__ import annotations

BUILT_IN = frozenset(
    {
        "", "admissionregistration.k8s.io", "apiextensions.k8s.io", "apiregistration.k8s.io", "apps",
        "authentication.k8s.io", "authorization.k8s.io", "autoscaling", "batch", "certificates.k8s.io",
        "coordination.k8s.io", "discovery.k8s.io", "events.k8s.io", "extensions", "flowcontrol.apiserver.k8s.io",
        "internal.apiserver.k8s.io", "networking.k8s.io", "node.k8s.io", "policy", "rbac.authorization.k8s.io",
        "resource.k8s.io", "scheduling.k8s.io", "storage.k8s.io", "storagemigration.k8s.io",
    }
)  # fmt: skip
"""Those of Kubernetes 1.34, and ``extensions`` of old."""


def is_built_in(group: str) -> bool:
    """Whether the kinds of a group are compiled in, rather than defined by custom resource definitions."""
    return group in BUILT_IN
