"""Renders what installs the controller in clusters: itself, and the rights that its environments take. Reads only."""

from __future__ import annotations

import ipaddress
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mlgitops.check.served.schemas import Schemas, schemas_of
from mlgitops.errors import MlgitopsError
from mlgitops.plan.asked import Asked
from mlgitops.plan.selection import Selection
from mlgitops.render.install import install as manifests
from mlgitops.render.install.install import Placed
from mlgitops.render.install.installation import IMAGE, NAMESPACE, Cluster, Installation, Mode, Signature
from mlgitops.render.install.resources import Find, Resource, known
from mlgitops.render.install.rights import Held, rights
from mlgitops.render.rendering import Rendering, TargetRendering
from mlgitops.sources.mirror_directory import COMMIT
from mlgitops.spec.cron import problem
from mlgitops.targets.git.location import ORIGIN
from mlgitops.tools.git import in_repository
from mlgitops.tools.git_names import PLAIN_PATH, git_branch, git_repository, is_url
from mlgitops.tools.git_refs import address_of
from mlgitops.workflows.project import Opened
from mlgitops.workflows.promotion.base import prefix_of

_PINNED = re.compile(r"[a-z0-9][a-z0-9._:/-]*@sha256:[0-9a-f]{64}")
_SIZE = re.compile(r"[1-9][0-9]*(Mi|Gi|Ti|M|G|T)")
_NAMESPACE = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


@dataclass(frozen=True)
class Wishes:
    """What is asked of an installation. ``repository`` is where the project was cloned from, unless it is given."""

    mode: Mode = "pull"
    schedule: str = ""
    image: str = IMAGE
    repository: str = ""
    branch: str = "main"
    namespace: str = NAMESPACE
    signed: Sequence[Signature] = ()
    trust_since: str = ""
    replicas: int = 0
    state_size: str = ""
    webhook: bool = False
    notifications: bool = False
    pull_requests: bool = False
    monitoring: bool = True
    rights_only: bool = False
    git_networks: Sequence[str] = ()
    api_networks: Sequence[str] = ()


def install(opened: Opened, renderings: Sequence[Rendering], asked: Asked, wishes: Wishes) -> Iterator[Placed]:
    """The manifests, each with the cluster that it is for. Raises ``MlgitopsError`` for what cannot be installed."""
    installation = installation_of(opened, renderings, asked, wishes)
    return manifests.rights(installation) if wishes.rights_only else manifests.install(installation)


def installation_of(opened: Opened, renderings: Sequence[Rendering], asked: Asked, wishes: Wishes) -> Installation:
    """The installation that is meant. Raises ``MlgitopsError``."""
    _refuse(wishes)
    selection = Selection.of(renderings, asked)
    clusters = _clusters(opened, renderings, selection)
    if not (clusters or (wishes.mode == "hub" and _has_branches(renderings, selection))):
        raise MlgitopsError(
            "none of these targets is a cluster", help="Set connection.kubernetes in a Target, or choose another one."
        )
    _refuse_clusters(clusters, wishes.mode)
    return Installation(
        project=renderings[0].project,
        repository=_repository(opened, wishes.repository),
        branch=wishes.branch,
        mode=wishes.mode,
        clusters=clusters,
        root=prefix_of(opened.root).rstrip("/") if in_repository(opened.root) else "",
        image=wishes.image,
        namespace=wishes.namespace,
        schedule=wishes.schedule,
        environments=asked.environments,
        targets=clusters[0].targets if wishes.mode == "pull" else asked.targets,
        signed=tuple(dict.fromkeys(wishes.signed)),
        trust_since=wishes.trust_since,
        replicas=wishes.replicas,
        state_size=wishes.state_size,
        webhook=wishes.webhook,
        notifications=wishes.notifications,
        pull_requests=wishes.pull_requests,
        monitoring=wishes.monitoring,
        git_networks=wishes.git_networks,
        api_networks=wishes.api_networks,
    )


def _refuse(wishes: Wishes) -> None:
    """Raises ``MlgitopsError`` for an option that nothing can be made of."""
    if wishes.schedule and (wrong := problem(wishes.schedule)):
        raise MlgitopsError(f"--cron '{wishes.schedule}': {wrong}", help="Five fields, such as */10 * * * *.")
    for option, wanted in (("--webhook", wishes.webhook), ("--replicas", wishes.replicas)):
        if wishes.schedule and wanted:
            raise MlgitopsError(f"{option} needs a controller that always runs", help=f"Leave out --cron or {option}.")
    if wishes.state_size and not _SIZE.fullmatch(wishes.state_size):
        raise MlgitopsError(f"--state-size {wishes.state_size} is no size of a volume", help="Such as 2Gi or 500Mi.")
    _refuse_trust(wishes)
    if not _PINNED.fullmatch(wishes.image):
        raise MlgitopsError(
            f"--image {wishes.image} is not pinned", help="Give REGISTRY/NAME@sha256:DIGEST; a tag can be moved."
        )
    if not _NAMESPACE.fullmatch(wishes.namespace):
        raise MlgitopsError(
            f"--namespace {wishes.namespace} is no name that a namespace can have",
            help="Use lower-case letters, digits and '-', at most 63.",
        )
    _refuse_branch(wishes.branch)
    for network in (*wishes.git_networks, *wishes.api_networks):
        _refuse_network(network)


