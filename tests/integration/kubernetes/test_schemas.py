"""What is imported from a real API server says what that server says."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from mlgitops.check.served.definitions import kinds_of
from mlgitops.check.served.kind import to_json
from mlgitops.check.served.schemas import Schemas, schemas_of
from mlgitops.check.served.validate import check
from mlgitops.cli.main import exit_code
from mlgitops.sources.worktree import WorkTree
from mlgitops.workflows.render import render_environment
from tests.testbed import crds
from tests.testbed.api import ApiError
from tests.testbed.control_plane import ControlPlane
from tests.testbed.waiting import wait_until

ROOT = Path(__file__).resolve().parents[3]

CONTAINER = {"name": "a", "image": "b"}
POD = {"containers": [CONTAINER]}
RULE = {"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}
MODEL = {"modelFormat": {"name": "sklearn"}, "storageUri": "s3://a/b"}
TEMPLATE = {"name": "a", "container": {"image": "b"}}


def predictor(**model: Any) -> dict[str, Any]:
    return {"spec": {"predictor": {"model": {**MODEL, **model}}}}


def workflow(**template: Any) -> dict[str, Any]:
    return {"spec": {"entrypoint": "a", "templates": [{**TEMPLATE, **template}]}}


def deployment(**pod: Any) -> dict[str, Any]:
    labels = {"a": "b"}
    template = {"metadata": {"labels": labels}, "spec": {**POD, **pod}}
    return {"spec": {"selector": {"matchLabels": labels}, "template": template}}


CASES = [
    ("serving.kserve.io/v1beta1", "InferenceService", predictor()),
    ("serving.kserve.io/v1beta1", "InferenceService", predictor(protocolVersoin="v1")),
    ("serving.kserve.io/v1beta1", "InferenceService", predictor(protocolVersion=1)),
    ("serving.kserve.io/v1beta1", "InferenceService", predictor(resources={"limits": {"cpu": "1", "memory": 2}})),
    ("serving.kserve.io/v1beta1", "InferenceService", predictor(resources={"limits": {"cpu": 0.5}})),
    ("serving.kserve.io/v1beta1", "InferenceService", predictor(resources={"limits": {"cpu": "many"}})),
    ("serving.kserve.io/v1beta1", "InferenceService", predictor(ports=[{"containerPort": 80}])),
    ("serving.kserve.io/v1beta1", "InferenceService", predictor(ports=[{"containerPort": 2**31}])),
    ("serving.kserve.io/v1beta1", "InferenceService", predictor(ports=[{"name": "a"}])),
    ("serving.kserve.io/v1beta1", "InferenceService", predictor(env=[{"name": "A", "value": None}])),
    ("serving.kserve.io/v1beta1", "InferenceService", predictor(env=[{"name": None}])),
    ("serving.kserve.io/v1beta1", "InferenceService", predictor(args=["a", None])),
    ("serving.kserve.io/v1beta1", "InferenceService", predictor(modelFormat=None)),
    ("serving.kserve.io/v1beta1", "InferenceService", predictor(resources={"limits": {"cpu": None}})),
    ("serving.kserve.io/v1beta1", "InferenceService", predictor(nonsense=None)),
    ("serving.kserve.io/v1beta1", "InferenceService", {**predictor(), "nonsense": 1}),
    ("serving.kserve.io/v1beta1", "InferenceService", {**predictor(), "status": {"nonsense": 1}}),
    ("argoproj.io/v1alpha1", "WorkflowTemplate", workflow()),
    ("argoproj.io/v1alpha1", "WorkflowTemplate", workflow(retryStrategy={"limit": "3"})),
    ("argoproj.io/v1alpha1", "WorkflowTemplate", workflow(retryStrategy={"limti": "3"})),
    ("argoproj.io/v1alpha1", "WorkflowTemplate", workflow(container={"args": ["x"], "imagee": "b"})),
    ("monitoring.coreos.com/v1", "PodMonitor", {"spec": {"selector": {}, "podMetricsEndpoints": [{"port": "a"}]}}),
    ("monitoring.coreos.com/v1", "PodMonitor", {"spec": {"podMetricsEndpoints": [{"port": "a"}]}}),
    ("monitoring.coreos.com/v1", "PodMonitor", {"spec": {"selector": {}, "podMetricsEndpoints": [{"scheme": "ftp"}]}}),
    ("monitoring.coreos.com/v1", "PrometheusRule",
     {"spec": {"groups": [{"name": "a", "rules": [{"alert": "b", "expr": 1, "for": "5m"}]}]}}),
    ("monitoring.coreos.com/v1", "PrometheusRule",
     {"spec": {"groups": [{"name": "a", "rules": [{"alert": "b", "expr": "1", "for": "five"}]}]}}),
    ("apps/v1", "Deployment", deployment()),
    ("apps/v1", "Deployment", deployment(nodeSelector=None)),
    ("apps/v1", "Deployment", deployment(nodeSelectors={})),
    ("apps/v1", "Deployment", deployment(containers=[{**CONTAINER, "resources": {"limits": {"cpu": 1}}}])),
    ("apps/v1", "Deployment", deployment(containers=[{**CONTAINER, "image": 1}])),
    ("v1", "ConfigMap", {"data": {"a": "b"}}),
    ("v1", "ConfigMap", {"data": {"a": 1}}),
    ("v1", "ServiceAccount", {"automountServiceAccountToken": "false"}),
    ("rbac.authorization.k8s.io/v1", "Role", {"rules": [RULE]}),
    ("rbac.authorization.k8s.io/v1", "Role", {"rules": [{**RULE, "verb": ["get"]}]}),
    ("rbac.authorization.k8s.io/v1", "Role", {"rules": [{"resources": ["pods"]}]}),
]  # fmt: skip


@pytest.fixture(scope="session")
def published(control_plane: ControlPlane) -> ControlPlane:
    """The control plane, once its OpenAPI has every kind: it is made in the background after the start, one by one."""
    groups = {api_version for api_version, _, _ in CASES if "." in api_version} | {"trainer.kubeflow.org/v1alpha1"}
    wait_until(lambda: all(is_published(control_plane, group) for group in groups), "every kind is in the OpenAPI", 120)
    return control_plane


def is_published(control_plane: ControlPlane, group: str) -> bool:
    """Whether the OpenAPI has every kind of a group that is served."""
    if f"apis/{group}" not in json.loads(control_plane.api.get("/openapi/v3"))["paths"]:
        return False
    served = control_plane.api.get(f"/apis/{group}")["resources"]
    schemas = control_plane.api.get(f"/openapi/v3/apis/{group}")["components"]["schemas"].values()
    described = {each["kind"] for schema in schemas for each in schema.get("x-kubernetes-group-version-kind", ())}
    return {resource["kind"] for resource in served if "/" not in resource["name"]} <= described


@pytest.fixture(scope="session")
def imported(published: ControlPlane, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """This repository's own project, with all that the control plane serves imported for each of its targets."""
    root = tmp_path_factory.mktemp("own")
    for name in ("targets", "models", "environments", "steps"):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("schemas"))
    shutil.copy(ROOT / "mlgitops.yaml", root)
    targets = [word for file in sorted((root / "targets").glob("*.yaml")) for word in ("--target", file.stem)]
    given = ["schemas", "import", "--root", str(root), "--kubeconfig", str(published.kubeconfig), *targets]
    assert exit_code(given) == 0
    return root


