"""Who the controller is in a cluster, and the Roles that say what it may do there. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mlgitops.manifest import Manifest
from mlgitops.render.access import Rule
from mlgitops.render.install.installation import NAME, Cluster, Installation, made
from mlgitops.render.install.rights import RBAC

COMPONENT = "access"
_API = f"{RBAC}/v1"


def account(installation: Installation) -> Manifest:
    """The controller's account. No pod gets its token unless it asks for it."""
    return made(installation, "v1", "ServiceAccount", COMPONENT, automountServiceAccountToken=False)


def own_rights(installation: Installation) -> list[Manifest]:
    """What the controller may do in its own namespace: lead, and keep what a new leader has to know.

    Replicas that share the targets have a Lease each, called after their pods, and look who else is there.
    """
    pods = [f"{NAME}-{number}" for number in range(installation.replicas)]
    names = [f"{NAME}-{pod}" for pod in pods] if pods else [NAME]
    rules: list[Rule] = []
    for group, resource, named in (("coordination.k8s.io", "leases", names), ("", "configmaps", [NAME])):
        rule: Rule = {"apiGroups": [group], "resources": [resource]}
        rules += [{**rule, "verbs": ["create"]}, {**rule, "resourceNames": named, "verbs": ["get", "update"]}]
    if pods:
        rules.append({"apiGroups": ["coordination.k8s.io"], "resources": ["leases"], "verbs": ["list"]})
    return granted(installation, NAME, installation.namespace, rules, _account(installation))


def rights_at(installation: Installation, cluster: Cluster) -> Iterator[Manifest]:
    """A Role and its binding in each namespace of a cluster that the controller writes to."""
    subject = _subject(installation, cluster.connection)
    for namespace, rules in cluster.rights.items():
        yield from granted(installation, f"{NAME}-{installation.project}", namespace, rules, subject)


def _subject(installation: Installation, connection: Mapping[str, Any]) -> dict[str, str]:
    """Whom requests to the cluster come from: who is impersonated there, else the account."""
    acts_as = connection.get("impersonate")
    if acts_as:
        return {"apiGroup": RBAC, "kind": "User", "name": acts_as["user"]}
    return _account(installation)


def _account(installation: Installation) -> dict[str, str]:
    return {"kind": "ServiceAccount", "name": NAME, "namespace": installation.namespace}


def granted(
    installation: Installation, name: str, namespace: str, rules: Sequence[Rule], subject: Mapping[str, str]
) -> list[Manifest]:
    """A Role with the rules in a namespace, and its binding to a subject."""
    role = {"apiGroup": RBAC, "kind": "Role", "name": name}
    return [
        made(installation, _API, "Role", COMPONENT, name, namespace, rules=[dict(rule) for rule in rules]),
        made(installation, _API, "RoleBinding", COMPONENT, name, namespace, roleRef=role, subjects=[dict(subject)]),
    ]
