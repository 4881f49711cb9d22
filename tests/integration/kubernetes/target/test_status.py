"""What `status` and `drift` say of a real cluster, in every format; and that a run which ended is done."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from mlgitops.manifest import Manifest
from tests.testbed.audit import Recording
from tests.testbed.control_plane import ControlPlane
from tests.testbed.scene import Scene

DRIFT = 2
PIPELINE = "environments/dev/pipelines/trained.yaml"
TRAINING = """\
apiVersion: mlgitops.dev/v1alpha1
kind: Pipeline
metadata:
  name: trained
spec:
  training:
    runtime: torch-distributed
    image: registry.example.com/train:1
    command: [train]
    args: [--epochs=1]
"""
TRAINED = [{"type": "Complete", "status": "True", "reason": "JobsCompleted", "message": "All jobs are complete",
            "lastTransitionTime": "2026-01-01T00:00:00Z"}]  # fmt: skip
FAILED = [{**TRAINED[0], "type": "Failed", "reason": "BackoffLimitExceeded", "message": "The job failed"}]
READY = {
    "conditions": [{"type": "Ready", "status": "True", "lastTransitionTime": "2026-01-01T00:00:00Z"}],
    "modelStatus": {"states": {"activeModelState": "Loaded", "targetModelState": "Loaded"},
                    "transitionStatus": "UpToDate"},
}  # fmt: skip
BROKEN = {
    "conditions": [{"type": "Ready", "status": "False", "lastTransitionTime": "2026-01-01T00:00:00Z"}],
    "modelStatus": {"states": {"activeModelState": "", "targetModelState": "FailedToLoad"},
                    "transitionStatus": "BlockedByFailedLoad",
                    "lastFailureInfo": {"reason": "ModelLoadFailed", "message": "no such file"}},
}  # fmt: skip


@pytest.fixture
def scene(control_plane: ControlPlane, namespace: str, tmp_path: Path) -> Scene:
    """A project whose one target is the test's namespace, where training can run."""
    made = Scene(control_plane, tmp_path / "shop", namespace)
    target = (made.root / "targets/here.yaml").read_text()
    made.write({"targets/here.yaml": target.replace('kserve: "0.16.0"', 'kserve: "0.16.0"\n    trainer: "2.1.0"')})
    return made


@pytest.fixture
def service(scene: Scene) -> Callable[[str], Manifest]:
    """``service("iris")``: enough of a model's InferenceService to find it by."""
    kind = {"apiVersion": "serving.kserve.io/v1beta1", "kind": "InferenceService"}
    return lambda name: {**kind, "metadata": {"namespace": scene.namespace, "name": name}}


def edit(scene: Scene, manifest: Manifest, manager: str = "kubectl-edit", **fields: Any) -> None:
    path = f"{scene.plane.api.path(manifest)}?fieldManager={manager}"
    scene.plane.api.request("PATCH", path, fields, content_type="application/merge-patch+json")


def statuses(scene: Scene, *more: str) -> dict[str, dict[str, Any]]:
    """What runs, by owner."""
    ran = scene.run("status", "-o", "json", *more)
    (target,) = json.loads(ran.out)["environments"][0]["targets"]
    return {one["owner"]: one for one in target["running"]}


def train_jobs(scene: Scene) -> list[Manifest]:
    path = f"/apis/trainer.kubeflow.org/v1alpha1/namespaces/{scene.namespace}/trainjobs"
    items: list[Manifest] = scene.plane.api.get(path)["items"]
    return [{"apiVersion": "trainer.kubeflow.org/v1alpha1", "kind": "TrainJob", **item} for item in items]


def untouched(recording: Recording) -> bool:
    return recording.mutating() == []


# Status


