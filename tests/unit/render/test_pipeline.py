from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from mlgitops.manifest import Manifest, in_order
from mlgitops.render import pipeline

DIGEST = "sha256:" + "0123456789abcdef" * 4
IMAGE = f"example.com/step@{DIGEST}"
STEPS: list[dict[str, Any]] = [
    {
        "name": "prepare",
        "image": IMAGE,
        "command": ["prepare"],
        "args": ["--day={{parameters.day}}"],
        "outputs": [{"name": "rows", "path": "/tmp/rows"}],
        "retries": 2,
        "timeout": "1h",
        "resources": {"memory": "2G"},
    },
    {
        "name": "report",
        "image": IMAGE,
        "dependsOn": ["train"],
        "env": [{"name": "ROWS", "value": "{{steps.prepare.rows}}"}],
    },
]
TRAINING: dict[str, Any] = {
    "image": IMAGE,
    "args": ["--rows={{steps.prepare.rows}}", "--lr={{parameters.rate}}"],
    "resources": {"accelerator": {"class": "a10g"}},
}
SPEC: dict[str, Any] = {
    "steps": STEPS,
    "training": TRAINING,
    "parameters": [{"name": "day", "value": "today"}, {"name": "rate", "value": "0.1", "description": "Learning rate"}],
}


def _named(manifests: list[Manifest], kind: str, ending: str = "") -> Manifest:
    return next(m for m in manifests if m["kind"] == kind and m["metadata"]["name"].endswith(ending))


def _template(manifests: list[Manifest], name: str) -> dict[str, Any]:
    templates = _named(manifests, "WorkflowTemplate")["spec"]["templates"]
    return next(template for template in templates if template["name"] == name)


@pytest.mark.parametrize("cloud", ["aws", "gcp", "azure", "onprem"])
def test_a_pipeline_as_it_was_reviewed(
    resolved_pipeline: Any, golden: Callable[[str, str], None], manifests_text: Any, cloud: str
) -> None:
    schedule = {"cron": ["0 3 * * 1"], "timezone": "Europe/Zurich"}
    spec = {**SPEC, "identity": "model-reader", "queue": "team-risk", "schedule": schedule}

    manifests = pipeline.render(resolved_pipeline(target={"cloud": cloud}, **spec))

    golden(f"render/pipeline-{cloud}.yaml", manifests_text(in_order(manifests)))


def test_the_graph_waits_for_what_steps_name_and_for_what_they_use(resolved_pipeline: Any) -> None:
    tasks = _template(pipeline.render(resolved_pipeline(**SPEC)), "main")["dag"]["tasks"]

    assert {task["name"]: task.get("depends") for task in tasks} == {
        "prepare": None,
        "report": "prepare && train",
        "train": "prepare",
    }


def test_every_template_that_is_named_is_there(resolved_pipeline: Any) -> None:
    spec = _named(pipeline.render(resolved_pipeline(**SPEC)), "WorkflowTemplate")["spec"]
    there = {template["name"] for template in spec["templates"]}
    named = {spec["entrypoint"], spec["onExit"]}
    for template in spec["templates"]:
        named |= {task["template"] for task in template.get("dag", {}).get("tasks", ())}
        named |= {step["template"] for group in template.get("steps", ()) for step in group}

    assert named == there


def test_a_step_named_like_our_own_templates_does_not_clash(resolved_pipeline: Any) -> None:
    steps = [{"name": name, "image": IMAGE} for name in ("main", "train-start", "train-stop")]

    spec = _named(pipeline.render(resolved_pipeline(steps=steps, training={"image": IMAGE})), "WorkflowTemplate")[
        "spec"
    ]

    names = [template["name"] for template in spec["templates"]]
    assert len(names) == len(set(names))


def test_the_train_job_is_owned_by_its_run_and_labelled_for_kueue(resolved_pipeline: Any) -> None:
    manifests = pipeline.render(resolved_pipeline(**SPEC, queue="team-risk"))

    resource = _template(manifests, "train-start")["resource"]
    job = json.loads(resource["manifest"])
    assert (resource["action"], resource["setOwnerReference"]) == ("create", True)
    assert job["metadata"]["generateName"] == "fraud-training-"
    assert job["metadata"]["labels"]["kueue.x-k8s.io/queue-name"] == "team-risk"
    assert "annotations" not in job["metadata"]
    assert "suspend" not in job["spec"]


def test_training_is_waited_for_by_a_field_that_argos_selectors_can_reach(resolved_pipeline: Any) -> None:
    """Argo's conditions are Kubernetes label selectors: a key of letters, digits, '-', '_' and '.', and one value."""
    wait = _template(pipeline.render(resolved_pipeline(**SPEC)), "train-wait")["resource"]

    assert json.loads(wait["manifest"])["kind"] == "JobSet"
    assert wait["successCondition"] == "status.terminalState == Completed"
    assert wait["failureCondition"] == "status.terminalState == Failed"


