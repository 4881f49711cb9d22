"""What is installed: the controller of one project, where it runs, and what it may do in which cluster. Frozen data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from mlgitops.manifest import MANAGED_BY, Manifest
from mlgitops.render.access import Rule
from mlgitops.tools.git_names import as_url

NAME = "mlgitops-controller"
"""What its objects are called."""
NAMESPACE = "mlgitops"
IMAGE = "registry.example.com/mlgitops@sha256:" + "0" * 64
"""Stands for an image that whoever installs it has built (see Containerfile); no registry has this digest."""
EVERY_POD = {"app.kubernetes.io/name": NAME}
"""A label of all pods that run mlgitops."""
SELECTOR = {**EVERY_POD, "app.kubernetes.io/component": "controller"}
"""The labels of the controller's own pods, and of no others."""
CLUSTER = "mlgitops.dev/cluster"
"""The label that says to which cluster a manifest belongs: ``hub``, or a target's name."""
HUB = "hub"

Mode = Literal["hub", "pull"]
Signature = Literal["ssh", "gpg"]
"""What can sign a commit: a key of SSH or of GnuPG."""
Rights = Mapping[str, Sequence[Rule]]
"""The rules by namespace."""


@dataclass(frozen=True)
class Cluster:
    """A cluster: the targets that are in it, their ``connection.kubernetes``, and what the controller may do there."""

    targets: Sequence[str]
    connection: Mapping[str, Any]
    rights: Rights

    @property
    def name(self) -> str:
        """What it is called here: as its first target."""
        return self.targets[0]

    @property
    def is_own(self) -> bool:
        """Whether the controller runs in it anyway, by the Target's own word."""
        return bool(self.connection.get("inCluster"))


@dataclass(frozen=True)
class Installation:
    """One controller.

    ``mode`` is ``hub`` for one that reaches all clusters from one of them, ``pull`` for one that runs in the only one
    of ``clusters``. ``repository`` is a URL, ``root`` the project's folder within it, ``schedule`` a cron expression
    that makes it a CronJob, ``environments`` and ``targets`` those that it looks after; all where they are empty.
    ``signed`` are the kinds of signatures that are asked for, of which each commit has one, since the commit
    ``trust_since`` if that is given. ``replicas`` is how many share the targets; where it is 0, one leads.
    ``state_size`` is the size of the volume that keeps its state (``2Gi``); where it is empty, that goes with its pod.
    ``git_networks`` and ``api_networks`` are where it may connect to, as CIDRs; anywhere where they are empty.
    """

    project: str
    repository: str
    branch: str
    mode: Mode
    clusters: Sequence[Cluster] = ()
    root: str = ""
    image: str = IMAGE
    namespace: str = NAMESPACE
    schedule: str = ""
    environments: Sequence[str] = ()
    targets: Sequence[str] = ()
    signed: Sequence[Signature] = ()
    trust_since: str = ""
    replicas: int = 0
    state_size: str = ""
    webhook: bool = False
    notifications: bool = False
    pull_requests: bool = False
    monitoring: bool = True
    git_networks: Sequence[str] = field(default=())
    api_networks: Sequence[str] = field(default=())

    @property
    def url(self) -> str:
        """The repository as a URL."""
        return as_url(self.repository)

    @property
    def place(self) -> str:
        """The cluster in which the controller itself runs."""
        return HUB if self.mode == "hub" else self.clusters[0].name


def labels(installation: Installation, component: str) -> dict[str, str]:
    """The labels of an object. None by which an inventory would know it: it is whoever installs it that owns it."""
    return {
        **EVERY_POD,
        "app.kubernetes.io/component": component,
        "app.kubernetes.io/part-of": installation.project,
        "app.kubernetes.io/managed-by": MANAGED_BY,
    }


def made(
    installation: Installation,
    api_version: str,
    kind: str,
    component: str,
    name: str = NAME,
    namespace: str | None = None,
    **content: Any,
) -> Manifest:
    """An object of the installation: in the controller's namespace, or in the one given, which may be none ("")."""
    where = installation.namespace if namespace is None else namespace
    metadata = {
        "name": name,
        **({"namespace": where} if where else {}),
        "labels": labels(installation, component),
    }
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata, **content}


def placed(manifest: Manifest, cluster: str) -> Manifest:
    """The manifest with the label that says to which cluster it belongs."""
    metadata = manifest["metadata"]
    return {**manifest, "metadata": {**metadata, "labels": {**metadata["labels"], CLUSTER: cluster}}}
