from __future__ import annotations

from typing import Any

import pytest

from mlgitops.check import batch

DIGEST = "sha256:" + "0123456789abcdef" * 4
BLOCK: dict[str, Any] = {
    "image": f"example.com/score@{DIGEST}",
    "command": ["score"],
    "input": "s3://example-requests/fraud",
    "output": "s3://example-scores/fraud",
}


@pytest.fixture
def places(resolved_model: Any) -> Any:
    """The codes and pointers of the findings about a batch model; ``block`` is merged over a sound one."""

    def found(block: dict[str, Any] | None = None, target: dict[str, Any] | None = None, **serving: Any) -> Any:
        serving = {"mode": "batch", "batch": {**BLOCK, **(block or {})}, **serving}
        findings = batch.check(resolved_model(serving=serving, target=target or {}))
        return [(finding.code, finding.pointer) for finding in findings]

    return found


def test_a_sound_batch_model_has_no_findings(places: Any) -> None:
    assert places({"schedule": ["30 3 * * *"], "timezone": "Europe/Zurich"}) == []


def test_a_model_of_another_mode_is_none_of_its_business(resolved_model: Any) -> None:
    assert list(batch.check(resolved_model())) == []


def test_the_mode_and_the_block_go_together(places: Any) -> None:
    assert places(batch=None) == [("batch-missing", "spec.serving.mode")]
    assert places(mode="realtime") == [("batch-not-used", "spec.serving.batch")]


def test_something_must_score(places: Any, resolved_model: Any) -> None:
    assert places({"image": None}) == [("batch-image-missing", "spec.serving.batch")]
    block = {key: value for key, value in BLOCK.items() if key != "image"}
    release = {"image": f"example.com/own@{DIGEST}"}
    assert list(batch.check(resolved_model(release=release, serving={"mode": "batch", "batch": block}))) == []


def test_the_image_is_pinned_as_a_matter_of_policy(places: Any) -> None:
    assert places({"image": "example.com/score:1"}) == [("image-not-pinned", "spec.serving.batch.image")]
    assert "image-not-pinned" in batch.POLICY_CODES


def test_argo_is_installed(places: Any) -> None:
    at = "spec.serving.batch"
    assert places(target={"components": {"argoWorkflows": None}}) == [("component-missing", at)]
    assert places(target={"components": {"argoWorkflows": "3.3.9"}}) == [("component-too-old", at)]


def test_schedule_and_storage_are_looked_at(places: Any) -> None:
    block = {"schedule": ["61 * * * *"], "timezone": "Mars/Base", "input": "store://nowhere/x"}

    assert sorted(places(block)) == [
        ("invalid-cron", "spec.serving.batch.schedule.0"),
        ("invalid-timezone", "spec.serving.batch.timezone"),
        ("unknown-storage", "spec.serving.batch.input"),
    ]


@pytest.mark.parametrize("field", ["command", "args"])
def test_no_text_can_hold_a_tag_of_argos(places: Any, field: str) -> None:
    assert places({field: ["a", "{{workflow.name}}"]}) == [("unknown-placeholder", f"spec.serving.batch.{field}.1")]


def test_no_variable_or_uri_can_hold_a_tag_of_argos(places: Any) -> None:
    assert places(env=[{"name": "A", "value": "{{x}}"}]) == [("unknown-placeholder", "spec.serving.env.0.value")]
    key = [{"name": "A", "fromSecret": {"secret": "s", "key": "{{x}}"}}]
    assert places(env=key) == [("unknown-placeholder", "spec.serving.env.0.fromSecret.key")]
    assert places({"input": "s3://{{x}}/y"}) == [("unknown-placeholder", "spec.serving.batch.input")]


def test_variables_of_ours_are_not_the_users(places: Any) -> None:
    assert places(env=[{"name": "SHARD", "value": "1"}]) == [("reserved-variable", "spec.serving.env.0.name")]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("transformer", {"image": f"example.com/t@{DIGEST}"}),
        ("explainer", {"image": f"example.com/e@{DIGEST}"}),
        ("batcher", {}),
        ("logger", {"url": "http://sink.example.com"}),
        ("args", ["--x"]),
    ],
)
def test_fields_of_online_serving_are_refused_and_not_ignored(places: Any, field: str, value: Any) -> None:
    assert places(**{field: value}) == [("not-for-batch", f"spec.serving.{field}")]
