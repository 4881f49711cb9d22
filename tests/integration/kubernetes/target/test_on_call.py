"""`mlgitops status --all` over a real cluster, with one target out of reach, and with the rights of one namespace."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

from mlgitops.controller.map_store import MapStore
from mlgitops.controller.state import Key, Result, State, TargetState, Word
from mlgitops.controller.stores import NAME
from mlgitops.manifest import Manifest
from mlgitops.targets.kubernetes import configuration
from mlgitops.targets.kubernetes.client import Client
from mlgitops.targets.kubernetes.leadership import LeaderLease
from mlgitops.targets.kubernetes.notes import Notes
from tests.testbed.command import Ran
from tests.testbed.control_plane import CONTEXT, ControlPlane
from tests.testbed.fleet import Fleet
from tests.testbed.scene import Scene

BROKEN = {
    "conditions": [{"type": "Ready", "status": "False", "lastTransitionTime": "2026-01-01T00:00:00Z"}],
    "modelStatus": {"states": {"activeModelState": "", "targetModelState": "FailedToLoad"},
                    "transitionStatus": "BlockedByFailedLoad",
                    "lastFailureInfo": {"reason": "ModelLoadFailed", "message": "no such file"}},
}  # fmt: skip
READY = {
    "conditions": [{"type": "Ready", "status": "True", "lastTransitionTime": "2026-01-01T00:00:00Z"}],
    "modelStatus": {"states": {"activeModelState": "Loaded", "targetModelState": "Loaded"},
                    "transitionStatus": "UpToDate"},
}  # fmt: skip
LAB = """\
apiVersion: mlgitops.dev/v1alpha1
kind: Environment
metadata:
  name: lab
spec:
  targets: [target-0]
  namespace: {}
  reconcile:
    suspend: the lab is being moved
  policy:
    rules:
      release-digest-missing: "off"
