"""What an apply would make of an object, by the API's own word: server-side dry-runs, which write nothing."""

from __future__ import annotations

from mlgitops.manifest import Identity, Manifest, identity
from mlgitops.targets.inventory import Live
from mlgitops.targets.kubernetes.client import APPLY, Client
from mlgitops.targets.kubernetes.discovery import Discovery, Resource
from mlgitops.targets.kubernetes.failures import ApiError
from mlgitops.targets.kubernetes.objects import LABEL_PART_OF, content_of, to_apply
from mlgitops.targets.kubernetes.ownership import MANAGER, Path, owners
from mlgitops.targets.preview import Conflict, Preview

_PROBE = "-mlgitops-probe"
_LONGEST_NAME = 253


def apply(
    client: Client, resource: Resource, one: Identity, body: Manifest, *, force: bool = False, dry: bool = False
) -> Manifest:
    """The object after server-side apply of what ``to_apply`` made. Raises ``ApiError``.

    What somebody updated in our name, such as by ``kubectl edit --field-manager``, is ours to take back.
    """
    try:
        return _applied(client, resource, one, body, force=force, dry=dry)
    except ApiError as error:
        if force or {conflict.manager for conflict in error.conflicts} != {MANAGER}:
            raise
    return _applied(client, resource, one, body, force=True, dry=dry)


def _applied(client: Client, resource: Resource, one: Identity, body: Manifest, *, force: bool, dry: bool) -> Manifest:
    query = {"fieldManager": MANAGER, "force": str(force).lower(), **({"dryRun": "All"} if dry else {})}
    found: Manifest = client.send("PATCH", resource.path(one), query, body, content=APPLY)
    return found


def preview(client: Client, discovery: Discovery, manifest: Manifest, live: Live | None, applyset: str) -> Preview:
    """What would become of one object. Raises ``TargetError`` where the API cannot be asked."""
    resource = discovery.of(manifest)
    one, body = identity(manifest), to_apply(manifest, applyset)
    if live is None:
        return _created(client, resource, one, body)
    found = _in_version(client, resource, one, live)
    return _changed(client, resource, one, body, found)


def _created(client: Client, resource: Resource, one: Identity, body: Manifest) -> Preview:
    try:
        apply(client, resource, one, body, dry=True)
    except ApiError as error:
        return Preview(refused=f"there is no namespace {one.namespace}" if error.status == 404 else error.message)
    return Preview()


def _changed(client: Client, resource: Resource, one: Identity, body: Manifest, found: Manifest) -> Preview:
    before = content_of(found)
    conflicts: tuple[Conflict, ...] = ()
    try:
        after = apply(client, resource, one, body, dry=True)
    except ApiError as error:
        conflicts = tuple(conflict for conflict in error.conflicts if conflict.manager != MANAGER)
        if not conflicts:
            return _refused(client, resource, one, body, before, error)
        try:
            after = apply(client, resource, one, body, force=True, dry=True)
        except ApiError as forced:
            return _refused(client, resource, one, body, before, forced)

    def explain(path: Path) -> str:
        return _reason(after, path)

    def keeper(path: Path) -> str:
        return _keeper(found, path)

    return Preview(before, content_of(after), conflicts, explain=explain, keeper=keeper)


def _refused(
    client: Client, resource: Resource, one: Identity, body: Manifest, before: Manifest, error: ApiError
) -> Preview:
    """A change that is refused for its values, while the same object could be made anew, needs to replace it.

    That is asked of the API rather than read out of its messages, which have no common word for immutable fields.
    """
    possible = error.names_fields and _could_be_made(client, resource, one, body)
    return Preview(before, None, refused="" if possible else error.message, replaces=possible)


def _could_be_made(client: Client, resource: Resource, one: Identity, body: Manifest) -> bool:
    other = one._replace(name=one.name[: _LONGEST_NAME - len(_PROBE)] + _PROBE)
    if len(other.name) > 63:
        other = one._replace(name="x" + _PROBE)
    try:
        apply(client, resource, other, {**body, "metadata": {**body["metadata"], "name": other.name}}, dry=True)
    except ApiError:
        return False
    return True


def _in_version(client: Client, resource: Resource, one: Identity, live: Live) -> Manifest:
    """The live object in the manifest's own API version, which is the one it can be compared in."""
    if live.manifest["apiVersion"] == resource.api_version:
        return live.manifest
    found: Manifest = client.get(resource.path(one))
    return found


def _reason(after: Manifest, path: Path) -> str:
    """Why a field is there although nobody asks for it in Git; empty for what is our own mark."""
    if LABEL_PART_OF in path:
        return ""
    found = owners(after, path)
    others = [owner.manager for owner in found if owner.manager != MANAGER]
    if others:
        return f"owned by {others[0]}"
    return "changed by a webhook" if found else "defaulted by the API or a webhook"


def _keeper(found: Manifest, path: Path) -> str:
    """Who set a field, and when, where that was not us."""
    for owner in owners(found, path):
        if owner.manager != MANAGER:
            return f"set by {owner.manager}" + (f" at {owner.time}" if owner.time else "")
    return ""
