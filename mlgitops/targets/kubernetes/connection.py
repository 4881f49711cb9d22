"""A connection to a cluster: live objects, an inventory beside them, and writing by server-side apply.

Nothing is written before the first record of an apply: a plan that is refused, and one that changes nothing, leave no
trace. Every write knows the version of what it replaces, and stops once the lock may be lost.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from mlgitops.errors import TargetError
from mlgitops.manifest import LABEL_PREFIX, Identity, Manifest, identity, labels
from mlgitops.targets.at_once import at_once
from mlgitops.targets.events import Event
from mlgitops.targets.inventory import Inventory, InventoryEntry, Live, Rebuilt, belongs_to, versions_of
from mlgitops.targets.kubernetes import applyset, configuration, dry_run, fence, installed, rights
from mlgitops.targets.kubernetes.client import WIDTH, Client
from mlgitops.targets.kubernetes.discovery import Discovery
from mlgitops.targets.kubernetes.events import events
from mlgitops.targets.kubernetes.failures import ApiError, ForbiddenError
from mlgitops.targets.kubernetes.lazy import lazy
from mlgitops.targets.kubernetes.lease import Lease
from mlgitops.targets.kubernetes.members import Labelled, Members
from mlgitops.targets.kubernetes.objects import LABEL_PART_OF, entry_of, live_of, revision_of
from mlgitops.targets.kubernetes.record import Record
from mlgitops.targets.kubernetes.starting import start
from mlgitops.targets.kubernetes.writing import Writing
from mlgitops.targets.preview import Preview

MADE_FOR = LABEL_PREFIX + "made-for"
"""The annotation of a namespace that was made for an inventory; one that nobody applied yet counts as not there."""


def open_kubernetes(
    settings: Mapping[str, Any], root: Path, inventory_id: str, *, unattended: bool = False
) -> KubernetesConnection:
    """Opens a Target's ``connection.kubernetes``. The cluster is asked only once something is wanted of it."""
    configure = partial(configuration.load, settings, root, unattended=unattended)
    namespace = settings.get("namespace") or "default"
    return KubernetesConnection(lambda: Client(configure, settings.get("impersonate")), namespace, inventory_id)


