"""Writes objects: each write says which version it replaces, so that nothing is overwritten unseen."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping
from typing import Any

from mlgitops.errors import StalePlanError, TargetError
from mlgitops.manifest import Identity, Manifest, identity
from mlgitops.targets.inventory import InventoryEntry, Live, content_digest, same_version
from mlgitops.targets.kubernetes import dry_run
from mlgitops.targets.kubernetes.client import Client
from mlgitops.targets.kubernetes.discovery import Discovery, Resource
from mlgitops.targets.kubernetes.failures import ApiError
from mlgitops.targets.kubernetes.members import Members
from mlgitops.targets.kubernetes.objects import entry_of, live_of, to_apply

_TRIES = 5
"""Times that a write is tried while controllers report on the object, which moves its resource version."""
DELETE_SECONDS = 60.0
SERVED_SECONDS = 30.0
_POLL = 0.25


class Writing:
    """Writes to one cluster, from several threads if need be."""

    def __init__(self, client: Client, discovery: Discovery, members: Members, applyset: str) -> None:
        self._client = client
        self._discovery = discovery
        self._members = members
        self._applyset = applyset
        self._seen: dict[Identity, str] = {}
        """The version of each object that was looked for; empty for one that is not there."""

    def saw(self, wanted: Collection[Identity], live: Mapping[Identity, Live]) -> None:
        """Remembers what was there."""
        self._seen |= {one: live[one].version if one in live else "" for one in wanted}

    def is_new(self, one: Identity) -> bool:
        """Whether it was not there when it was looked for."""
        return not self._seen.get(one)

    def put(self, manifest: Manifest, expected: str, *, force: bool) -> InventoryEntry:
        """Applies an object. Raises ``StalePlanError`` where what is there is not what is expected."""
        one, resource = identity(manifest), self._resource(manifest)
        body = to_apply(manifest, self._applyset)
        for _ in range(_TRIES):
            version = self._expected(one, expected)
            try:
                found = dry_run.apply(self._client, resource, one, _pinned(body, version), force=force)
            except ApiError as error:
                self._moved(one, error)
                if error.repeated and (ours := self._already(one, manifest)):
                    expected = ours
            else:
                self._seen[one] = live_of(found).version
                if one.kind == "CustomResourceDefinition":
                    self._await_served(found)
                return entry_of(one, found)
        raise TargetError(f"{one} changes faster than it can be written", help="Try again.")

    def delete(self, one: Identity, expected: str) -> None:
        """Deletes an object and waits until it is gone. Raises ``StalePlanError`` as ``put`` does."""
        resource = self._discovery.find(one.group, one.kind)
        for _ in range(_TRIES):
            version = self._expected(one, expected)
            if resource is None or not version:
                return
            try:
                answer = self._client.send("DELETE", resource.path(one), body=_delete_options(version))
            except ApiError as error:
                if error.status == 404:
                    break
                self._moved(one, error)
            else:
                self._await_gone(one, answer)
                break
        else:
            raise TargetError(f"{one} changes faster than it can be deleted", help="Try again.")
        self._seen[one] = ""

    def _expected(self, one: Identity, expected: str) -> str:
        """The version that is there. Raises ``StalePlanError`` where it is not the one that is expected."""
        version = self._seen.get(one)
        if version is None:
            found = self._members.read(one)
            version = self._seen[one] = live_of(found).version if found else ""
        if not same_version(version, expected):
            raise StalePlanError(f"{one} moved after the plan was made", help="Plan again.")
        return version

    def _moved(self, one: Identity, error: ApiError) -> None:
        """Looks again where it was only the version that did not fit. Raises any other error."""
        if error.reason not in ("Conflict", "NotFound") or error.conflicts:
            raise error
        if error.reason == "NotFound" and not self._seen.get(one):
            raise error
        self._seen.pop(one, None)

    def _already(self, one: Identity, manifest: Manifest) -> str:
        """The version of an object that has the manifest since a request whose answer was lost; else empty."""
        found = self._members.read(one)
        live = live_of(found) if found else None
        return live.version if live and live.applied == content_digest(manifest) else ""

    def _resource(self, manifest: Manifest) -> Resource:
        """The manifest's kind. One that a CustomResourceDefinition just brought may take a moment to be served."""
        try:
            return self._discovery.of(manifest)
        except TargetError:
            self._discovery.forget()
            return self._discovery.of(manifest)

    def _await_served(self, definition: Manifest) -> None:
        """Waits until the API serves what a CustomResourceDefinition defines."""
        spec = definition["spec"]
        deadline = time.monotonic() + SERVED_SECONDS
        while time.monotonic() < deadline:
            self._discovery.forget()
            if self._discovery.find(spec["group"], spec["names"]["kind"]):
                return
            time.sleep(_POLL)
        raise TargetError(
            f"{spec['names']['kind']} is not served {SERVED_SECONDS:.0f} s after it was defined",
            help="See the conditions of that CustomResourceDefinition, then apply again.",
        )

    def _await_gone(self, one: Identity, answer: Mapping[str, Any]) -> None:
        """Waits for what has to be done before an object goes. Raises ``TargetError`` where that takes too long."""
        if answer.get("kind") == "Status":
            return
        uid = answer["metadata"]["uid"]
        deadline = time.monotonic() + DELETE_SECONDS
        pause = 0.02
        while (found := self._members.read(one)) is not None and found["metadata"]["uid"] == uid:
            if time.monotonic() > deadline:
                waits = ", ".join(found["metadata"].get("finalizers") or ()) or "what is inside it"
                raise TargetError(
                    f"{one} is being deleted, but still there after {DELETE_SECONDS:.0f} s: it waits for {waits}",
                    help="See why that is not done, then apply again.",
                )
            time.sleep(pause)
            pause = min(2.0, pause * 2)


def _pinned(body: Manifest, version: str) -> Manifest:
    """What is sent over a known version: nothing else is replaced."""
    if not version:
        return body
    uid, revision, _ = version.split(" ")
    return {**body, "metadata": {**body["metadata"], "uid": uid, "resourceVersion": revision}}


def _delete_options(version: str) -> dict[str, Any]:
    uid, revision, _ = version.split(" ")
    return {
        "apiVersion": "v1",
        "kind": "DeleteOptions",
        "preconditions": {"uid": uid, "resourceVersion": revision},
        "propagationPolicy": "Background",
    }
