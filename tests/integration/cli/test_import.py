"""`mlgitops import`: from what runs to specs that render to the same, with everything else named."""

from __future__ import annotations

import io
import re
import sys
from types import SimpleNamespace
from typing import Any

import pytest
import yaml

from tests.conftest import PROJECT_FILES

TARGET = (
    PROJECT_FILES["targets/here.yaml"].replace(
        '"0.16.0"', '"0.16.0"\n    trainer: "2.1.0"\n    argoWorkflows: "3.7.1"\n    kueue: "0.14.0"'
    )
    + "  accelerators:\n    t4: {resource: nvidia.com/gpu, nodeSelector: {pool: t4}}\n"
)
IRIS = """\
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: flowers
  namespace: {namespace}
  uid: 1234
  resourceVersion: "7"
  labels: {{team: shop, app.kubernetes.io/part-of: by-hand}}
  annotations:
    serving.kserve.io/deploymentMode: RawDeployment
    serving.kserve.io/autoscalerClass: none
    kubectl.kubernetes.io/last-applied-configuration: "{{}}"
spec:
  predictor:
    minReplicas: 1
    maxReplicas: 1
    timeout: 60
    deploymentStrategy: {{type: RollingUpdate, rollingUpdate: {{maxSurge: 1, maxUnavailable: 0}}}}
    labels: {labels}
    sklearn:
      runtime: kserve-sklearnserver
      storageUri: s3://models/flowers/2.1
      protocolVersion: v1
      env: [{{name: A, value: b}}, {{name: C, valueFrom: {{secretKeyRef: {{name: s, key: k}}}}}}]
      ports: [{{name: http1, containerPort: 8080, protocol: TCP}}]
      resources: {{requests: {{cpu: 0.5, memory: 1Gi}}, limits: {{cpu: 1000m, memory: 1Gi}}}}
{more}status:
  url: http://flowers
"""
OURS = "{mlgitops.dev/environment: dev, mlgitops.dev/model: flowers, mlgitops.dev/release: '2.1'}"
SAME = IRIS.format(namespace="models", labels=OURS, more="")
TRAIN = """\
apiVersion: trainer.kubeflow.org/v1alpha1
kind: TrainJob
metadata: {name: tune, namespace: models, labels: {kueue.x-k8s.io/queue-name: batch}}
spec:
  runtimeRef: {name: torch-distributed, apiGroup: trainer.kubeflow.org, kind: ClusterTrainingRuntime}
  trainer:
    image: example.com/train:1
    command: [train]
    numNodes: 2
    resourcesPerNode:
      requests: {cpu: "2", memory: 8Gi, nvidia.com/gpu: 1}
      limits: {cpu: "2", memory: 8Gi, nvidia.com/gpu: 1}
  suspend: true
"""
WORKFLOW = """\
apiVersion: argoproj.io/v1alpha1
kind: WorkflowTemplate
metadata: {name: nightly}
spec:
  entrypoint: main
  templates:
    - name: main
      dag: {tasks: [{name: one, template: step}]}
    - name: step
      container: {image: "alpine:3", command: [echo], resources: {requests: {cpu: 100m, memory: 64Mi}}}
"""
MODEL = "environments/dev/models/flowers.yaml"


@pytest.fixture
def root(project: Any) -> Any:
    return project({"targets/here.yaml": TARGET})


def codes(ran: Any) -> list[str]:
    return re.findall(r"^(?:error|warning)\[([a-z-]+)\]", ran.err, re.MULTILINE)


def test_a_model_that_renders_to_the_same_object_is_written_without_a_word(run: Any, root: Any) -> None:
    (root / "it.yaml").write_text(SAME)
    ran = run(root, "import", "it.yaml", "--env", "dev")
    assert (ran.code, codes(ran), ran.out) == (0, [], f"{MODEL} written\n")
    spec = yaml.safe_load((root / MODEL).read_text())
    assert spec["metadata"] == {"name": "flowers", "labels": {"team": "shop"}}
    assert spec["spec"]["release"] == {"version": "2.1", "artifact": {"uri": "s3://models/flowers/2.1"}}
    assert spec["spec"]["serving"]["env"] == [
        {"name": "A", "value": "b"}, {"name": "C", "fromSecret": {"secret": "s", "key": "k"}},
    ]  # fmt: skip
    assert run(root, "fmt", "--check", MODEL).code == 0
    again = run(root, "import", "it.yaml", "--env", "dev")
    assert again.code == 0