class KubernetesConnection:
    """One inventory in a cluster; satisfies ``mlgitops.targets.Connection``."""

    width = WIDTH

    def __init__(
        self,
        connect: Callable[[], Client],
        namespace: str,
        inventory_id: str,
        discover: Callable[[Client], Discovery] = Discovery,
    ) -> None:
        self._connect = connect
        self._discover = discover
        self._namespace = namespace
        self._id = inventory_id
        self._name = applyset.name_of(inventory_id)
        self._applyset = applyset.applyset_id(self._name, namespace)
        self._inventory: Inventory | None = None
        self._namespaces = {namespace}
        """Where objects of the inventory may be, as far as that is known: of no use to who may list in all of them."""
        self._free_lease: Manifest | None = None

    @lazy
    def _client(self) -> Client:
        return self._connect()

    @lazy
    def _discovery(self) -> Discovery:
        return self._discover(self._client)

    @lazy
    def _members(self) -> Members:
        return Members(self._client, self._discovery, applyset.selector(self._id))

    @lazy
    def _lease(self) -> Lease:
        return Lease(self._client, self._namespace, self._name)

    @lazy
    def _record(self) -> Record:
        return Record(self._client, self._namespace, self._id)

    @lazy
    def _writing(self) -> Writing:
        return Writing(self._client, self._discovery, self._members, self._applyset)

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Sees that nobody holds the inventory; takes it for the first write. What was read before is read anew."""
        self._free_lease = self._lease.look()
        self._inventory = None
        try:
            yield
        finally:
            self._lease.release()

    def inventory(self) -> Inventory:
        """What was applied. Raises ``TargetError`` where it is corrupt, or gone while objects are still here."""
        if self._inventory is None:
            self._inventory = self._record.read() or self._none()
        return self._inventory

    def live(self, wanted: Collection[Identity], *, exact: bool = False) -> Mapping[Identity, Live]:
        """The objects that exist, among the wanted ones and, unless ``exact``, those of the inventory."""
        self._namespaces |= _namespaces_of(wanted)
        looked_for = set(wanted) if exact else {*wanted, *self.inventory().entries}
        found = self._members.find(looked_for, few=exact)
        live = {one: live_of(manifest) for one, manifest in found.items() if not _is_only_ours(manifest)}
        self._writing.saw(looked_for, live)
        return live

    def versions(self, wanted: Collection[Identity]) -> str:
        """By the API's own versions, for which the metadata of objects is enough."""
        inventory = self.inventory()
        found = self._members.find({*wanted, *inventory.entries}, metadata_only=True)
        return versions_of(inventory, {one: revision_of(it) for one, it in found.items() if not _is_only_ours(it)})

    def owned(self) -> Mapping[Identity, Live]:
        """Every object that carries our labels or is in the inventory."""
        labelled = {one: live_of(manifest) for one, manifest in self._labelled().objects.items()}
        return {**labelled, **self.live(())}

    def preview(self, manifests: Sequence[Manifest], live: Mapping[Identity, Live]) -> Mapping[Identity, Preview]:
        """What the API says would become of each manifest. What the same plan brings first is not missed.

        To whom it says nothing, since they may only look, that is why.
        """
        coming = {_defines(manifest) for manifest in manifests}
        new = {one.name for one in map(identity, manifests) if one.kind == "Namespace" and one not in live}

        def one(manifest: Manifest) -> Preview:
            this = identity(manifest)
            if this not in live and this.namespace and this.namespace in {*new, self._missing_namespace}:
                return Preview()
            version = manifest["apiVersion"].rpartition("/")[2]
            if self._discovery.find(this.group, this.kind, version) is None:
                why = f"the cluster does not serve {this.kind} in {manifest['apiVersion']}"
                return Preview(refused="" if (this.group, this.kind) in coming else why)
            try:
                return dry_run.preview(self._client, self._discovery, manifest, live.get(this), self._applyset)
            except ForbiddenError as error:
                return Preview(refused=error.message)

        return dict(zip(map(identity, manifests), at_once(one, manifests, WIDTH), strict=True))

    def inside(self, container: Identity) -> Collection[Identity]:
        """What a Namespace or CustomResourceDefinition holds."""
        return self._members.inside(container)

    def events(self, identity: Identity) -> Sequence[Event]:
        """The last Events of an object, its pods and its ReplicaSets."""
        known = self._inventory.entries if self._inventory else ()
        others = [it.name for it in known if it != identity and it.kind == identity.kind]
        return events(self._client, identity, others)

    def require_rights(self, puts: Collection[Identity], deletes: Collection[Identity]) -> None:
        """Asks whether we may do all that an apply of these takes. Raises ``NotAuthorisedError`` naming what is not."""
        new = [one for one in puts if one in deletes or self._writing.is_new(one)]
        verbs = {"create": new, "patch": puts, "delete": deletes}
        wanted = [right for verb, ones in verbs.items() for right in rights.of_objects(self._discovery, verb, ones)]
        if not self._record.exists and self._missing_namespace:
            wanted += [
                rights.Right("", "namespaces", "", verb, self._missing_namespace) for verb in ("create", "patch")
            ]
        rights.require(self._client, [*rights.of_records(self._namespace, self._name), *wanted])

    def write_inventory(self, inventory: Inventory) -> None:
        """Replaces the inventory that was read. Raises ``TargetError`` where somebody else changed it meanwhile."""
        with self._held("the inventory"):
            self.inventory()
            self._inventory = self._record.write(inventory)

    def rebuild_inventory(self, rendered: Collection[Identity] = ()) -> Rebuilt:
        """Writes the inventory anew from the objects that are members by their labels.

        What an object is now counts as what was applied; commit and time stay unknown until the next apply. What Git
        asks for is looked for in any case: raises ``NotAuthorisedError``, and writes nothing, where that may not be.
        """
        with self.lock():
            self._record.look()
            self._namespaces |= _namespaces_of(rendered)
            labelled = self._labelled()
            found = {**labelled.objects, **self._members.find(rendered)}
            members = {one: manifest for one, manifest in found.items() if self._is_member(manifest)}
            entries = {one: replace(entry_of(one, manifest), generation="") for one, manifest in members.items()}
            self._inventory = Inventory(self._id, {})
            self.write_inventory(Inventory(self._id, entries))
            return Rebuilt(self._inventory, labelled.unseen)

    def put(self, manifest: Manifest, expected: str, *, force: bool = False) -> InventoryEntry:
        """Applies an object. Raises ``StalePlanError`` where what is there is not what is expected."""
        with self._held(str(identity(manifest))):
            return self._writing.put(manifest, expected, force=force)

    def delete(self, identity: Identity, expected: str) -> None:
        """Deletes an object and waits until it is gone. Raises ``StalePlanError`` as ``put`` does."""
        with self._held(str(identity)):
            self._writing.delete(identity, expected)

    def start(self, manifest: Manifest) -> Manifest:
        """Makes an object that is no part of the inventory, such as a run; see ``targets.runs``."""
        return start(self._client, self._discovery, manifest)

    def serves(self, kinds: Iterable[tuple[str, str]]) -> frozenset[tuple[str, str]]:
        """Those of the groups and kinds that the cluster serves."""
        return frozenset(kind for kind in kinds if self._discovery.find(*kind) is not None)

    def images(self) -> frozenset[str] | None:
        """The images of all Deployments of the cluster; None where one may not look."""
        return installed.images(self._client)

    def record(self, entry: Mapping[str, Any]) -> None:
        """Adds an Event with the audit line; the next inventory keeps the digest of the line."""
        self._begin()
        self._record.add(entry)

    @lazy
    def _missing_namespace(self) -> str:
        """The inventory's namespace, where it is not there and an apply would make it; else empty.

        Who may not look at namespaces has to have one.
        """
        try:
            there = self._members.read(Identity("", "Namespace", "", self._namespace))
        except ForbiddenError:
            return ""
        return self._namespace if there is None else ""

    @contextmanager
    def _held(self, what: str) -> Iterator[None]:
        """Holds the lock for what is written within, before and after. Raises ``TargetError`` where it was lost."""
        self._begin()
        with fence.only_while(self._lease):
            yield
        try:
            self._lease.require()
        except TargetError as error:
            raise TargetError(
                f"{what} was written while {error.message}", help="Plan again; drift shows what does not belong here."
            ) from error

    def _begin(self) -> None:
        """Holds the lock, and the namespace for it exists. Raises ``TargetError`` where the lock was lost."""
        if not self._lease.taken:
            try:
                self._lease.take(self._free_lease)
            except ApiError as error:
                if error.status != 404:
                    raise
                self._make_namespace()
                self._lease.take(self._lease.look())
        self._lease.require()

    def _make_namespace(self) -> None:
        metadata = {"name": self._namespace, "annotations": {MADE_FOR: "inventory"}}
        body = {"apiVersion": "v1", "kind": "Namespace", "metadata": metadata}
        this = identity(body)
        dry_run.apply(self._client, self._discovery.of(body), this, body)

    def _none(self) -> Inventory:
        """The inventory before the first apply. Raises ``TargetError`` where it is rather lost."""
        lost = sum(map(self._is_member, self._labelled(usual=True).objects.values()))
        if lost:
            raise TargetError(
                f"the inventory {self._record} is gone, but at least {lost} of its objects are here",
                help=self._record.rebuild,
            )
        return Inventory(self._id, {})

    def _labelled(self, *, usual: bool = False) -> Labelled:
        known = self._inventory.entries if self._inventory else ()
        return self._members.labelled(self._namespaces | _namespaces_of(known), usual=usual)

    def _is_member(self, found: Manifest) -> bool:
        return belongs_to(found, self._id) and labels(found).get(LABEL_PART_OF) == self._applyset


def _namespaces_of(ones: Iterable[Identity]) -> set[str]:
    return {one.namespace for one in ones} - {""}


def _is_only_ours(found: Manifest) -> bool:
    """Whether it is the namespace that was made for an inventory and that nobody applied yet."""
    metadata = found["metadata"]
    return found["kind"] == "Namespace" and MADE_FOR in (metadata.get("annotations") or {}) and not _applied(metadata)


def _applied(metadata: Mapping[str, Any]) -> bool:
    return LABEL_PART_OF in (metadata.get("labels") or {})


def _defines(manifest: Manifest) -> tuple[str, str]:
    """Group and kind that a CustomResourceDefinition brings."""
    if manifest["kind"] != "CustomResourceDefinition":
        return "", ""
    return manifest["spec"]["group"], manifest["spec"]["names"]["kind"]
