from __future__ import annotations

import copy
from typing import Any

import pytest

from mlgitops.manifest import Manifest
from mlgitops.targets.kubernetes.objects import content_of, live_of, to_apply
from mlgitops.targets.kubernetes.ownership import owners

OURS = {
    "f:metadata": {"f:labels": {"f:app": {}}},
    "f:spec": {
        "f:replicas": {},
        "f:args": {},
        "f:containers": {
            'k:{"name":"main"}': {".": {}, "f:name": {}, "f:image": {}},
        },
        "f:finalizers": {".": {}, 'v:"keep"': {}},
    },
}
THEIRS: dict[str, Any] = {"f:spec": {"f:paused": {}, "f:containers": {'k:{"name":"main"}': {"f:tty": {}}}}}


@pytest.fixture
def live() -> Manifest:
    return {
        "apiVersion": "v1",
        "kind": "Thing",
        "metadata": {
            "name": "a",
            "namespace": "ml",
            "uid": "u",
            "resourceVersion": "1",
            "labels": {"app": "web", "theirs": "x"},
            "managedFields": [
                {"manager": "mlgitops", "operation": "Apply", "fieldsV1": OURS, "time": "2026-01-01T00:00:00Z"},
                {"manager": "mlgitops", "operation": "Update", "fieldsV1": {"f:spec": {"f:hooked": {}}}},
                {"manager": "hpa", "operation": "Update", "fieldsV1": THEIRS, "time": "2026-01-02T00:00:00Z"},
                {"manager": "hpa", "operation": "Update", "subresource": "status", "fieldsV1": {"f:status": {}}},
            ],
        },
        "spec": {
            "replicas": 3,
            "args": ["a", "b"],
            "hooked": True,
            "paused": False,
            "containers": [{"name": "side", "image": "s"}, {"name": "main", "image": "x", "tty": True, "pull": "d"}],
            "finalizers": ["keep", "theirs"],
        },
        "status": {"ready": True},
    }


@pytest.mark.parametrize(
    ("path", "managers"),
    [
        (("spec", "replicas"), ["mlgitops"]),
        (("spec", "args", 1), ["mlgitops"]),
        (("spec", "paused"), ["hpa"]),
        (("spec", "containers", "[main]", "image"), ["mlgitops"]),
        (("spec", "containers", 1, "tty"), ["hpa"]),
        (("spec", "containers", "[side]", "image"), []),
        (("spec", "containers", "[main]", "pull"), []),
        (("spec", "hooked"), ["mlgitops"]),
        (("metadata", "labels", "theirs"), []),
        (("status", "ready"), []),
        (("no", "where"), []),
    ],
)
def test_the_owners_of_a_field_are_found_by_its_path(live: Manifest, path: Any, managers: list[str]) -> None:
    assert [owner.manager for owner in owners(live, path)] == managers


def test_only_what_we_applied_is_ours(live: Manifest) -> None:
    assert [owner.is_us for owner in owners(live, ("spec", "hooked"))] == [False]
    assert [owner.is_us for owner in owners(live, ("spec", "replicas"))] == [True]


def change(live: Manifest, what: str) -> None:
    match what:
        case "status":
            live["status"] = {"ready": False}
            live["metadata"]["resourceVersion"] = "2"
        case "their field":
            live["spec"]["paused"] = True
        case "their item":
            live["spec"]["containers"].insert(0, {"name": "new", "image": "n"})
        case "our field":  # as the API does it: who changes a field owns it
            live["spec"]["replicas"] = 4
            live["metadata"]["managedFields"] = copy.deepcopy(live["metadata"]["managedFields"])
            del live["metadata"]["managedFields"][0]["fieldsV1"]["f:spec"]["f:replicas"]


@pytest.mark.parametrize("what", ["status", "their field", "their item", "our field"])
def test_the_digest_moves_with_what_we_own_and_the_version_with_any_content(live: Manifest, what: str) -> None:
    before = live_of(live)
    digest, version = before.digest, before.version
    change(live, what)
    after = live_of(live)
    assert (after.digest != digest) == (what == "our field")
    uid, revision, content = after.version.split(" ")
    assert (content != version.split(" ")[2]) == (what != "status")
    assert (uid, revision) == ("u", "2" if what == "status" else "1")


def test_an_object_that_we_never_applied_says_so(live: Manifest) -> None:
    assert live_of(live).applied == "nothing"


def test_what_is_sent_says_which_manifest_it_was_and_the_content_is_free_of_it() -> None:
    manifest: Manifest = {"apiVersion": "v1", "kind": "Thing", "metadata": {"name": "a", "labels": {"l": "1"}}}
    sent = to_apply(manifest, "applyset-x-v1")
    assert manifest["metadata"] == {"name": "a", "labels": {"l": "1"}}
    assert sent["metadata"]["labels"] == {"l": "1", "applyset.kubernetes.io/part-of": "applyset-x-v1"}
    found = {**sent, "metadata": {**sent["metadata"], "uid": "u", "resourceVersion": "1"}, "status": {}}
    assert live_of(found).applied.startswith("sha256:")
    assert content_of(found) == {**manifest, "metadata": {"name": "a", "labels": sent["metadata"]["labels"]}}