"""


def service(namespace: str, name: str) -> Manifest:
    kind = {"apiVersion": "serving.kserve.io/v1beta1", "kind": "InferenceService"}
    return {**kind, "metadata": {"namespace": namespace, "name": name}}


def edit(scene: Scene, manifest: Manifest, **fields: Any) -> None:
    path = f"{scene.plane.api.path(manifest)}?fieldManager=kubectl-edit"
    scene.plane.api.request("PATCH", path, fields, content_type="application/merge-patch+json")


@pytest.fixture
def fleet(control_plane: ControlPlane, namespace: str, tmp_path: Path) -> Iterator[Fleet]:
    """Two models at three targets: one failed, one edited by hand, one target out of reach; another environment rests.

    Nobody listens at the port of the last target.
    """
    scene = Scene(control_plane, tmp_path / "shop", namespace)
    with Fleet.of(scene, 3) as made:
        project = scene.root / "mlgitops.yaml"
        project.write_text(project.read_text().replace("[dev]", "[lab, dev]"))
        scene.write({"environments/lab/environment.yaml": LAB.format(namespace)})
        scene.models("iris", "rose")
        scene.commit()
        scene.applied()
        first, second, _ = made.namespaces.values()
        for where in (first, second):
            for name in ("iris", "rose"):
                control_plane.api.set_status(service(where, name), READY)
        control_plane.api.set_status(service(first, "iris"), BROKEN)
        edit(scene, service(second, "rose"), spec={"predictor": {"maxReplicas": 9}})
        made.reach(**{made.names[-1]: 1})
        yield made


def problems(ran: Ran) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(ran.out)["problems"]
    return found


def test_one_screen_says_what_is_wrong_where_since_when_and_what_to_do(fleet: Fleet) -> None:
    scene = fleet.scene
    with scene.plane.audit.recording() as recorded:
        ran = scene.run("status", "--all", "-o", "json", "-o", "text=screen.txt")
    assert (ran.code, ran.err, recorded.mutating()) == (1, "", [])
    found = problems(ran)
    assert [(one["state"], one["where"]["environment"], one["where"]["targets"], one["what"]) for one in found] == [
        ("unreachable", "dev", ["target-2"], []),
        ("failed", "dev", ["target-0"], ["iris"]),
        ("drifted", "dev", ["target-1"], ["rose"]),
        ("suspended", "lab", [], []),
    ]
    unreachable, failed, drifted, suspended = found
    assert unreachable["help"].startswith("kubectl ")
    assert unreachable["help"].endswith(" get --raw=/readyz")
    assert (failed["since"], "no such file" in failed["reason"]) == ("2026-01-01T00:00:00Z", True)
    assert failed["help"].endswith("mlgitops rollback iris --env dev")
    assert drifted["reason"] == "spec.predictor.maxReplicas of InferenceService/rose, set by kubectl-edit"
    assert drifted["since"].startswith("20")
    assert (suspended["reason"], suspended["wrong"]) == ("the lab is being moved", False)
    screen = (scene.root / "screen.txt").read_text().splitlines()
    assert screen[0] == "Project shop  3 wrong, 1 held back or going on"
    assert screen[-1] == "Well: 2 models and pipelines at 2 of 4 targets, in 1 environment."
    assert len(screen) <= 10


def test_what_it_says_to_do_does_it(fleet: Fleet) -> None:
    scene = fleet.scene
    (help,) = (one["help"] for one in problems(scene.run("status", "--all", "-o", "json")) if one["state"] == "drifted")
    program, *arguments = help.split()
    assert program == "mlgitops"
    scene.run(*arguments, "--yes")
    assert "drifted" not in {one["state"] for one in problems(scene.run("status", "--all", "-o", "json"))}


def test_it_asks_for_no_kind_but_its_own_and_so_is_content_with_the_rights_of_a_namespace(one: Scene) -> None:
    """A cluster serves a hundred kinds. To who may read only some, nothing is refused and no answer is missing."""
    kinds = ["configmaps", "serviceaccounts", "roles", "inferenceservices"]
    groups = ["", "rbac.authorization.k8s.io", "serving.kserve.io"]
    rules = [{"apiGroups": groups, "resources": kinds, "verbs": ["get", "list"]}]
    one.kubeconfig = one.plane.add_account("on-call", rules, one.namespace)
    edit(one, service(one.namespace, "rose"), spec={"predictor": {"maxReplicas": 9}})
    with one.plane.audit.recording() as recorded:
        ran = one.run("status", "--all", "-o", "json")
    assert (ran.code, [one["state"] for one in problems(ran)]) == (1, ["drifted"]), ran.said
    asked = [event for event in recorded.events if event.verb == "list"]
    assert {event.resource for event in asked} <= set(kinds)
    assert [event.resource for event in asked if event.status == 403] == []


@pytest.fixture
def one(control_plane: ControlPlane, namespace: str, tmp_path: Path) -> Scene:
    """Two models, applied and ready."""
    made = Scene(control_plane, tmp_path / "shop", namespace)
    made.models("iris", "rose")
    made.commit()
    made.applied()
    for name in ("iris", "rose"):
        control_plane.api.set_status(service(namespace, name), READY)
    return made


def test_a_controller_whose_replicas_agree_on_a_leader_is_asked_by_its_namespace(one: Scene) -> None:
    """Its state, and by the Lease whether anybody still leads."""
    client = Client(lambda: configuration.load({"kubeconfig": str(one.kubeconfig)}, Path("/")))
    place = f"kubernetes:{one.namespace}"
    ran = one.run("status", "--all", "--controller", place, "-o", "json")
    assert [(one["state"], one["wrong"]) for one in problems(ran)] == [("no controller", True)]
    leader = LeaderLease(client, one.namespace, NAME)
    leader.acquire()
    key, long_ago = Key("dev", "here"), time.time() - 86_400
    known = TargetState(result=Result(Word.REFUSED, "it deletes all", "by hand"), since=long_ago, next_attempt=long_ago)
    MapStore(Notes(client, one.namespace, NAME), nullcontext).write(State("abc", long_ago, targets={key: known}))
    (refused,) = problems(one.run("status", "--all", "--controller", place, "-o", "json"))
    leader.release()
    assert (refused["state"], refused["reason"], refused["help"]) == ("refused", "it deletes all", "by hand")
    assert refused["since"]
    path = f"/apis/coordination.k8s.io/v1/namespaces/{one.namespace}/leases/{NAME}"
    lease = {"spec": {"renewTime": "2026-01-01T00:00:00.000000Z"}}
    one.plane.api.request("PATCH", path, lease, content_type="application/merge-patch+json")
    context = one.run("status", "--all", "--controller", f"kubernetes:{CONTEXT}/{one.namespace}", "-o", "json")
    assert [each["state"] for each in problems(context)] == ["no controller", "refused"]


def test_what_may_not_be_read_is_told_with_the_right_that_is_missing(one: Scene) -> None:
    rule = {"apiGroups": [""], "resources": ["configmaps", "serviceaccounts"], "verbs": ["get", "list"]}
    one.kubeconfig = one.plane.add_account("short", [rule], one.namespace)
    ran = one.run("status", "--all", "-o", "json")
    (problem,) = problems(ran)
    assert (ran.code, problem["state"]) == (1, "forbidden"), ran.said
    who = f"system:serviceaccount:{one.namespace}:short"
    missing = f"list inferenceservices.serving.kserve.io in namespace {one.namespace}, as {who}"
    assert problem["reason"] == f"not allowed: {missing}"
    assert problem["help"].startswith("Ask for that right")