def _refuse_trust(wishes: Wishes) -> None:
    if wishes.trust_since and not wishes.signed:
        raise MlgitopsError("--trust-since says since when signatures are asked for", help="Give --signed as well.")
    if wishes.trust_since and not COMMIT.fullmatch(wishes.trust_since):
        raise MlgitopsError(
            f"--trust-since {wishes.trust_since} is not the full id of a commit",
            help="`git rev-parse NAME` gives it: 40 digits, or 64.",
        )


def _refuse_branch(branch: str) -> None:
    try:
        named = re.fullmatch(PLAIN_PATH, git_branch(branch))
    except ValueError as error:
        raise MlgitopsError(f"--branch {branch} {error}", help="Name a branch, such as main.") from error
    if not named:
        raise MlgitopsError(f"--branch {branch} is not the name of a branch", help="Name a branch, such as main.")


def _refuse_network(network: str) -> None:
    try:
        ipaddress.ip_network(network)
    except ValueError as error:
        raise MlgitopsError(
            f"'{network}' is not a network: {error}",
            help="Give it as 203.0.113.0/24, or 203.0.113.7/32 for one address.",
        ) from error


def _refuse_clusters(clusters: Sequence[Cluster], mode: Mode) -> None:
    named = ", ".join(name for cluster in clusters for name in cluster.targets)
    if mode == "pull" and len(clusters) > 1:
        raise MlgitopsError(
            f"in mode pull each cluster has a controller of its own, and these are several: {named}",
            help="Choose one by --target, or take --mode hub.",
        )
    for cluster in clusters:
        _refuse_connection(cluster, mode)


def _refuse_connection(cluster: Cluster, mode: Mode) -> None:
    if cluster.connection.get("kubeconfig"):
        raise MlgitopsError(
            f"{cluster.name} names a kubeconfig file, which is in no pod",
            help="Leave connection.kubernetes.kubeconfig out, and name a context of it.",
        )
    if mode == "pull" and cluster.connection.get("impersonate"):
        raise MlgitopsError(
            f"{cluster.name} impersonates somebody, which the controller in it must not be able to",
            help="Leave connection.kubernetes.impersonate out: the account that is rendered has its own rights.",
        )


def _repository(opened: Opened, given: str) -> str:
    """Where the controller finds the project. Raises ``MlgitopsError`` where that is known on this machine only."""
    try:
        address = git_repository(given) if given else address_of(opened.root, ORIGIN)
    except ValueError as error:
        raise MlgitopsError(f"--repository {error}", help="Give a URL of https or ssh.") from error
    if not is_url(address) or address.startswith("file:"):
        where = f"'{address}' is on this machine only" if address else f"the repository has no remote '{ORIGIN}'"
        raise MlgitopsError(
            f"the controller could not reach the project: {where}", help="Give --repository a URL of https or ssh."
        )
    return address


def _clusters(opened: Opened, renderings: Sequence[Rendering], selection: Selection) -> list[Cluster]:
    """The clusters of the selected targets, in their order. Targets of one context are in one cluster."""
    groups: dict[tuple[Any, ...], list[tuple[Rendering, TargetRendering]]] = defaultdict(list)
    for rendering in renderings:
        for target in rendering.targets:
            connection = target.connection.get("kubernetes")
            if connection is not None and selection.keeps_target(target.target):
                groups[_place(connection)].append((rendering, target))
    return [_cluster(opened, members) for members in groups.values()]


def _has_branches(renderings: Sequence[Rendering], selection: Selection) -> bool:
    """Whether a target is a branch, for which a hub needs no rights in any cluster."""
    return any(
        target.connection.get("git") is not None and selection.keeps_target(target.target)
        for rendering in renderings
        for target in rendering.targets
    )


def _place(connection: Mapping[str, Any]) -> tuple[Any, ...]:
    acts_as = connection.get("impersonate") or {}
    return bool(connection.get("inCluster")), connection.get("context"), acts_as.get("user")


def _cluster(opened: Opened, members: Sequence[tuple[Rendering, TargetRendering]]) -> Cluster:
    targets = list(dict.fromkeys(target.target for _, target in members))
    held = [
        Held(
            f"{rendering.project}/{rendering.environment}/{target.target}",
            target.connection["kubernetes"].get("namespace") or "default",
            target.manifests,
        )
        for rendering, target in members
    ]
    return Cluster(targets, members[0][1].connection["kubernetes"], rights(held, _finder(opened, targets)))


def _finder(opened: Opened, targets: Sequence[str]) -> Find:
    """Kinds that are known, and those whose schemas were imported for one of the targets."""
    imported = [found for target in targets if (found := schemas_of(target, opened.source.files())) is not None]

    def find(group: str, kind: str) -> Resource | None:
        found = known(group, kind)
        for schemas in imported:
            found = found or _served(schemas, group, kind)
        return found

    return find


def _served(schemas: Schemas, group: str, kind: str) -> Resource | None:
    for version in schemas.versions(group, kind):
        found = schemas.find(group, version, kind)
        if found is not None:
            return Resource(found.kind.plural, found.kind.namespaced)
    return None
