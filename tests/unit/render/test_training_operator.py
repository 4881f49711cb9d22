from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from mlgitops.manifest import Manifest, in_order
from mlgitops.render import training

DIGEST = "sha256:" + "0123456789abcdef" * 4
BLOCK: dict[str, Any] = {
    "image": f"example.com/train@{DIGEST}",
    "command": ["torchrun", "train.py"],
    "args": ["--lr={{parameters.rate}}"],
    "env": [{"name": "LEVEL", "value": "debug"}],
    "nodes": 3,
    "resources": {"cpu": "8", "memory": "32Gi", "accelerator": {"class": "a10g", "count": 4}},
}
OPERATOR: dict[str, Any] = {"trainer": None, "trainingOperator": "1.9.3"}
REPLICAS = {"pytorch": "pytorchReplicaSpecs", "tensorflow": "tfReplicaSpecs", "xgboost": "xgbReplicaSpecs"}


@pytest.fixture
def rendered(resolved_pipeline: Any) -> Callable[..., Manifest]:
    """The job of a pipeline of training alone, at a target with Training Operator."""

    def render(block: dict[str, Any] | None = None, target: dict[str, Any] | None = None, **spec: Any) -> Manifest:
        spec = {"steps": [], "parameters": [{"name": "rate", "value": "0.1"}], **spec}
        target = {"components": OPERATOR, **(target or {})}
        made = training.render(resolved_pipeline(target=target, training={**BLOCK, **(block or {})}, **spec))
        return made[-1]

    return render


@pytest.mark.parametrize(
    ("framework", "cloud"), [("pytorch", "aws"), ("pytorch", "onprem"), ("tensorflow", "gcp"), ("xgboost", "azure")]
)
def test_a_job_of_training_operator_as_it_was_reviewed(
    resolved_pipeline: Any, golden: Callable[[str, str], None], manifests_text: Any, framework: str, cloud: str
) -> None:
    block = {**BLOCK, "framework": framework, **({"processesPerNode": 4} if framework == "pytorch" else {})}
    target = {"cloud": cloud, "components": OPERATOR, "connection": {"kubernetes": {}, "directory": None}}
    spec = {"steps": [], "parameters": [{"name": "rate", "value": "0.1"}], "identity": "model-reader"}

    made = training.render(
        resolved_pipeline(target=target, training=block, queue="team-risk", priority="urgent", **spec)
    )

    golden(f"render/training-v1-{framework}-{cloud}.yaml", manifests_text(in_order(made)))


@pytest.mark.parametrize(
    ("framework", "kind", "first", "container"),
    [
        ("pytorch", "PyTorchJob", "Master", "pytorch"),
        ("tensorflow", "TFJob", "Chief", "tensorflow"),
        ("xgboost", "XGBoostJob", "Master", "xgboost"),
    ],
)
def test_the_framework_decides_the_kind_and_what_the_webhook_looks_for(
    rendered: Any, framework: str, kind: str, first: str, container: str
) -> None:
    job = rendered({"framework": framework})
    replicas = job["spec"][REPLICAS[framework]]

    assert (job["apiVersion"], job["kind"]) == ("kubeflow.org/v1", kind)
    assert {role: one["replicas"] for role, one in replicas.items()} == {first: 1, "Worker": 2}
    names = {c["name"] for one in replicas.values() for c in one["template"]["spec"]["containers"]}
    assert names == {container}


def test_one_node_has_no_workers(rendered: Any) -> None:
    assert set(rendered({"nodes": 1})["spec"]["pytorchReplicaSpecs"]) == {"Master"}


def test_where_both_are_installed_trainer_trains(rendered: Any) -> None:
    both = {"components": {"trainer": "2.1.0", "trainingOperator": "1.9.3"}}

    assert rendered(target=both)["kind"] == "TrainJob"


def test_a_changed_specification_is_another_job(rendered: Any) -> None:
    changes = [{}, {"args": []}, {"nodes": 2}, {"framework": "xgboost"}]

    assert len({rendered(block)["metadata"]["name"] for block in changes}) == len(changes)


def test_a_job_stands_for_its_content_not_for_its_queue_or_how_long_it_is_kept(rendered: Any) -> None:
    live: dict[str, Any] = {"connection": {"kubernetes": {}, "directory": None}}
    plain, queued = rendered(target=live), rendered(target=live, queue="risk", priority="urgent", keep="1d")

    assert plain["metadata"]["name"] == queued["metadata"]["name"]
    assert "suspend" not in queued["spec"]["runPolicy"]
    labels = queued["metadata"]["labels"]
    assert labels["kueue.x-k8s.io/queue-name"] == "risk"
    assert labels["kueue.x-k8s.io/priority-class"] == "urgent"


def test_a_job_removes_itself_only_where_runs_are_remembered(rendered: Any) -> None:
    live = rendered(target={"connection": {"kubernetes": {}, "directory": None}}, keep="1d")
    branch = rendered(target={"connection": {"git": {}, "directory": None}}, keep="1d")

    assert live["spec"]["runPolicy"]["ttlSecondsAfterFinished"] == 86400
    assert "ttlSecondsAfterFinished" not in branch["spec"]["runPolicy"]


def test_the_deadline_is_kept_by_the_operator(rendered: Any) -> None:
    assert rendered(deadline="1h")["spec"]["runPolicy"]["activeDeadlineSeconds"] == 3600
