"""Finds objects in a cluster: those that are wanted, that carry our labels, or are in a container. Reads only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from mlgitops.manifest import Identity, Manifest, identity
from mlgitops.targets.at_once import at_once
from mlgitops.targets.kubernetes.client import WIDTH, Client
from mlgitops.targets.kubernetes.discovery import Discovery, Resource
from mlgitops.targets.kubernetes.failures import ApiError, ForbiddenError
from mlgitops.targets.kubernetes.listing import objects
from mlgitops.targets.kubernetes.objects import is_dependent

_FEW = 8
"""Objects without our labels that are read one by one; of more, the names in their namespace are listed first."""
_NEVER_OURS = frozenset(
    {"ControllerRevision", "EndpointSlice", "Endpoints", "Event", "Lease", "Node", "Pod", "PodTemplate", "ReplicaSet"}
)
"""Kinds that controllers make in great numbers; of these, only what the inventory knows is looked for."""
USUAL = frozenset(
    {"ConfigMap", "CronWorkflow", "Deployment", "Experiment", "ExternalSecret", "HTTPRoute", "InferenceGraph",
     "InferenceService", "LLMInferenceService", "Namespace", "NetworkPolicy", "PodMonitor", "PrometheusRule",
     "PyTorchJob", "Role", "RoleBinding", "ScaledObject", "ServiceAccount", "TFJob", "TrainJob",
     "TriggerAuthentication", "WorkflowTemplate", "XGBoostJob"}
)  # fmt: skip
"""Kinds that are rendered, and those of our examples' overlays: nearly every inventory has some of them."""
_CLUSTER, _ELSEWHERE = "*", "?"
"""Where else than in a namespace of a name: in none, and in any that was not given."""
_GENERATED = {("ConfigMap", "kube-root-ca.crt"), ("ServiceAccount", "default")}


_Place = tuple[Resource, str]


@dataclass(frozen=True, slots=True)
class Labelled:
    """The objects with our labels, and in words where the account may not look for more, by kinds."""

    objects: dict[Identity, Manifest]
    unseen: tuple[str, ...]


