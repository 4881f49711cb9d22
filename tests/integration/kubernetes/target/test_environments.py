"""This repository's own environments, applied to a real cluster with the whole command."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import orjson
import pytest

from mlgitops.cli.main import exit_code
from tests.testbed.control_plane import ControlPlane

ROOT = Path(__file__).resolve().parents[4]
TARGETS = [(path.stem.rpartition("-")[2], path.stem) for path in sorted((ROOT / "targets").glob("*.yaml"))]
CHANGES, NOT_AUTHORISED = 2, 4

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A clone whose targets are all the cluster of the kubeconfig."""
    root = tmp_path / "project"
    for name in ("targets", "environments", "models", "policies", "mlgitops.yaml"):
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, root / name)
        elif source.exists():
            shutil.copy(source, root / name)
    for path in (root / "targets").glob("*.yaml"):
        text = re.sub(r"connection:\n(    .*\n)+", "connection:\n    kubernetes: {}\n", path.read_text())
        path.write_text(text)
    for command in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "All"]):
        subprocess.run(["git", *command], cwd=root, check=True, capture_output=True)
    return root


@pytest.fixture
def cluster(control_plane: ControlPlane, monkeypatch: pytest.MonkeyPatch) -> Iterator[ControlPlane]:
    """The shared control plane as the current context; whatever is made in it goes again."""
    monkeypatch.setenv("KUBECONFIG", str(control_plane.kubeconfig))
    before = control_plane.checkpoint()
    yield control_plane
    control_plane.reset(before)


@pytest.fixture
def run(project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """``run("plan", "--env", "dev")``: exit code, stdout and stderr."""
    monkeypatch.chdir(project)
    monkeypatch.setenv("MLGITOPS_DEBUG", "1")

    def ran(*arguments: str) -> tuple[int, str, str]:
        capsys.readouterr()
        return exit_code(list(arguments)), *capsys.readouterr()

    return ran


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