def test_status_says_what_runs_how_it_is_and_from_which_commit(
    scene: Scene, service: Callable[[str], Manifest]
) -> None:
    scene.models("iris", "rose", "tulip")
    first = scene.commit()
    scene.applied()
    scene.plane.api.set_status(service("iris"), READY)
    scene.plane.api.set_status(service("rose"), BROKEN)
    edit(scene, service("tulip"), spec={"predictor": {"maxReplicas": 9}})
    scene.models("iris", "rose", "tulip", "lily", version="1.1")
    scene.commit()
    with scene.plane.audit.recording() as recorded:
        found = statuses(scene)
        ran = scene.run("status")
    assert untouched(recorded)
    assert ran.code == 1
    assert {owner: one["health"]["state"] for owner, one in found.items()} == {
        "Model/iris": "ready", "Model/rose": "failed", "Model/tulip": "progressing", "Model/lily": "unknown",
    }  # fmt: skip
    assert {one["release"] for owner, one in found.items() if owner != "Model/lily"} == {"1.0"}
    assert {one["commit"] for owner, one in found.items() if owner != "Model/lily"} == {first}
    assert [one["drifted"] for one in found.values()].count(True) == 1
    assert found["Model/tulip"]["drifted"]
    assert {one["pending"] for one in found.values()} == {True}
    assert found["Model/iris"]["health"]["since"] == "2026-01-01T00:00:00Z"
    assert not found["Model/lily"]["applied"]
    assert "no such file" in ran.out
    table = [line.split() for line in ran.out.splitlines() if " here " in line]
    assert [words[words.index("here") - 1] for words in table] == ["rose", "tulip", "lily", "iris"]


# Drift


@pytest.fixture
def drifted(scene: Scene, service: Callable[[str], Manifest]) -> Scene:
    """One model changed, one gone, and an object too many."""
    scene.models("iris", "rose", "tulip")
    scene.commit()
    scene.applied()
    edit(scene, service("iris"), spec={"predictor": {"maxReplicas": 9}})
    scene.plane.api.delete(service("rose"))
    extra = scene.plane.api.read(service("tulip"))
    labels = {key: value for key, value in extra["metadata"]["labels"].items() if "applyset" not in key}
    metadata = {"namespace": scene.namespace, "name": "extra", "labels": labels}
    scene.plane.api.create({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata})
    return scene


def test_drift_tells_what_changed_by_whom_and_when_what_is_missing_and_what_is_unexpected(drifted: Scene) -> None:
    with drifted.plane.audit.recording() as recorded:
        ran = drifted.run("drift", "-o", "json", "-o", "junit=drift.xml", "-o", "text=drift.txt")
    assert (ran.code, ran.err, untouched(recorded)) == (DRIFT, "", True)
    (target,) = json.loads(ran.out)["environments"][0]["targets"]
    found = {group: [one["object"]["name"] for one in target[group]] for group in ("changed", "missing", "unexpected")}
    assert found == {"changed": ["iris"], "missing": ["rose"], "unexpected": ["extra"]}
    (field,) = target["changed"][0]["fields"]
    assert (field["path"], field["live"], field["git"]) == ("spec.predictor.maxReplicas", "9", "3")
    assert field["reason"].startswith("set by kubectl-edit at 20")
    suites = ElementTree.fromstring((drifted.root / "drift.xml").read_text())
    failures = {case.get("name"): failure.get("type") for case in suites.iter("testcase") for failure in case}
    assert failures == {
        f"Model/iris: InferenceService/iris ({drifted.namespace})": "changed",
        f"Model/rose: InferenceService/rose ({drifted.namespace})": "missing",
        f"Model/tulip: ConfigMap/extra ({drifted.namespace})": "unexpected",
    }
    assert "9 -> 3" in (drifted.root / "drift.txt").read_text()
    assert "set by kubectl-edit at 20" in (drifted.root / "drift.txt").read_text()


