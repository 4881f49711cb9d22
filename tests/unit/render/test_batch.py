from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from mlgitops.manifest import Manifest, in_order
from mlgitops.render import batch

DIGEST = "sha256:" + "0123456789abcdef" * 4
BLOCK: dict[str, Any] = {
    "image": f"example.com/score@{DIGEST}",
    "command": ["score", "--fast"],
    "input": "store://artifacts/requests",
    "output": "s3://example-scores/fraud",
    "schedule": ["30 3 * * *"],
    "timezone": "Europe/Zurich",
}


@pytest.fixture
def rendered(resolved_model: Any) -> Callable[..., list[Manifest]]:
    """Renders a batch model; ``block`` is merged over a small valid one."""

    def render(block: dict[str, Any] | None = None, target: dict[str, Any] | None = None, **serving: Any) -> list[Any]:
        serving = {"mode": "batch", "batch": {**BLOCK, **(block or {})}, **serving}
        return batch.render(resolved_model(target=target or {}, serving=serving))

    return render


def _only(manifests: list[Manifest], kind: str) -> Manifest:
    return next(manifest for manifest in manifests if manifest["kind"] == kind)


def _score(manifests: list[Manifest]) -> dict[str, Any]:
    templates = _only(manifests, "WorkflowTemplate")["spec"]["templates"]
    return next(template for template in templates if template["name"] == "score")


@pytest.mark.parametrize("cloud", ["aws", "gcp", "azure", "onprem"])
def test_batch_scoring_as_it_was_reviewed(
    rendered: Any, golden: Callable[[str, str], None], manifests_text: Any, cloud: str
) -> None:
    manifests = rendered(
        {"shards": 4, "args": ["--out", "parquet"]},
        target={"cloud": cloud},
        identity="model-reader",
        env=[{"name": "LEVEL", "value": "debug"}],
        resources={"cpu": "2", "memory": "8Gi", "accelerator": {"class": "a10g"}},
    )

    golden(f"render/batch-{cloud}.yaml", manifests_text(in_order(manifests)))


def test_one_shard_needs_no_graph(rendered: Any) -> None:
    manifests = rendered()

    spec = _only(manifests, "WorkflowTemplate")["spec"]
    assert spec["entrypoint"] == "score"
    assert [template["name"] for template in spec["templates"]] == ["score"]
    env = {variable["name"]: variable["value"] for variable in _score(manifests)["container"]["env"]}
    assert env == {
        "MODEL_URI": "s3://example-models/fraud/1.4.0",
        "MODEL_VERSION": "1.4.0",
        "INPUT_URI": "s3://example-models/requests",
        "OUTPUT_URI": "s3://example-scores/fraud",
        "SHARD": "0",
        "SHARDS": "1",
    }


def test_the_releases_own_image_comes_first(resolved_model: Any) -> None:
    own = f"example.com/own@{DIGEST}"
    release = {"image": own, "version": "2", "artifact": {"uri": "s3://b/a"}}
    model = resolved_model(release=release, serving={"mode": "batch", "batch": BLOCK})

    assert _score(batch.render(model))["container"]["image"] == own


def test_without_a_schedule_there_is_nothing_that_starts_it(rendered: Any) -> None:
    kinds = [manifest["kind"] for manifest in rendered({"schedule": []})]

    assert kinds == ["ServiceAccount", "Role", "RoleBinding", "WorkflowTemplate"]


def test_before_argo_3_6_a_schedule_is_one_text(rendered: Any) -> None:
    old = _only(rendered(target={"components": {"argoWorkflows": "3.5.8"}}), "CronWorkflow")["spec"]
    new = _only(rendered({"schedule": ["0 3 * * *", "0 9 * * *"]}), "CronWorkflow")["spec"]

    assert (old["schedule"], "schedules" in old) == ("30 3 * * *", False)
    assert (new["schedules"], "schedule" in new) == (["0 3 * * *", "0 9 * * *"], False)


def test_retries_are_left_out_where_none_are_wanted(rendered: Any) -> None:
    assert _score(rendered({"retries": 3}))["retryStrategy"]["limit"] == "3"
    assert "retryStrategy" not in _score(rendered({"retries": 0}))


def test_pods_are_not_root_and_may_only_report_their_results(rendered: Any) -> None:
    manifests = rendered()

    security = _only(manifests, "WorkflowTemplate")["spec"]["securityContext"]
    assert security["runAsNonRoot"] is True
    assert security["seccompProfile"] == {"type": "RuntimeDefault"}
    assert _score(manifests)["container"]["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    assert _only(manifests, "Role")["rules"] == [
        {"apiGroups": ["argoproj.io"], "resources": ["workflowtaskresults"], "verbs": ["create", "patch"]}
    ]


def test_documents_load_into_heras_models_and_come_back_equal(rendered: Any, through_hera: Any) -> None:
    manifests = rendered({"shards": 4}, identity="model-reader", resources={"accelerator": {"class": "t4"}})

    for kind in ("WorkflowTemplate", "CronWorkflow"):
        manifest = _only(manifests, kind)
        assert through_hera(manifest) == manifest


def test_rendering_is_the_same_each_time(rendered: Any, manifests_text: Any) -> None:
    assert manifests_text(rendered({"shards": 2})) == manifests_text(rendered({"shards": 2}))


def test_pods_without_an_identity_have_no_label_for_one(rendered: Any) -> None:
    def labels(**serving: Any) -> dict[str, str]:
        manifests = rendered(target={"cloud": "azure"}, **serving)
        found: dict[str, str] = _only(manifests, "WorkflowTemplate")["spec"]["podMetadata"]["labels"]
        return found

    assert "azure.workload.identity/use" not in labels()
    assert labels(identity="model-reader")["azure.workload.identity/use"] == "true"


def test_rendering_batch_models_does_not_wait_for_hera() -> None:
    program = "import sys, mlgitops.render.batch; sys.exit('hera' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
