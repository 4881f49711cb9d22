"""Everything that runs the controller, in the order in which it can be applied. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from mlgitops.manifest import Manifest
from mlgitops.render.install import access, alerts, dashboard, network, pod, scraping, workload
from mlgitops.render.install.installation import Cluster, Installation, placed

Placed = tuple[str, Manifest]
"""A manifest with the cluster that it belongs to, which is also its label."""


def install(installation: Installation) -> Iterator[Placed]:
    """The controller itself, then what it may do in each cluster."""
    for manifest in controller(installation):
        yield installation.place, placed(manifest, installation.place)
    yield from rights(installation)


def rights(installation: Installation) -> Iterator[Placed]:
    """What the controller may do in each cluster; with its account, in a cluster where it does not run itself."""
    for cluster in installation.clusters:
        place = cluster.name if installation.mode == "hub" and not cluster.is_own else installation.place
        for manifest in (*_stranger(installation, cluster), *access.rights_at(installation, cluster)):
            yield place, placed(manifest, place)


def controller(installation: Installation) -> Iterator[Manifest]:
    """The controller's namespace, and all that is in it."""
    yield network.namespace(installation)
    yield access.account(installation)
    yield from access.own_rights(installation)
    yield network.policy(installation)
    yield pod.git_config(installation)
    if installation.mode == "pull" and pod.kubeconfig(installation):
        yield pod.own_kubeconfig(installation, installation.clusters[0].connection.get("context"))
    if installation.schedule:
        if installation.state_size:
            yield workload.volume_claim(installation)
        yield workload.cron_job(installation)
    else:
        yield from _running(installation)


def _running(installation: Installation) -> Iterator[Manifest]:
    """What always runs, and what is there because it does: somebody to ask."""
    keeps = bool(installation.replicas or installation.state_size)
    yield workload.stateful_set(installation) if keeps else workload.deployment(installation)
    yield workload.disruption_budget(installation)
    if installation.webhook:
        yield workload.service(installation)
    if installation.monitoring:
        yield scraping.pod_monitor(installation)
        yield alerts.prometheus_rule(installation)
        yield dashboard.config_map(installation)


def _stranger(installation: Installation, cluster: Cluster) -> Iterator[Manifest]:
    """The account as which the hub comes, unless it comes as somebody else."""
    if installation.mode == "hub" and not cluster.is_own and not cluster.connection.get("impersonate"):
        yield network.namespace(installation)
        yield access.account(installation)
