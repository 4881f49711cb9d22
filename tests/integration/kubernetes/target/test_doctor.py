"""``doctor`` on a real cluster: what is missing is named with its cure, and nothing is written."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.testbed.control_plane import ControlPlane

Run = Callable[..., tuple[int, str, str]]
CONTROLLER = "registry.example.com/kserve/kserve-controller:v{}"


def checks(run: Run, *arguments: str) -> tuple[int, dict[tuple[str, str], dict[str, Any]]]:
    """The exit code, and each check by topic and name."""
    code, out, err = run("doctor", "--env", "dev", "-o", "json", *arguments)
    assert err == ""
    return code, {(check["topic"], check["name"]): check for check in json.loads(out)["checks"]}


@pytest.fixture
def one_target(project: Path) -> Path:
    """The project, whose dev is one target; gives the target's file."""
    environment = project / "environments/dev/environment.yaml"
    text = environment.read_text()
    environment.write_text(text.replace("[aws-dev, gcp-dev, azure-dev, edge-factory-dev]", "[edge-factory-dev]"))
    for path in (project / "environments/dev").rglob("*.yaml"):
        if path.parent.name in ("models", "pipelines") and path.stem not in ("iris-sklearn",):
            path.unlink()
    return project / "targets/edge-factory-dev.yaml"


def controller(cluster: ControlPlane, version: str) -> None:
    """A Deployment of KServe's controller, as its project publishes it."""
    namespace = cluster.new_namespace()
    container = {"name": "manager", "image": CONTROLLER.format(version)}
    labels = {"app": "kserve"}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [container]}}
    body = {
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "kserve", "namespace": namespace},
        "spec": {"selector": {"matchLabels": labels}, "template": template},
    }  # fmt: skip
    cluster.api.request("POST", f"/apis/apps/v1/namespaces/{namespace}/deployments", body)


def test_a_cluster_that_has_all_is_well_and_is_not_written_to(
    cluster: ControlPlane, run: Run, one_target: Path
) -> None:
    controller(cluster, "0.16.0")
    with cluster.audit.recording() as recorded:
        code, found = checks(run)
    at = "target dev/edge-factory-dev"
    assert code == 0, found
    assert [found[at, name]["condition"] for name in ("access", "rights", "kserve")] == ["ok"] * 3
    assert found[at, "kserve"]["said"] == "0.16.0, as declared"
    assert recorded.mutating() == []


def test_another_version_than_is_declared_is_a_warning_that_says_what_to_declare(
    cluster: ControlPlane, run: Run, one_target: Path
) -> None:
    controller(cluster, "0.17.1")
    code, found = checks(run)
    check = found["target dev/edge-factory-dev", "kserve"]
    assert (code, check["condition"]) == (0, "warning")
    assert 'Set components.kserve: "0.17.1"' in check["cure"]


def test_a_component_that_is_not_served_is_broken(cluster: ControlPlane, run: Run, one_target: Path) -> None:
    text = one_target.read_text()
    one_target.write_text(text.replace("components:\n", 'components:\n    knative: "1.18.1"\n'))
    code, found = checks(run)
    check = found["target dev/edge-factory-dev", "knative"]
    assert (code, check["condition"]) == (1, "broken")
    assert "does not serve Service of serving.knative.dev" in check["said"]


def test_rights_that_an_account_lacks_are_named(
    cluster: ControlPlane, run: Run, one_target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    namespace = "models-dev"
    cluster.api.request(
        "POST", "/api/v1/namespaces", {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}}
    )
    kinds = {"apiGroups": ["", "serving.kserve.io", "monitoring.coreos.com"], "resources": ["*"]}
    kubeconfig = cluster.add_account("reader", [{**kinds, "verbs": ["get", "list"]}], namespace)
    monkeypatch.setenv("KUBECONFIG", str(kubeconfig))
    code, found = checks(run)
    at = "target dev/edge-factory-dev"
    assert code == 1
    assert (found[at, "access"]["condition"], found[at, "rights"]["condition"]) == ("ok", "broken")
    assert "create, patch, delete inferenceservices.serving.kserve.io in namespace models-dev" in (
        found[at, "rights"]["said"].replace("create, delete, patch", "create, patch, delete")
    )
    assert "docs/kubernetes-target.md" in found[at, "rights"]["cure"]
    # Nor may it list Deployments everywhere, which makes the version unknown and nothing broken.
    assert found[at, "kserve"]["condition"] == "unknown"


def test_a_cluster_that_is_not_there_is_broken_and_the_rest_is_still_looked_at(
    run: Run, one_target: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "none"))
    code, found = checks(run)
    check = found["target dev/edge-factory-dev", "access"]
    assert (code, check["condition"]) == (1, "broken")
    assert ("tools", "git") in found
