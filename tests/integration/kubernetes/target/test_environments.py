"""This repository's own environments, applied to a real cluster with the whole command."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest

from tests.testbed.api import ApiError
from tests.testbed.control_plane import ControlPlane

ROOT = Path(__file__).resolve().parents[4]
TARGETS = [(path.stem.rpartition("-")[2], path.stem) for path in sorted((ROOT / "targets").glob("*.yaml"))]
CHANGES, NOT_AUTHORISED = 2, 4

Run = Callable[..., tuple[int, str, str]]


@pytest.mark.parametrize(("environment", "target"), TARGETS)
def test_after_apply_plan_says_no_changes(cluster: ControlPlane, run: Run, environment: str, target: str) -> None:
    asked = ("--env", environment, "--target", target)
    code, said, wrong = run("apply", *asked, "--yes", "--no-wait", "--no-progress")
    assert (code, wrong) == (0, ""), said
    code, said, _ = run("plan", *asked, "--detailed-exitcode")
    assert (code, "No changes." in said) == (0, True), said
    with cluster.audit.recording() as recorded:
        assert run("apply", *asked, "--yes", "--no-wait")[0] == 0
        assert run("drift", *asked)[0] == 0
    assert recorded.mutating() == []


def test_what_is_rendered_is_accepted_as_it_is_planned(cluster: ControlPlane, run: Run) -> None:
    code, said, _ = run("plan", "--env", "dev", "--target", "aws-dev", "-o", "json")
    changes = orjson.loads(said)["targets"][0]["changes"]
    assert code == 0
    assert {change["refused"] for change in changes} == {""}


def test_a_saved_plan_is_refused_once_anything_moved_and_nothing_is_written(
    cluster: ControlPlane, run: Run, project: Path
) -> None:
    asked = ("--env", "dev", "--target", "edge-factory-dev")
    code, said, wrong = run("apply", *asked, "--yes", "--no-wait")
    assert code == 0, said + wrong
    path = project / "environments/dev/models/iris-sklearn.yaml"
    subprocess.run(["git", "commit", "-q", "--allow-empty", "-m", "Another"], cwd=project, check=True)
    assert run("plan", *asked, "-o", "plan.json")[0] == 0
    name = json.loads((project / "plan.json").read_text())["targets"][0]["changes"][0]["object"]
    live = {"apiVersion": f"{name['group']}/v1beta1", "kind": name["kind"]}
    manifest = {**live, "metadata": {"namespace": name["namespace"], "name": name["name"]}}
    edit = {"metadata": {"labels": {"theirs": "1"}}}
    cluster.api.request("PATCH", cluster.api.path(manifest), edit, content_type="application/merge-patch+json")
    with cluster.audit.recording() as recorded:
        code, _, wrong = run("apply", "plan.json")
    assert (code, "moved after the plan was made" in wrong) == (1, True)
    assert recorded.mutating() == []
    assert path.exists()


def test_drift_is_found_named_and_repaired(cluster: ControlPlane, run: Run) -> None:
    asked = ("--env", "dev", "--target", "edge-factory-dev")
    assert run("apply", *asked, "--yes", "--no-wait")[0] == 0
    service = {"apiVersion": "serving.kserve.io/v1beta1", "kind": "InferenceService"}
    manifest = {**service, "metadata": {"namespace": "models-dev", "name": "iris-sklearn"}}
    path = f"{cluster.api.path(manifest)}?fieldManager=kubectl-edit"
    edit = {"spec": {"predictor": {"maxReplicas": 9}}}
    cluster.api.request("PATCH", path, edit, content_type="application/merge-patch+json")
    code, said, _ = run("drift", *asked)
    assert (code, "set by kubectl-edit" in said) == (CHANGES, True), said
    code, said, wrong = run("drift", *asked, "--fix", "--yes")
    assert code == 0, said + wrong
    assert cluster.api.read(manifest)["spec"]["predictor"]["maxReplicas"] == 1
    assert run("drift", *asked)[0] == 0


def test_who_may_not_is_told_so_with_an_exit_code_of_its_own(
    cluster: ControlPlane, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KUBECONFIG", str(cluster.add_account("nobody", [])))
    code, _, wrong = run("plan", "--env", "dev", "--target", "aws-dev")
    assert (code, "not allowed" in wrong) == (NOT_AUTHORISED, True)


def test_a_field_that_is_left_to_others_is_no_drift_in_status_either(
    cluster: ControlPlane, run: Run, project: Path
) -> None:
    asked = ("--env", "dev", "--target", "edge-factory-dev", "--model", "iris-sklearn")
    environment = project / "environments/dev/environment.yaml"
    rule = "  ignore:\n    - {kind: InferenceService, pointers: [/spec/predictor/maxReplicas]}\n"
    environment.write_text(environment.read_text().rstrip() + "\n" + rule)
    assert run("apply", *asked, "--yes", "--no-wait")[0] == 0
    service = {"apiVersion": "serving.kserve.io/v1beta1", "kind": "InferenceService"}
    manifest = {**service, "metadata": {"namespace": "models-dev", "name": "iris-sklearn"}}
    path = f"{cluster.api.path(manifest)}?fieldManager=autoscaler"
    edit = {"spec": {"predictor": {"maxReplicas": 9}}}
    cluster.api.request("PATCH", path, edit, content_type="application/merge-patch+json")
    assert run("drift", *asked)[0] == 0
    _, said, _ = run("status", *asked, "-o", "json")
    (running,) = orjson.loads(said)["environments"][0]["targets"][0]["running"]
    assert (running["drifted"], running["pending"]) == (False, False)


def test_replicas_that_keda_set_are_neither_a_change_nor_drift(cluster: ControlPlane, run: Run) -> None:
    asked = ("--env", "dev", "--target", "aws-dev", "--model", "iris-stream")
    assert run("apply", *asked, "--yes", "--no-wait")[0] == 0
    place = {"namespace": "models-dev", "name": "iris-stream"}
    manifest = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": place}
    path = f"{cluster.api.path(manifest)}/scale?fieldManager=keda"
    scaled = {"spec": {"replicas": 7}}
    cluster.api.request("PATCH", path, scaled, content_type="application/merge-patch+json")
    code, said, _ = run("plan", *asked, "--detailed-exitcode")
    assert (code, "No changes." in said) == (0, True), said
    assert run("drift", *asked)[0] == 0
    assert run("apply", *asked, "--yes", "--no-wait")[0] == 0
    assert cluster.api.read(manifest)["spec"]["replicas"] == 7


def test_a_consumer_s_pods_are_admitted_where_the_restricted_profile_is_enforced(
    cluster: ControlPlane, run: Run
) -> None:
    asked = ("--env", "prod", "--target", "aws-prod", "--select", "Deployment/iris-stream")
    _, said, _ = run("render", *asked, "-o", "json")
    (deployment,) = orjson.loads(said)["items"]
    namespace = cluster.new_namespace()
    labels = {"pod-security.kubernetes.io/enforce": "restricted"}
    cluster.api.request(
        "PATCH", f"/api/v1/namespaces/{namespace}", {"metadata": {"labels": labels}},
        content_type="application/merge-patch+json",
    )  # fmt: skip
    account = {"name": "default", "namespace": namespace}
    cluster.api.create({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": account})
    pod = {"apiVersion": "v1", "kind": "Pod"}
    template = deployment["spec"]["template"]["spec"]
    cluster.api.create({**pod, "metadata": {"name": "a", "namespace": namespace}, "spec": template})
    (container,) = template["containers"]
    loose = {**template, "containers": [{**container, "securityContext": {}}]}
    with pytest.raises(ApiError, match="violates PodSecurity"):
        cluster.api.create({**pod, "metadata": {"name": "b", "namespace": namespace}, "spec": loose})


def test_a_consumer_that_is_taken_out_of_git_goes_with_what_scaled_it(
    cluster: ControlPlane, run: Run, project: Path
) -> None:
    asked = ("--env", "dev", "--target", "aws-dev")
    assert run("apply", *asked, "--yes", "--no-wait")[0] == 0
    place = {"namespace": "models-dev", "name": "iris-stream"}
    consumer = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": place}
    scaled = {"apiVersion": "keda.sh/v1alpha1", "kind": "ScaledObject", "metadata": place}
    assert [cluster.api.exists(one) for one in (consumer, scaled)] == [True, True]
    (project / "environments/dev/models/iris-stream.yaml").unlink()
    code, said, wrong = run("apply", *asked, "--yes", "--no-wait")
    assert code == 0, said + wrong
    assert [cluster.api.exists(one) for one in (consumer, scaled)] == [False, False]
