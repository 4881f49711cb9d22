"""What an account may do, asked of the API before anything is written, so that a missing right stops nothing halfway.

The API answers for the account itself, whoever else may not ask (SelfSubjectAccessReview). Where it will not say, what
is not allowed is found when it is tried.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from mlgitops.errors import NotAuthorisedError
from mlgitops.manifest import Identity
from mlgitops.targets.at_once import at_once
from mlgitops.targets.kubernetes.client import WIDTH, Client
from mlgitops.targets.kubernetes.discovery import Discovery
from mlgitops.targets.kubernetes.failures import ApiError, ForbiddenError

_API = "authorization.k8s.io/v1"
_REVIEWS = f"/apis/{_API}/selfsubjectaccessreviews"


class Right(NamedTuple):
    """One verb on a resource, in a namespace or ("") everywhere; with ``name`` on one object alone."""

    group: str
    resource: str
    namespace: str
    verb: str
    name: str = ""


def of_records(namespace: str, name: str) -> Iterator[Right]:
    """What our own records take: the lock, the inventory, and the Events that are the audit log."""
    for group, resource in (("coordination.k8s.io", "leases"), ("", "configmaps")):
        yield Right(group, resource, namespace, "create")
        yield Right(group, resource, namespace, "get", name)
        yield Right(group, resource, namespace, "update", name)
    yield Right("", "events", namespace, "create")


def of_objects(discovery: Discovery, verb: str, objects: Iterable[Identity]) -> Iterator[Right]:
    """A verb on objects, but for those whose kind is not served yet."""
    for one in objects:
        resource = discovery.find(one.group, one.kind)
        if resource is not None:
            yield Right(one.group, resource.plural, one.namespace, verb, one.name)


def require(client: Client, rights: Iterable[Right]) -> None:
    """Raises ``NotAuthorisedError`` naming every right that the account does not have."""
    missing = _missing(client, rights)
    if missing:
        raise NotAuthorisedError(
            f"not allowed: {_words(missing)}", help="Ask for a Role as docs/kubernetes-target.md has it."
        )


def _missing(client: Client, rights: Iterable[Right]) -> list[Right]:
    """Those without which it will not do. Rights are seldom by name, so that names are asked about only then."""
    wanted: dict[Right, list[Right]] = defaultdict(list)
    for right in sorted(set(rights)):
        wanted[right._replace(name="")].append(right)
    missing = []
    for kind in _refused(client, wanted):
        first, *others = wanted[kind]
        missing += [kind] if _refused(client, [first]) else _refused(client, others)
    return missing


def _refused(client: Client, rights: Iterable[Right]) -> list[Right]:
    asked = list(rights)
    allowed = at_once(lambda right: _is_allowed(client, right), asked, WIDTH)
    return [right for right, yes in zip(asked, allowed, strict=True) if not yes]


def _is_allowed(client: Client, right: Right) -> bool:
    attributes = {key: value for key, value in right._asdict().items() if value}
    review = {"apiVersion": _API, "kind": "SelfSubjectAccessReview", "spec": {"resourceAttributes": attributes}}
    try:
        return bool(client.send("POST", _REVIEWS, body=review)["status"]["allowed"])
    except (ApiError, ForbiddenError):
        return True


def _words(missing: Iterable[Right]) -> str:
    """``create, patch deployments.apps in ml; create events in ml``."""
    verbs: dict[tuple[str, str], list[str]] = defaultdict(list)
    for right in missing:
        kind = f"{right.resource}.{right.group}".rstrip(".")
        where = f" in namespace {right.namespace}" if right.namespace else ""
        place = (f"{kind}/{right.name}" if right.name else kind, where)
        verbs[place].append(right.verb)
    return "; ".join(f"{', '.join(found)} {kind}{where}" for (kind, where), found in verbs.items())