def test_what_is_rendered_of_it_is_imported_as_it_was(run: Any, root: Any) -> None:
    rendered = run(root, "render", "--env", "dev", "--select", "InferenceService/iris").out
    (root / "it.yaml").write_text(rendered)
    ran = run(root, "import", "it.yaml", "--env", "dev", "--force")
    assert (ran.code, codes(ran)) == (0, [])
    after = run(root, "render", "--env", "dev", "--select", "InferenceService/iris").out
    assert yaml.safe_load(after)["spec"] == yaml.safe_load(rendered)["spec"]


def test_whatever_is_not_carried_over_is_an_error_at_its_line(run: Any, root: Any) -> None:
    more = "    serviceAccountName: reader\n    volumes: [{name: x, emptyDir: {}}]\n"
    text = IRIS.format(namespace="elsewhere", labels=OURS, more=more)
    (root / "it.yaml").write_text(text)
    ran = run(root, "import", "it.yaml", "--env", "dev")
    assert ran.code == 1
    assert set(codes(ran)) == {"import-not-carried"}
    for field in ("metadata.namespace", "spec.predictor.serviceAccountName", "spec.predictor.volumes"):
        assert f"{field} of InferenceService flowers" in ran.err
    line = text.splitlines().index("    serviceAccountName: reader") + 1
    assert f"it.yaml:{line}:5 (spec.predictor.serviceAccountName)" in ran.err
    assert not (root / MODEL).exists()


def test_differences_that_are_accepted_are_told_and_the_spec_is_written(run: Any, root: Any) -> None:
    (root / "it.yaml").write_text(IRIS.format(namespace="models", labels="{}", more="    priorityClassName: high\n"))
    ran = run(root, "import", "it.yaml", "--env", "dev", "--accept-differences")
    assert ran.code == 0
    assert sorted(codes(ran)) == ["import-adds", "import-not-carried"]
    assert "spec.predictor.labels.mlgitops.dev/model: flowers" in ran.err
    assert (root / MODEL).exists()


def test_a_train_job_becomes_a_pipeline_and_its_accelerator_a_class(run: Any, root: Any) -> None:
    (root / "it.yaml").write_text(TRAIN)
    ran = run(root, "import", "it.yaml", "--env", "dev", "--accept-differences", "--dry-run")
    spec = yaml.safe_load(ran.out)["spec"]
    assert spec["queue"] == "batch"
    assert spec["training"]["resources"]["accelerator"] == {"class": "t4", "count": 1}
    assert "spec.suspend of TrainJob tune is not carried over" in ran.err
    (root / "it.yaml").write_text(TRAIN.replace("  suspend: true\n", ""))
    ran = run(root, "import", "it.yaml", "--env", "dev")
    assert (ran.code, sorted(codes(ran))) == (0, ["compile-decided-elsewhere", "import-adds"])
    assert "the job of TrainJob tune gets a digest at the end of its name" in ran.err
    assert run(root, "render", "--env", "dev", "--target", "here").out.count("kind: TrainJob") == 1


def test_a_workflow_is_compiled(run: Any, root: Any) -> None:
    (root / "it.yaml").write_text(WORKFLOW)
    ran = run(root, "import", "it.yaml", "--env", "dev", "--dry-run")
    assert ran.code == 0
    assert yaml.safe_load(ran.out)["spec"]["steps"][0]["name"] == "one"
    (root / "it.yaml").write_text(WORKFLOW.replace("entrypoint: main", "entrypoint: main\n  onExit: main"))
    assert codes(run(root, "import", "it.yaml", "--env", "dev")) == ["compile-not-possible"]


def test_every_object_of_a_list_is_imported_or_named(run: Any, root: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    items = [yaml.safe_load(SAME), {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}}]
    content = (
        yaml.safe_dump({"apiVersion": "v1", "kind": "List", "items": items}).encode() + b"---\n" + WORKFLOW.encode()
    )
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(content)))
    ran = run(root, "import", "-", "--env", "dev")
    assert (ran.code, codes(ran)) == (1, ["import-not-possible"])
    assert "Secret s is nothing that a spec describes" in ran.err
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(content)))
    ran = run(root, "import", "-", "--env", "dev", "--accept-differences")
    assert ran.out == f"{MODEL} written\nenvironments/dev/pipelines/nightly.yaml written\n"


def test_what_a_target_has_is_imported_from_there(run: Any, root: Any) -> None:
    assert run(root, "apply", "--env", "dev", "--yes").code == 0
    ran = run(root, "import", "--live", "InferenceService/iris", "--env", "dev", "--dry-run")
    assert (ran.code, codes(ran)) == (0, [])
    assert yaml.safe_load(ran.out)["spec"]["serving"]["scaling"]["max"] == 3
    missing = run(root, "import", "--live", "InferenceService/lost", "--env", "dev")
    assert missing.code == 1
    assert "models/InferenceService/lost is not at target here" in missing.err