class Members:
    """The objects of one cluster, found by the labels that ``selector`` fits."""

    def __init__(self, client: Client, discovery: Discovery, selector: str) -> None:
        self._client = client
        self._discovery = discovery
        self._selector = selector

    def find(
        self, wanted: Collection[Identity], *, few: bool = False, metadata_only: bool = False
    ) -> dict[Identity, Manifest]:
        """Those of the wanted objects that exist: a list for each kind and namespace, then those without our labels.

        Where they are ``few``, they are read one by one instead. ``metadata_only`` gives no more than that of each.
        """
        places = _places(wanted, self._discovery)
        long = [place for place, ones in places.items() if not few or len(ones) > _FEW]
        labelled = at_once(lambda place: self._members_in(*place, metadata_only=metadata_only), long, WIDTH)
        found = {identity(one): one for listed in labelled for one in listed}
        missing = [rest for ones in places.values() if (rest := ones - found.keys())]
        unlabelled = at_once(self._existing, missing, WIDTH)
        return {**{one: found[one] for one in wanted if one in found}, **_merged(unlabelled)}

    def labelled(self, namespaces: Iterable[str], *, usual: bool = False) -> Labelled:
        """Every object of any kind with our labels; where we may not look everywhere, those in some namespaces.

        What another object owns is left out: controllers copy labels to what they make. ``usual`` looks for the usual
        kinds only, which is enough to tell whether there is anything.
        """
        places = sorted(namespaces)
        served = self._discovery.everything()
        resources = [one for one in served if (one.kind in USUAL if usual else one.kind not in _NEVER_OURS)]
        listed = at_once(lambda resource: self._anywhere(resource, places), resources, WIDTH)
        objects = {identity(one): one for ones, _ in listed for one in ones if not is_dependent(one)}
        return Labelled(objects, _in_words([place for _, unseen in listed for place in unseen], places))

    def inside(self, container: Identity) -> list[Identity]:
        """What a Namespace or CustomResourceDefinition holds, but for what others own or every namespace has."""
        namespace = container.name if container.kind == "Namespace" else ""
        resources = [one for one in self._discovery.everything() if _is_inside(one, container)]
        listed = at_once(
            lambda resource: objects(self._client, resource, namespace, metadata_only=True), resources, WIDTH
        )
        found = (one for ones in listed for one in ones if not is_dependent(one))
        return [one for one in map(identity, found) if (one.kind, one.name) not in _GENERATED]

    def read(self, one: Identity) -> Manifest | None:
        """One object; None where it does not exist or its kind is not served."""
        resource = self._discovery.find(one.group, one.kind)
        if resource is None:
            return None
        try:
            found: Manifest = self._client.get(resource.path(one))
        except ApiError as error:
            if error.status == 404:
                return None
            raise
        return found

    def _members_in(self, resource: Resource, namespace: str, *, metadata_only: bool) -> list[Manifest]:
        """Those with our labels. Of Secrets none where they may not be listed: who may list them may read them all."""
        try:
            return objects(self._client, resource, namespace, self._selector, metadata_only=metadata_only)
        except ForbiddenError:
            if not _is_secret(resource.group, resource.kind):
                raise
            return []

    def _existing(self, missing: set[Identity]) -> dict[Identity, Manifest]:
        """Those that exist without our labels, all of one kind and namespace."""
        example = next(iter(missing))
        if len(missing) > _FEW and not _is_secret(example.group, example.kind):
            missing = missing & set(self._named(example))
        return {one: found for one in missing if (found := self.read(one)) is not None}

    def _named(self, example: Identity) -> Iterator[Identity]:
        resource = self._discovery.find(example.group, example.kind)
        assert resource is not None
        return map(identity, objects(self._client, resource, example.namespace, metadata_only=True))

    def _anywhere(self, resource: Resource, namespaces: list[str]) -> tuple[list[Manifest], list[_Place]]:
        """Those with our labels, and where we may not look for more."""
        try:
            return objects(self._client, resource, selector=self._selector), []
        except ForbiddenError:
            if not resource.namespaced:
                return [], [(resource, _CLUSTER)]
        within = {namespace: self._within(resource, namespace) for namespace in namespaces}
        found = [one for ones in within.values() for one in ones or ()]
        return found, [(resource, _ELSEWHERE), *((resource, name) for name, ones in within.items() if ones is None)]

    def _within(self, resource: Resource, namespace: str) -> list[Manifest] | None:
        try:
            return objects(self._client, resource, namespace, self._selector)
        except ForbiddenError:
            return None


def _in_words(unseen: list[_Place], namespaces: list[str]) -> tuple[str, ...]:
    """Where we may not look: one entry for each namespace, one for the whole cluster, one for all other namespaces."""
    kinds: dict[str, list[str]] = defaultdict(list)
    for resource, place in unseen:
        kinds[place].append(f"{resource.plural}.{resource.group}".rstrip("."))
    elsewhere, whole = kinds.pop(_ELSEWHERE, []), kinds.pop(_CLUSTER, [])
    few = ", ".join(sorted(elsewhere)) if len(elsewhere) <= _FEW else f"{len(elsewhere)} kinds"
    named = [f"in namespace {place}: {', '.join(sorted(ones))}" for place, ones in sorted(kinds.items())]
    named += [f"in the whole cluster: {', '.join(sorted(whole))}"] if whole else []
    return (*named, *([f"in namespaces other than {', '.join(namespaces)}: {few}"] if elsewhere else ()))


def _is_secret(group: str, kind: str) -> bool:
    return (group, kind) == ("", "Secret")


def _places(wanted: Iterable[Identity], discovery: Discovery) -> dict[tuple[Resource, str], set[Identity]]:
    """The wanted objects by kind and namespace, without kinds that are not served."""
    places: dict[tuple[Resource, str], set[Identity]] = defaultdict(set)
    for one in wanted:
        resource = discovery.find(one.group, one.kind)
        if resource is not None:
            resource.path(one)  # refuses what has no namespace and needs one
            places[resource, one.namespace].add(one)
    return places


def _is_inside(resource: Resource, container: Identity) -> bool:
    if container.kind == "Namespace":
        return resource.namespaced and resource.kind != "Event"
    plural, _, group = container.name.partition(".")
    return (resource.plural, resource.group) == (plural, group)


def _merged(found: Iterable[dict[Identity, Manifest]]) -> dict[Identity, Manifest]:
    return {one: manifest for part in found for one, manifest in part.items()}