@pytest.fixture(scope="session")
def schemas(imported: Path) -> Schemas:
    found = schemas_of("aws-dev", WorkTree(imported).files())
    assert found is not None
    return found


def named(api_version: str, kind: str, fields: dict[str, Any], namespace: str) -> dict[str, Any]:
    return {"apiVersion": api_version, "kind": kind, "metadata": {"name": "a", "namespace": namespace}, **fields}


@pytest.mark.parametrize(("api_version", "kind", "fields"), CASES)
def test_a_manifest_is_right_here_where_the_api_server_takes_all_of_it(
    published: ControlPlane, namespace: str, schemas: Schemas, api_version: str, kind: str, fields: dict[str, Any]
) -> None:
    manifest = named(api_version, kind, fields, namespace)
    query = "dryRun=All&fieldValidation=Strict"
    try:
        published.api.request("POST", f"{published.api.collection(manifest)}?{query}", manifest)
        refusal = ""
    except ApiError as error:
        refusal = str(error)
    assert bool(check(manifest, schemas)) is bool(refusal), refusal


@pytest.mark.slow
def test_this_repositorys_own_environments_are_what_the_cluster_serves(imported: Path) -> None:
    for environment in ("dev", "prod"):
        rendering = render_environment(WorkTree(imported), environment)
        assert [finding.code for finding in rendering.findings if finding.code.startswith(("served", "kind-"))] == []
        assert all(target.manifests for target in rendering.targets)


def test_definitions_and_openapi_of_one_kind_give_the_same_verdicts(
    imported: Path, definitions: Callable[[str], list[crds.Definition]]
) -> None:
    (definition,) = (each for each in definitions("kserve-0.17") if each["spec"]["names"]["kind"] == "InferenceService")
    (kind,) = kinds_of(definition, "inferenceservices.yaml")
    from_file = Schemas("here", {f"targets/schemas/here/{kind.file_name}": to_json(kind)})
    from_cluster = schemas_of("aws-dev", WorkTree(imported).files())
    assert from_cluster is not None
    for api_version, name, fields in CASES:
        if name == "InferenceService":
            manifest = named(api_version, name, fields, "models")
            assert check(manifest, from_file) == check(manifest, from_cluster)


def test_a_typo_in_this_repositorys_overlay_is_found(imported: Path, capsys: pytest.CaptureFixture[str]) -> None:
    overlay = imported / "environments" / "dev" / "kustomization.yaml"
    before = overlay.read_text() if overlay.exists() else None
    value = yaml.safe_load(before) if before else {}
    patch = "- {op: add, path: /spec/predictor/minReplica, value: 2}"
    value["patches"] = [*value.get("patches", []), {"patch": patch, "target": {"kind": "InferenceService"}}]
    try:
        overlay.write_text(json.dumps(value))
        assert exit_code(["render", "--root", str(imported), "--env", "dev"]) == 1
    finally:
        overlay.write_text(before) if before is not None else overlay.unlink()
    shown = capsys.readouterr().err
    assert "error[served-unknown-field]" in shown
    assert "environments/dev/kustomization.yaml:1:" in shown
    assert "did you mean 'minReplicas'?" in shown
