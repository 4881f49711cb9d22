"""The clusters of a soak: targets on several real API servers, whoever else writes there, and what was left."""

from __future__ import annotations

import contextlib
import random
import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import urllib3

from mlgitops.manifest import LABEL_TARGET
from mlgitops.targets.kubernetes.applyset import name_of
from tests.testbed import crds, credentials
from tests.testbed.api import Api, ApiError
from tests.testbed.control_plane import ADMIN, ControlPlane
from tests.testbed.credentials import Access
from tests.testbed.fixtures import ENVIRONMENT

VALUES = "/api/v1/namespaces/{}/configmaps"
MODELS = "/apis/serving.kserve.io/v1beta1/namespaces/{}/inferenceservices"
ALL_MODELS = "/apis/serving.kserve.io/v1beta1/inferenceservices"
KIND = "InferenceService"
READY = {"conditions": [{"type": "Ready", "status": "True", "lastTransitionTime": "2026-01-01T00:00:00Z"}]}
FOREIGN = "foreign"
MERGE = "application/merge-patch+json"
PAUSE = 0.3
EDITED_REPLICAS = 10
"""The fewest replicas that somebody scales a model to; Git never says so many."""


def model_definitions() -> list[crds.Definition]:
    """What has a server serve InferenceServices, and nothing else that is not Kubernetes' own."""
    (source,) = (name for name in crds.newest() if name.startswith("kserve"))
    return [one for one in crds.definitions(source, ENVIRONMENT) if one["spec"]["names"]["kind"] == KIND]


@dataclass
class Place:
    """A namespace of a server that is one target of one environment.

    ``foreign`` has what somebody else made there: the path of each object, and the value it was given.
    """

    environment: str
    target: str
    context: str
    namespace: str
    api: Api
    foreign: dict[str, str] = field(default_factory=dict)

    @property
    def inventory_name(self) -> str:
        """The name of the inventory's ConfigMap."""
        return name_of(f"shop/{self.environment}/{self.target}")

    def models(self) -> dict[str, dict[str, Any]]:
        """Every InferenceService, by name."""
        return self._found(MODELS)

    def values(self) -> dict[str, dict[str, Any]]:
        """Every ConfigMap, by name."""
        return self._found(VALUES)

    def ours(self, found: Mapping[str, Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
        """Those of some objects that say that they belong to the target."""
        labelled = {name: one for name, one in found.items() if LABEL_TARGET in (one["metadata"].get("labels") or {})}
        return {name: one for name, one in labelled.items() if one["metadata"]["labels"][LABEL_TARGET] == self.target}

    def _found(self, collection: str) -> dict[str, dict[str, Any]]:
        return {one["metadata"]["name"]: one for one in self.api.get(collection.format(self.namespace))["items"]}


class Clusters:
    """Each environment has a target on two servers, the namespace of which has the same name on both.

    ``accesses`` is how the controller reaches the servers; as ADMIN, where it is left out. ``steady`` are the names of
    objects that Git never removes.
    """

    def __init__(
        self, planes: Sequence[ControlPlane], environments: Sequence[str], accesses: Sequence[Access] = ()
    ) -> None:
        self.planes = planes
        self.edits: dict[str, int] = {}
        self.steady: frozenset[str] = frozenset()
        self.kubeconfig: Path = credentials.write_kubeconfig(
            planes[0].directory / "soak.kubeconfig",
            {
                f"server-{number}": access
                for number, access in enumerate(accesses or [plane.apiserver.access(ADMIN) for plane in planes])
            },
        )
        each = min(2, len(planes))
        self.places = [
            place
            for number, environment in enumerate(environments)
            for place in self._places(environment, [(each * number + one) % len(planes) for one in range(each)])
        ]

    def layout(self) -> dict[str, dict[str, tuple[str, str]]]:
        """The context and the namespace of each target of each environment."""
        found: dict[str, dict[str, tuple[str, str]]] = {}
        for place in self.places:
            found.setdefault(place.environment, {})[place.target] = place.context, place.namespace
        return found

    def edit(self, chosen: random.Random) -> None:
        """One random change by somebody who does not ask Git."""
        place = chosen.choice(self.places)
        what = chosen.choice(
            ("changed value", "changed model", "deleted value", "deleted model", "added", "unlabelled")
        )
        with contextlib.suppress(ApiError):  # what is changed here may just have gone
            self._do(place, what, chosen)
            self.edits[what] = self.edits.get(what, 0) + 1

    @contextlib.contextmanager
    def serving(self) -> Iterator[None]:
        """Plays KServe at all of them."""
        with contextlib.ExitStack() as stack:
            for plane in self.planes:
                here = {place.namespace for place in self.places if place.api is plane.api}
                stack.enter_context(serving(plane.api, here))
            yield

    def _places(self, environment: str, servers: Sequence[int]) -> Iterator[Place]:
        name = f"test-{environment}-{uuid4().hex[:10]}"
        for number in servers:
            plane = self.planes[number]
            plane.api.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
            yield Place(environment, f"{environment}-{number}", f"server-{number}", name, plane.api)

    def _do(self, place: Place, what: str, chosen: random.Random) -> None:
        if what == "added":
            self._add(place, f"{FOREIGN}-{chosen.randrange(10**9)}", str(chosen.random()))
            return
        collection = (MODELS if what.endswith("model") else VALUES).format(place.namespace)
        ours = sorted(place.ours(place.models() if what.endswith("model") else place.values()))
        if what == "unlabelled":  # what Git then removes is not ours to delete, nor to take back without a person
            ours = [name for name in ours if name in self.steady]
        if not ours:
            return
        path = f"{collection}/{chosen.choice(ours)}"
        theirs = str(chosen.random())
        match what:
            case "changed value":
                self._patch(place, path, {"data": {"value": theirs}})
            case "changed model":
                self._patch(
                    place, path, {"spec": {"predictor": {"maxReplicas": EDITED_REPLICAS + chosen.randrange(90)}}}
                )
            case "unlabelled":
                self._patch(place, path, {"metadata": {"labels": {"mlgitops.dev/project": None}}})
            case _:
                place.api.request("DELETE", path)

    def _add(self, place: Place, name: str, value: str) -> None:
        metadata = {"name": name, "namespace": place.namespace}
        body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"value": value}}
        place.api.request("POST", VALUES.format(place.namespace), body)
        place.foreign[name] = value

    def _patch(self, place: Place, path: str, body: dict[str, Any]) -> None:
        place.api.request("PATCH", f"{path}?fieldManager=somebody", body, content_type=MERGE)


@contextlib.contextmanager
def serving(api: Api, namespaces: Collection[str]) -> Iterator[None]:
    """Plays KServe: whatever is to be served in some namespaces is ready soon."""
    over = threading.Event()

    def serve() -> None:
        while not over.wait(PAUSE):
            with contextlib.suppress(ApiError, urllib3.exceptions.HTTPError):
                for one in api.get(ALL_MODELS)["items"]:
                    if "status" not in one and one["metadata"]["namespace"] in namespaces:
                        _make_ready(api, one)

    thread = threading.Thread(target=serve, name="serving")
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _make_ready(api: Api, one: Mapping[str, Any]) -> None:
    metadata = one["metadata"]
    path = f"{MODELS.format(metadata['namespace'])}/{metadata['name']}/status"
    with contextlib.suppress(ApiError):
        api.request("PATCH", path, {"status": READY}, content_type=MERGE)