def test_nothing_is_written_where_one_file_is_there_and_differs(run: Any, root: Any, tree: Any) -> None:
    (root / "it.yaml").write_text(WORKFLOW + "---\n" + SAME)
    (root / MODEL).write_text("kind: Model\n")
    before = tree(root)
    ran = run(root, "import", "it.yaml", "--env", "dev", "--accept-differences")
    assert ran.code == 1
    assert f"{MODEL} is there already and differs; nothing was written" in ran.err
    assert tree(root) == before


def test_a_literal_secret_is_neither_written_nor_printed(run: Any, root: Any) -> None:
    (root / "it.yaml").write_text(SAME.replace("name: A, value: b", "name: DB_PASSWORD, value: hunter2-hunter2"))
    ran = run(root, "import", "it.yaml", "--env", "dev", "--accept-differences", "--dry-run")
    assert (ran.code, codes(ran)) == (1, ["literal-secret"])
    assert "hunter2" not in ran.out + ran.err


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("kind: [", "yaml-syntax"),
        ("kind: TrainJob\napiVersion: trainer.kubeflow.org/v1alpha1\nspec: [1]\n", "import-not-possible"),
        ("- 1\n", "import-not-possible"),
        (SAME.replace("storageUri", "other"), "import-not-possible"),
        (SAME.replace("name: flowers", "name: Not_a_name"), "wrong-pattern"),
    ],
)
def test_odd_objects_are_findings(text: str, code: str, run: Any, root: Any) -> None:
    (root / "it.yaml").write_text(text)
    ran = run(root, "import", "it.yaml", "--env", "dev")
    assert ran.code == 1
    assert codes(ran), ran.err


def test_names_that_are_not_there_are_errors(run: Any, root: Any) -> None:
    (root / "it.yaml").write_text(SAME)
    assert "has no target 'their'" in run(root, "import", "it.yaml", "--env", "dev", "--target", "their").err
    ran = run(root, "import", "--live", "Secret/x", "--env", "dev")
    assert (ran.code, "'Secret/x' cannot be imported" in ran.err) == (1, True)
    assert "there is no object to import" in run(root, "import", "--env", "dev").err


HEAD = "apiVersion: serving.kserve.io/v1beta1\nkind: InferenceService\nmetadata: {name: flowers}\n"


@pytest.mark.parametrize(
    ("spec", "place", "told"),
    [
        ("hello", "4:1 (spec)", "spec of InferenceService flowers has to be a mapping, and is a text"),
        ("[a]", "4:1 (spec)", "spec of InferenceService flowers has to be a mapping, and is a list"),
        ("{predictor: {sklearn: [a]}}", "4:20 (spec.predictor.sklearn)",
         "spec.predictor.sklearn of InferenceService flowers has to be a mapping, and is a list"),
        ("{predictor: {minReplicas: two}}", "4:20 (spec.predictor.minReplicas)",
         "spec.predictor.minReplicas of InferenceService flowers has to be a whole number, and is a text"),
        ("{predictor: {model: {env: [{value: a}]}}}", "4:34 (spec.predictor.model.env[0].name)",
         "spec.predictor.model.env[0].name of InferenceService flowers has to be set, and is missing"),
    ],
)  # fmt: skip
def test_a_field_of_another_form_than_its_api_gives_is_named(
    run: Any, root: Any, spec: str, place: str, told: str
) -> None:
    (root / "it.yaml").write_text(f"{HEAD}spec: {spec}\n")
    ran = run(root, "import", "it.yaml", "--env", "dev")
    assert (ran.code, codes(ran)) == (1, ["import-not-possible"])
    assert told in ran.err
    assert f"it.yaml:{place}" in ran.err
    assert "kubectl apply --dry-run=server -f it.yaml" in ran.err


def test_all_fields_of_another_form_are_named_at_once_also_in_a_list(run: Any, root: Any) -> None:
    head = "apiVersion: argoproj.io/v1alpha1, kind: Workflow, metadata: {name: w}"
    item = f"{{{head}, spec: {{entrypoint: [], templates: 1}}}}"
    (root / "it.yaml").write_text(f"kind: List\nitems:\n- {item}\n")
    ran = run(root, "import", "it.yaml", "--env", "dev")
    assert codes(ran) == ["import-not-possible"] * 2
    assert "entrypoint of Workflow w has to be a text, and is a list" in ran.err
    assert "it.yaml:3:98 (items[0].spec.templates)" in ran.err
    (root / "it.yaml").write_text("kind: List\nitems: 7\n")
    ran = run(root, "import", "it.yaml", "--env", "dev")
    assert "items of List has to be a list, and is a whole number" in ran.err
