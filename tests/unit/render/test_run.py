from __future__ import annotations

from mlgitops.render.run import LONGEST_NAME, run

TEMPLATE = {
    "apiVersion": "argoproj.io/v1alpha1",
    "kind": "WorkflowTemplate",
    "metadata": {"name": "iris", "namespace": "models", "labels": {"mlgitops.dev/pipeline": "iris"}},
    "spec": {"serviceAccountName": "iris"},
}


def test_a_run_refers_to_its_template_and_belongs_to_it() -> None:
    made = run(TEMPLATE, "abc123", "uid-1", {"rate": "0.1"}, "c0ffee", "Ada <ada@example.com>")
    assert made["metadata"] == {
        "name": "iris-abc123",
        "namespace": "models",
        "labels": {"mlgitops.dev/pipeline": "iris"},
        "annotations": {"mlgitops.dev/source-commit": "c0ffee", "mlgitops.dev/started-by": "Ada <ada@example.com>"},
        "ownerReferences": [
            {"apiVersion": "argoproj.io/v1alpha1", "kind": "WorkflowTemplate", "name": "iris", "uid": "uid-1"}
        ],
    }
    assert made["spec"] == {
        "workflowTemplateRef": {"name": "iris"}, "arguments": {"parameters": [{"name": "rate", "value": "0.1"}]}
    }  # fmt: skip


def test_what_nobody_knows_is_left_out_and_a_long_name_is_cut() -> None:
    long = {**TEMPLATE, "metadata": {**TEMPLATE["metadata"], "name": "x" * 80}}  # type: ignore[dict-item]
    made = run(long, "abc123", "uid-1", {}, "", "")
    assert (len(made["metadata"]["name"]), made["metadata"]["annotations"]) == (LONGEST_NAME, {})
    assert made["metadata"]["name"].endswith("x-abc123")
    assert "arguments" not in made["spec"]
