from __future__ import annotations

from typing import Any

import pytest

from mlgitops.render import pipeline

IMAGE = "example.com/step@sha256:" + "0123456789abcdef" * 4
PATH = {"name": "held", "type": "dataset", "path": "/tmp/held"}
MAKE: dict[str, Any] = {
    "name": "make", "image": IMAGE, "outputs": [{"name": "rows", "path": "/tmp/rows"}],
    "artifacts": {"outputs": [{"name": "data", "type": "dataset", "path": "/tmp/data"}]},
}  # fmt: skip
USE: dict[str, Any] = {
    "name": "use", "image": IMAGE, "args": ["{{steps.make.rows}}"],
    "artifacts": {"inputs": [{"name": "given", "type": "dataset", "path": "/tmp/in", "from": "steps.make.data"}]},
}  # fmt: skip


@pytest.fixture
def templates(resolved_pipeline: Any) -> Any:
    """The templates of the workflow that some steps become, by name."""

    def made(*steps: dict[str, Any], **spec: Any) -> dict[str, Any]:
        (found,) = (
            manifest
            for manifest in pipeline.render(resolved_pipeline(steps=list(steps), **spec))
            if manifest["kind"] == "WorkflowTemplate"
        )
        return {template["name"]: template for template in found["spec"]["templates"]}

    return made


def test_an_output_is_kept_in_the_default_repository(templates: Any) -> None:
    outputs = templates(MAKE)["step-make"]["outputs"]
    assert outputs["artifacts"] == [{"name": "data", "path": "/tmp/data"}]
    assert [parameter["name"] for parameter in outputs["parameters"]] == ["rows"]


def test_another_step_is_handed_it_once_it_is_there(templates: Any) -> None:
    found = templates(MAKE, USE)
    assert found["step-use"]["inputs"]["artifacts"] == [{"name": "given", "path": "/tmp/in"}]
    task = found["main"]["dag"]["tasks"][1]
    assert task["arguments"]["artifacts"] == [{"name": "given", "from": "{{tasks.make.outputs.artifacts.data}}"}]
    assert [parameter["name"] for parameter in task["arguments"]["parameters"]] == ["make_rows"]
    assert task["depends"] == "make"


@pytest.mark.parametrize(
    ("target", "uri", "expected"),
    [
        (
            {"cloud": "aws", "region": "eu-central-1"}, "s3://bucket/a/b/",
            {"s3": {"endpoint": "s3.amazonaws.com", "region": "eu-central-1", "bucket": "bucket", "key": "a/b",
                    "useSDKCreds": True}},
        ),
        (
            {"cloud": "gcp", "storage": {"data": "gs://bucket/x"}}, "store://data/a",
            {"gcs": {"bucket": "bucket", "key": "x/a"}},
        ),
        (
            {"cloud": "azure"}, "az://account/container/a/b",
            {"azure": {"endpoint": "https://account.blob.core.windows.net", "container": "container", "blob": "a/b",
                       "useSDKCreds": True}},
        ),
        ({"cloud": "onprem"}, "https://example.com/a.csv", {"http": {"url": "https://example.com/a.csv"}}),
    ],
)  # fmt: skip
def test_data_at_a_uri_is_read_as_it_is_with_the_credentials_of_the_cloud(
    templates: Any, target: dict[str, Any], uri: str, expected: dict[str, Any]
) -> None:
    step = {"name": "use", "image": IMAGE, "artifacts": {"inputs": [{**PATH, "uri": uri}]}}
    (given,) = templates(step, target=target)["step-use"]["inputs"]["artifacts"]
    assert given == {"name": "held", "path": "/tmp/held", **expected, "archive": {"none": {}}}


def test_a_step_s_pods_say_which_template_they_are_of(templates: Any) -> None:
    found = templates({**MAKE, "uses": "make@1.0"}, {"name": "plain", "image": IMAGE})
    assert found["step-make"]["metadata"]["annotations"] == {"mlgitops.dev/step-template": "make@1.0"}
    assert "metadata" not in found["step-plain"]


def test_documents_with_artifacts_load_into_hera_s_models(resolved_pipeline: Any, through_hera: Any) -> None:
    steps = [MAKE, {**USE, "artifacts": {"inputs": [*USE["artifacts"]["inputs"], {**PATH, "uri": "s3://a/b"}]}}]
    parameters = [{"name": "mode", "enum": ["a", "b"], "value": "a"}]
    (template,) = (
        m for m in pipeline.render(resolved_pipeline(steps=steps, parameters=parameters)) if m["kind"][:8] == "Workflow"
    )
    assert template["spec"]["arguments"]["parameters"] == [{"name": "mode", "enum": ["a", "b"], "value": "a"}]
    assert through_hera(template) == template
