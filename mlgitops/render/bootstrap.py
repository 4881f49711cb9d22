"""What makes Argo CD or Flux sync the branches that ``git`` targets write. Pure.

Written once for each cluster and applied there by whoever owns the engine: mlgitops owns the branch, the engine owns
what it makes of it in the cluster.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from mlgitops.manifest import MANAGED_BY, Manifest
from mlgitops.tools.git_names import as_url

ARGOCD_NAMESPACE = "argocd"
FLUX_NAMESPACE = "flux-system"
_INTERVAL = "1m"  # how often Flux looks for a new commit
_REPAIR = "10m"  # how often it undoes what was changed in the cluster
_RETRY = "2m"
_TIMEOUT = "10m"  # a model of some gigabytes is loaded before its server is ready

# Kueue holds back these kinds by a field that no rendered manifest has; undoing that would start what has no quota.
_SUSPENDED_BY_KUEUE = {
    "TrainJob": ("trainer.kubeflow.org", "/spec/suspend"),
    **dict.fromkeys(("PyTorchJob", "TFJob", "XGBoostJob"), ("kubeflow.org", "/spec/runPolicy/suspend")),
}


@dataclass(frozen=True, slots=True)
class DeployBranch:
    """A folder of a branch that a target is synced from. ``kinds`` and ``namespaces`` are those of its manifests."""

    project: str
    environment: str
    target: str
    repository: str
    branch: str
    folder: str
    kinds: frozenset[str] = frozenset()
    namespaces: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        """What the engine's objects are called."""
        return f"{self.environment}-{self.target}"


def argocd(branch: DeployBranch) -> list[Manifest]:
    """The Application of a target. It goes to the cluster that Argo CD knows by the target's name.

    Deleting the Application leaves the models running, since it has no finalizer. Differences are taken from the API
    server's own dry run, so that what webhooks and defaults add is none.
    """
    destination = {"name": branch.target}
    if len(branch.namespaces) == 1:
        destination["namespace"] = next(iter(branch.namespaces))
    spec: dict[str, Any] = {
        "project": "default",
        "source": {
            "repoURL": branch.repository,
            "targetRevision": branch.branch,
            "path": branch.folder or ".",
            "directory": {"recurse": True},
        },
        "destination": destination,
        "syncPolicy": {
            "automated": {"prune": True, "selfHeal": True},
            "syncOptions": ["ServerSideApply=true", "RespectIgnoreDifferences=true"],
        },
    }
    ignored = [
        {"group": group, "kind": kind, "jsonPointers": [field]}
        for kind, (group, field) in sorted(_SUSPENDED_BY_KUEUE.items())
        if kind in branch.kinds
    ]
    if ignored:
        spec["ignoreDifferences"] = ignored
    annotations = {"argocd.argoproj.io/compare-options": "ServerSideDiff=true"}
    metadata = {**_metadata(branch, ARGOCD_NAMESPACE), "annotations": annotations}
    return [{"apiVersion": "argoproj.io/v1alpha1", "kind": "Application", "metadata": metadata, "spec": spec}]


def flux(branch: DeployBranch) -> list[Manifest]:
    """The GitRepository and the Kustomization of a target, for the Flux that runs in the target's own cluster."""
    repository = {
        "apiVersion": "source.toolkit.fluxcd.io/v1",
        "kind": "GitRepository",
        "metadata": _metadata(branch, FLUX_NAMESPACE),
        "spec": {"interval": _INTERVAL, "url": as_url(branch.repository), "ref": {"branch": branch.branch}},
    }
    kustomization = {
        "apiVersion": "kustomize.toolkit.fluxcd.io/v1",
        "kind": "Kustomization",
        "metadata": _metadata(branch, FLUX_NAMESPACE),
        "spec": {
            "interval": _REPAIR,
            "retryInterval": _RETRY,
            "timeout": _TIMEOUT,
            "prune": True,
            "wait": True,
            "path": f"./{branch.folder}",
            "sourceRef": {"kind": "GitRepository", "name": branch.name},
        },
    }
    return [repository, kustomization]


ENGINES: Mapping[str, Callable[[DeployBranch], list[Manifest]]] = {"argocd": argocd, "flux": flux}
"""What renders a branch for an engine, by the engine's name."""


def _metadata(branch: DeployBranch, namespace: str) -> dict[str, Any]:
    """Without our own labels: these objects are not part of any inventory."""
    labels = {"app.kubernetes.io/managed-by": MANAGED_BY, "app.kubernetes.io/part-of": branch.project}
    return {"name": branch.name, "namespace": namespace, "labels": labels}
