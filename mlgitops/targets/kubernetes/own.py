"""Clusters beside the targets: the one that this process belongs to, and any that the kubeconfig has a context for."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path

from mlgitops.targets.kubernetes import configuration
from mlgitops.targets.kubernetes.client import Client

_TOKEN = Path("/var/run/secrets/kubernetes.io/serviceaccount/token")


def own_cluster() -> Client:
    """The one that its pod runs in, or else the current context's. Raises ``TargetError``, ``NotAuthorisedError``."""
    in_pod = bool(os.environ.get("KUBERNETES_SERVICE_HOST")) and _TOKEN.exists()
    return Client(partial(configuration.load, {"inCluster": True} if in_pod else {}, Path.home()))


def cluster_of(context: str) -> Client:
    """The cluster of a context, empty for the current one. Raises ``TargetError`` and ``NotAuthorisedError``."""
    return Client(partial(configuration.load, {"context": context} if context else {}, Path.home()))
