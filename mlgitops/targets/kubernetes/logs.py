"""Reads what is said in a cluster: by pods, by Events, by runs. Each fails alone, such as for want of a right."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any, TypeVar

from mlgitops.errors import MlgitopsError
from mlgitops.manifest import Identity, Manifest, identity, labels
from mlgitops.targets.events import Event
from mlgitops.targets.kubernetes import applyset, configuration
from mlgitops.targets.kubernetes.client import Client
from mlgitops.targets.kubernetes.discovery import Resource
from mlgitops.targets.kubernetes.events import MOST_LISTED, NAMED, in_namespace, is_beneath
from mlgitops.targets.kubernetes.failures import ApiError, ForbiddenError
from mlgitops.targets.kubernetes.lazy import lazy
from mlgitops.targets.kubernetes.listing import objects
from mlgitops.targets.kubernetes.log_pods import OF_RUN, selectors
from mlgitops.targets.kubernetes.log_streams import heard_of, together
from mlgitops.targets.kubernetes.own import cluster_of
from mlgitops.targets.logs import RUNS, Heard, Marks, Unheard, Wanted

_PODS = Resource("", "v1", "Pod", "pods", True, frozenset())
_STARTS = frozenset({"WorkflowTemplate", "CronWorkflow"})
"""Kinds that runs are started from; their runs are Workflows of the same version."""
_OWNERS = frozenset({"ReplicaSet", "Job", "JobSet"})
_Found = TypeVar("_Found")


def open_cluster_logs(settings: Mapping[str, Any], root: Path, inventory_id: str) -> ClusterLogs:
    """The reader of a Target's ``connection.kubernetes``. The cluster is asked only once something is wanted of it."""
    configure = partial(configuration.load, settings, root)
    inventory = (settings.get("namespace") or "default", applyset.name_of(inventory_id))
    return ClusterLogs(lambda: Client(configure, settings.get("impersonate")), inventory)


class ClusterLogs:
    """One cluster; satisfies ``mlgitops.targets.logs.LogReader``. ``inventory`` is its namespace and name."""

    def __init__(self, connect: Callable[[], Client], inventory: tuple[str, str]) -> None:
        self._connect = connect
        self._inventory = inventory

    @lazy
    def _client(self) -> Client:
        return self._connect()

    def hear(self, wanted: Wanted, marks: Marks) -> Heard:
        """See ``LogReader``."""
        trouble: list[Unheard] = []
        runs = _tried("runs", partial(self._runs, wanted), trouble) or []
        found = _tried("pods", partial(self._pods, [*wanted.manifests, *runs]), trouble)
        pods = list((found or {}).values())
        heard = heard_of(self._client, pods, wanted.since, wanted.tail, marks)
        events, left_out = self._events([*wanted.manifests, *runs, *pods], trouble)
        return replace(
            heard,
            events=tuple(events),
            runs=tuple(runs),
            left_out=(*heard.left_out, *left_out),
            unheard=(*trouble, *together(heard.unheard)),
            present=None if trouble else heard.present,
        )

    def _runs(self, wanted: Wanted) -> list[Manifest]:
        """The last runs of each owner and kind."""
        kinds = {(_run_kind(one), one["metadata"]["namespace"]) for one in wanted.manifests if _run_kind(one)[1]}
        found: list[Manifest] = []
        for ((api_version, kind), namespace), (label, names) in (
            (kind, owner) for kind in sorted(kinds) for owner in wanted.owners.items() if owner[1]
        ):
            place = ",".join(f"{key}={value}" for key, value in wanted.place.items())
            listed = self._list(_resource(api_version, kind), namespace, f"{label} in ({','.join(names)}),{place}")
            found += _last(listed, label)
        return found

    def _pods(self, manifests: Iterable[Manifest]) -> dict[str, Manifest]:
        """The pods of the objects, by uid."""
        listed = (self._list(_PODS, namespace, selector) for namespace, selector in selectors(manifests))
        return {pod["metadata"]["uid"]: pod for pod in chain.from_iterable(listed)}

    def _list(self, resource: Resource, namespace: str, selector: str) -> list[Manifest]:
        """The objects; none of a kind that the cluster does not serve."""
        try:
            return objects(self._client, resource, namespace, selector)
        except ApiError as error:
            if error.status != 404:
                raise
            return []

    def _events(self, about: Sequence[Manifest], trouble: list[Unheard]) -> tuple[list[Event], list[str]]:
        """The Events about these objects, what controllers made for them, and the inventory; what is left out."""
        names: dict[str, set[str]] = {self._inventory[0]: {f"ConfigMap/{self._inventory[1]}"}}
        for one in about:
            names.setdefault(one["metadata"]["namespace"], set()).update(_names(one))
        found: list[Event] = []
        left_out: list[str] = []
        for namespace, known in names.items():
            what = f"Events of namespace {namespace}"
            listed = _tried(what, partial(in_namespace, self._client, namespace), trouble) or []
            found += _about(
                listed, known, [identity(one) for one in about if one["metadata"]["namespace"] == namespace]
            )
            left_out += [f"only {MOST_LISTED} {what} are read"] if len(listed) >= MOST_LISTED else []
        return found, left_out