def test_the_repair_writes_what_git_says_and_leaves_the_rest(
    drifted: Scene, service: Callable[[str], Manifest]
) -> None:
    with drifted.plane.audit.recording() as recorded:
        ran = drifted.run("drift", "--fix", "--yes")
    assert (ran.code, "What Git does not have was left as it is." in ran.err) == (DRIFT, True), ran.said
    assert {(verb, name) for verb, resource, _, name in recorded.counts() if resource == "inferenceservices"} == {
        ("patch", "iris"), ("patch", "rose"),
    }  # fmt: skip
    assert drifted.plane.api.read(service("iris"))["spec"]["predictor"]["maxReplicas"] == 3
    assert drifted.plane.api.exists(service("rose"))
    extra = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"namespace": drifted.namespace, "name": "extra"}}
    drifted.plane.api.delete(extra)
    with drifted.plane.audit.recording() as recorded:
        assert drifted.run("drift", "--fix", "--yes").code == 0
    assert untouched(recorded)


def test_the_repair_applies_no_change_of_git(drifted: Scene, service: Callable[[str], Manifest]) -> None:
    drifted.models("iris", "rose", "tulip", version="1.1")
    drifted.commit()
    assert drifted.run("drift", "--model", "tulip", "--fix", "--yes").code == DRIFT  # the ConfigMap has its labels
    storage = drifted.plane.api.read(service("tulip"))["spec"]["predictor"]["model"]["storageUri"]
    assert storage == "s3://models/tulip/1.0"
    assert statuses(drifted)["Model/tulip"]["pending"]


# What runs once


@pytest.mark.parametrize("seen", [True, False])
@pytest.mark.parametrize(("end", "state", "said"), [
    (TRAINED, "ready", "it completed, and is gone since"), (FAILED, "failed", "it failed, and is gone since"),
])  # fmt: skip
def test_a_run_that_ended_and_was_removed_is_done_and_no_drift(
    scene: Scene, end: list[dict[str, str]], state: str, said: str, seen: bool
) -> None:
    """As its time to live does. How it ended is known where an apply came by while it was still there."""
    scene.models("iris")
    scene.write({PIPELINE: TRAINING})
    scene.commit()
    scene.applied()
    (job,) = train_jobs(scene)
    scene.plane.api.set_status(job, {"conditions": end})
    if seen:
        scene.models("iris", version="1.1")
        scene.commit()
        scene.applied()
    scene.plane.api.delete(job)
    with scene.plane.audit.recording() as recorded:
        assert scene.run("drift").code == 0
        assert scene.run("drift", "--fix", "--yes").code == 0
        assert scene.run("plan", "--detailed-exitcode").code == 0
        scene.applied()
        found = statuses(scene)["Pipeline/trained"]
    assert (untouched(recorded), train_jobs(scene)) == (True, [])
    expected = (state, said) if seen else ("ready", "it is gone; nobody saw how it ended")
    assert (found["health"]["state"], found["health"]["reason"]) == expected
    assert (found["drifted"], found["pending"]) == (False, False)


def test_a_run_starts_again_only_if_git_changes_what_it_is_made_of(scene: Scene) -> None:
    scene.write({PIPELINE: TRAINING})
    scene.commit()
    scene.applied()
    (first,) = train_jobs(scene)
    scene.plane.api.set_status(first, {"conditions": TRAINED})
    scene.plane.api.delete(first)
    scene.write({PIPELINE: TRAINING.replace("epochs=1", "epochs=2")})
    scene.commit()
    ran = scene.run("plan")
    assert "1 to create, 0 to change, 0 to remove" in ran.out, ran.said
    scene.applied()
    (second,) = train_jobs(scene)
    assert second["metadata"]["name"] != first["metadata"]["name"]
    assert scene.run("drift").code == 0


def test_a_run_that_is_still_there_may_be_edited_by_nobody_unseen(scene: Scene) -> None:
    scene.write({PIPELINE: TRAINING})
    scene.commit()
    scene.applied()
    (job,) = train_jobs(scene)
    edit(scene, job, metadata={"labels": {"mlgitops.dev/pipeline": "another"}})
    ran = scene.run("drift", "-o", "json")
    (changed,) = json.loads(ran.out)["environments"][0]["targets"][0]["changed"]
    assert (ran.code, changed["object"]["kind"]) == (DRIFT, "TrainJob")
    assert changed["fields"][0]["reason"].startswith("set by kubectl-edit at 20")
