"""Finds objects in a cluster: those that are wanted, that carry our labels, or are in a container. Reads only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator

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
_USUAL = frozenset(
    {"ConfigMap", "CronWorkflow", "InferenceService", "PyTorchJob", "Role", "ServiceAccount", "TrainJob",
     "WorkflowTemplate"}
)  # fmt: skip
"""Kinds of which nearly every inventory has some."""
_GENERATED = {("ConfigMap", "kube-root-ca.crt"), ("ServiceAccount", "default")}


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

    def labelled(self, namespaces: Iterable[str], *, usual: bool = False) -> dict[Identity, Manifest]:
        """Every object of any kind with our labels; where we may not look everywhere, those in some namespaces.

        What another object owns is left out: controllers copy labels to what they make. ``usual`` looks for the usual
        kinds only, which is enough to tell whether there is anything.
        """
        places = list(namespaces)
        served = self._discovery.everything()
        resources = [one for one in served if (one.kind in _USUAL if usual else one.kind not in _NEVER_OURS)]
        listed = at_once(lambda resource: self._anywhere(resource, places), resources, WIDTH)
        return {identity(one): one for ones in listed for one in ones if not is_dependent(one)}

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

    def _anywhere(self, resource: Resource, namespaces: list[str]) -> list[Manifest]:
        try:
            return objects(self._client, resource, selector=self._selector)
        except ForbiddenError:
            if not resource.namespaced:
                return []
        return [one for namespace in namespaces for one in self._within(resource, namespace)]

    def _within(self, resource: Resource, namespace: str) -> list[Manifest]:
        try:
            return objects(self._client, resource, namespace, self._selector)
        except ForbiddenError:
            return []


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