def test_training_stops_when_its_run_does_not_succeed(resolved_pipeline: Any) -> None:
    manifests = pipeline.render(resolved_pipeline(**SPEC))

    assert _named(manifests, "WorkflowTemplate")["spec"]["onExit"] == "train-stop"
    assert _template(manifests, "train-stop")["steps"][0][0]["when"] == "{{workflow.status}} != Succeeded"
    label = json.loads(_template(manifests, "train-start")["resource"]["manifest"])["metadata"]["labels"]
    assert label["mlgitops.dev/run"] == "{{workflow.uid}}"
    assert _template(manifests, "train-stop-job")["resource"]["flags"][-1] == "mlgitops.dev/run={{workflow.uid}}"


def test_only_the_launcher_may_touch_train_jobs(resolved_pipeline: Any) -> None:
    manifests = pipeline.render(resolved_pipeline(**SPEC))

    own, launcher = _named(manifests, "Role", "-pipeline"), _named(manifests, "Role", "-launcher")
    assert [rule["resources"] for rule in own["rules"]] == [["workflowtaskresults"]]
    assert [rule["resources"] for rule in launcher["rules"]] == [["workflowtaskresults"], ["trainjobs"], ["jobsets"]]
    for template in _named(manifests, "WorkflowTemplate")["spec"]["templates"]:
        expected = launcher["metadata"]["name"] if "resource" in template else None
        assert template.get("serviceAccountName") == expected


def test_without_training_there_is_no_launcher_and_nothing_to_stop(resolved_pipeline: Any) -> None:
    manifests = pipeline.render(resolved_pipeline())

    assert [m["kind"] for m in manifests] == ["ServiceAccount", "Role", "RoleBinding", "WorkflowTemplate"]
    assert "onExit" not in _named(manifests, "WorkflowTemplate")["spec"]


def test_memory_that_hera_itself_would_refuse_is_rendered(resolved_pipeline: Any) -> None:
    resources = _template(pipeline.render(resolved_pipeline(**SPEC)), "step-prepare")["container"]["resources"]

    assert resources["limits"]["memory"] == "2G"


def test_a_retry_has_no_bound_that_would_stop_the_pod_itself(resolved_pipeline: Any) -> None:
    retry = _template(pipeline.render(resolved_pipeline(**SPEC)), "step-prepare")["retryStrategy"]

    assert retry["limit"] == "2"
    assert "maxDuration" not in retry["backoff"]


def test_documents_load_into_heras_models_and_come_back_equal(resolved_pipeline: Any, through_hera: Any) -> None:
    manifests = pipeline.render(resolved_pipeline(**SPEC, schedule={"cron": ["0 3 * * 1"]}))

    for kind in ("WorkflowTemplate", "CronWorkflow"):
        manifest = _named(manifests, kind)
        assert through_hera(manifest) == manifest


def test_rendering_is_the_same_each_time(resolved_pipeline: Any, manifests_text: Any) -> None:
    first, second = (pipeline.render(resolved_pipeline(**SPEC)) for _ in range(2))

    assert manifests_text(first) == manifests_text(second)


def test_a_run_that_git_asks_for_is_a_workflow_of_the_template(resolved_pipeline: Any) -> None:
    run = _named(pipeline.render(resolved_pipeline(**SPEC, run={"number": 3, "reason": "drift"})), "Workflow")
    assert run["metadata"]["name"] == "fraud-training-3"
    assert run["metadata"]["annotations"]["mlgitops.dev/reason"] == "drift"
    assert run["metadata"]["labels"]["mlgitops.dev/pipeline"] == "fraud-training"
    assert run["spec"]["workflowTemplateRef"] == {"name": "fraud-training"}


def test_a_run_removes_itself_only_where_runs_are_remembered(resolved_pipeline: Any) -> None:
    def spec(connection: str) -> Any:
        target: dict[str, Any] = {"connection": {"directory": None, connection: {}}}
        return _named(pipeline.render(resolved_pipeline(target=target, **SPEC, run={"number": 3})), "Workflow")["spec"]

    assert spec("kubernetes") == {"workflowTemplateRef": {"name": "fraud-training"}}
    assert spec("git")["ttlStrategy"] == {"secondsAfterCompletion": 2147483647}


def test_other_parameters_are_another_run(resolved_pipeline: Any) -> None:
    def run(rate: str) -> Manifest:
        asked = {"number": 3, "parameters": {"rate": rate}}
        return _named(pipeline.render(resolved_pipeline(**SPEC, run=asked)), "Workflow")

    assert run("0.2")["spec"]["arguments"] == {"parameters": [{"name": "rate", "value": "0.2"}]}
    assert run("0.2")["metadata"]["name"] != run("0.3")["metadata"]["name"]


def test_no_run_is_rendered_where_git_asks_for_none(resolved_pipeline: Any) -> None:
    assert "Workflow" not in [manifest["kind"] for manifest in pipeline.render(resolved_pipeline(**SPEC))]