class PodLogs:
    """What the pods of a selector say, in a cluster beside the targets."""

    def __init__(self, client: Client) -> None:
        self._client = client

    @classmethod
    def of_context(cls, context: str) -> PodLogs:
        """In the cluster of a context, empty for the current one. Raises as ``cluster_of``."""
        return cls(cluster_of(context))

    def hear(self, namespace: str, selector: str, since: str, tail: int, marks: Marks) -> Heard:
        """What they said since the marks. Raises ``TargetError`` and ``NotAuthorisedError``."""
        heard = heard_of(self._client, objects(self._client, _PODS, namespace, selector), since, tail, marks)
        return replace(heard, unheard=together(heard.unheard))


def _tried(what: str, read: Callable[[], _Found], trouble: list[Unheard]) -> _Found | None:
    """What was read, or else None and the reason in ``trouble``. Raises where the cluster does not answer."""
    try:
        return read()
    except (ForbiddenError, ApiError) as error:
        trouble.append(_unheard(what, error))
        return None


def _about(events: Iterable[Event], known: Collection[str], ours: Collection[Identity]) -> Iterator[Event]:
    for event in events:
        if event.object in known or any(is_beneath(event, one) for one in ours if one.kind in NAMED):
            yield event


def _names(one: Manifest) -> set[str]:
    """An object and the owners that are named in it, such as a pod's ReplicaSet, as ``KIND/NAME``."""
    owners = one["metadata"].get("ownerReferences") or ()
    beneath = {f"{owner['kind']}/{owner['name']}" for owner in owners if owner["kind"] in _OWNERS}
    return {f"{one['kind']}/{one['metadata']['name']}", *beneath}


def _unheard(what: str, error: MlgitopsError) -> Unheard:
    return Unheard(what, error.message, error.help, isinstance(error, ForbiddenError))


def _run_kind(manifest: Manifest) -> tuple[str, str]:
    """Version and kind of the runs that an object starts, or is; empty for what has none."""
    kind = manifest["kind"]
    if kind in _STARTS:
        return manifest["apiVersion"], "Workflow"
    return (manifest["apiVersion"], kind) if kind in OF_RUN else ("", "")


def _resource(api_version: str, kind: str) -> Resource:
    group, _, version = api_version.rpartition("/")
    return Resource(group, version, kind, f"{kind.lower()}s", True, frozenset())


def _last(runs: Iterable[Manifest], label: str) -> Iterator[Manifest]:
    """The last runs of each owner."""
    counts: dict[str, int] = {}
    for run in sorted(runs, key=lambda one: one["metadata"].get("creationTimestamp") or "", reverse=True):
        owner = labels(run).get(label, "")
        counts[owner] = counts.get(owner, 0) + 1
        if counts[owner] <= RUNS:
            yield run
