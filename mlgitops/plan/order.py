"""In which order objects are written and deleted, and what waits for what. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set
from itertools import groupby

from mlgitops.manifest import Identity
from mlgitops.plan.change import Action, Change
from mlgitops.plan.routes import left

_ORDER = (
    ("Namespace",),
    ("CustomResourceDefinition",),
    ("ResourceQuota", "LimitRange", "PriorityClass", "LocalQueue", "ClusterQueue", "ResourceFlavor"),
    ("ServiceAccount", "Role", "ClusterRole"),
    ("RoleBinding", "ClusterRoleBinding"),
    (
        "ConfigMap",
        "Secret",
        "SecretStore",
        "ExternalSecret",
        "TriggerAuthentication",
        "PersistentVolume",
        "PersistentVolumeClaim",
    ),
    ("ServingRuntime", "ClusterServingRuntime", "TrainingRuntime", "ClusterTrainingRuntime", "WorkflowTemplate"),
    (),  # everything that is not listed: workloads
    ("CronWorkflow", "InferenceGraph", "HTTPRoute", "KafkaSource", "ScaledObject", "HorizontalPodAutoscaler"),
    ("PodMonitor", "ServiceMonitor", "PrometheusRule"),
)
_WORKLOADS = _ORDER.index(())
_RANKS = {kind: rank for rank, kinds in enumerate(_ORDER) for kind in kinds}


def rank(identity: Identity) -> int:
    """The place of an object in the order of writing: lower first. Kinds that nobody listed are workloads."""
    return _RANKS.get(identity.kind, _WORKLOADS)


def is_workload(identity: Identity) -> bool:
    """Whether the object is what a model or pipeline is about, not what surrounds it."""
    return rank(identity) == _WORKLOADS or identity.kind in ("CronWorkflow", "WorkflowTemplate")


def in_apply_order(changes: Iterable[Change]) -> list[Change]:
    """The changes that do something: writes by rank, then deletes in reverse; by identity within a rank.

    What a route leaves comes after that route.
    """
    changes = list(changes)
    late = left(changes)
    ordered = sorted(changes, key=lambda change: (_place(change.identity, late), change.identity))
    deletes = [change for change in reversed(ordered) if change.action is Action.DELETE]
    return [change for change in ordered if change.writes] + deletes


def in_batches(changes: Iterable[Change]) -> Iterator[list[Change]]:
    """The changes that do something in apply order, those together that need not wait for each other."""
    ordered = in_apply_order(changes)
    late = left(ordered)
    for _, batch in groupby(ordered, lambda change: (change.writes, _place(change.identity, late))):
        yield list(batch)


def _place(identity: Identity, late: Set[Identity]) -> tuple[int, bool]:
    return (rank(identity), False) if identity not in late else (_RANKS["HTTPRoute"], True)


def waits_for(later: Change, earlier: Change) -> bool:
    """Whether ``later`` must not be done when ``earlier``, which comes before it in apply order, was not.

    Within one owner, ranks wait for ranks and deletes for writes, so that a model that could not be updated keeps what
    it has. A namespace waits for what is in it and the other way round; so does a CustomResourceDefinition for objects
    of its group.
    """
    one, other = later.identity, earlier.identity
    if _contains(one, other) or _contains(other, one):
        return True
    follows = rank(one) != rank(other) or (later.action is Action.DELETE and earlier.action is not Action.DELETE)
    return later.owner == earlier.owner and follows


def _contains(one: Identity, other: Identity) -> bool:
    if one.kind == "Namespace":
        return other.namespace == one.name
    return one.kind == "CustomResourceDefinition" and other.group == one.name.partition(".")[2]
