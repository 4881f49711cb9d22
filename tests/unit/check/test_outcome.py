from __future__ import annotations

from typing import Any

import pytest

from mlgitops.check import graph, outcome, pipeline

DIGEST = "sha256:" + "ab" * 32
EVALUATION: dict[str, Any] = {"image": "example.com/evaluate:1", "bounds": [{"metric": "accuracy", "min": 0.9}]}
REGISTRATION: dict[str, Any] = {
    "repository": "https://git.example.com/models.git",
    "credentials": {"secret": "git", "key": "credentials"},
    "artifact": "s3://models/{{parameters.day}}",
}
SOUND: dict[str, Any] = {
    "evaluation": EVALUATION,
    "registration": REGISTRATION,
    "mlgitopsImage": f"example.com/mlgitops@{DIGEST}",
    "parameters": [{"name": "day", "value": "1"}],
}


@pytest.fixture
def found(resolved_pipeline: Any) -> Any:
    """The findings about the end of a run: code and place."""

    def findings(**spec: Any) -> list[tuple[str, str]]:
        told = outcome.check(resolved_pipeline(**{**SOUND, **spec}))
        return [(finding.code, finding.pointer) for finding in told]

    return findings


def test_a_sound_end_has_no_findings(found: Any, resolved_pipeline: Any) -> None:
    assert found() == []
    assert list(graph.check(resolved_pipeline(**SOUND))) == []


def test_both_need_a_model_and_an_image_of_mlgitops(found: Any) -> None:
    for part in ("evaluation", "registration"):
        other = {"evaluation": None, "registration": None, part: SOUND[part]}
        assert found(**other, model=None) == [("outcome-without-model", f"spec.{part}")]
        assert found(**other, mlgitopsImage=None) == [("mlgitops-image-missing", f"spec.{part}")]


@pytest.mark.parametrize("bound", [{"metric": "a"}, {"metric": "a", "min": 2, "max": 1}])
def test_a_bound_bounds_something(found: Any, bound: Any) -> None:
    assert found(evaluation={**EVALUATION, "bounds": [bound]}) == [("bound-empty", "spec.evaluation.bounds.0")]


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("version", "two words"),
        ("artifact", "models/1"),
        ("digest", "sha256:ab"),
        ("image", "Example.com/a"),
        ("sourceCommit", "main"),
        ("dataDigest", "md5:ab"),
        ("reference", "train.csv"),
        ("trainedAt", "yesterday"),
    ],
)
def test_a_text_that_no_release_could_have_is_found_before_a_run_ends_with_it(
    found: Any, field: str, text: str
) -> None:
    told = [("release-text-invalid", f"spec.registration.{field}")]
    assert found(registration={**REGISTRATION, field: text}) == told
    assert found(registration={**REGISTRATION, field: "{{parameters.day}}"}) == []


@pytest.mark.parametrize(("name", "part"), [
    ("evaluate", "evaluation"), ("evidence", "evaluation"), ("register", "registration"),
])  # fmt: skip
def test_their_names_are_reserved(resolved_pipeline: Any, name: str, part: str) -> None:
    steps = [{"name": name, "image": "example.com/a:1"}]
    (finding,) = graph.check(resolved_pipeline(steps=steps, **SOUND))
    assert (finding.code, part in finding.message) == ("reserved-step-name", True)
    assert list(graph.check(resolved_pipeline(**{**SOUND, "steps": steps, part: None}))) == []


def test_placeholders_of_the_end_are_looked_at(resolved_pipeline: Any) -> None:
    wrong = {**REGISTRATION, "digest": "{{steps.prepare.digest}}", "version": "{{parameters.night}}"}
    told = graph.check(resolved_pipeline(**{**SOUND, "registration": wrong}))
    assert {(one.code, one.pointer) for one in told} == {
        ("unknown-output", "spec.registration.digest"), ("unknown-parameter", "spec.registration.version"),
    }  # fmt: skip


def test_no_key_of_a_secret_holds_a_tag(resolved_pipeline: Any) -> None:
    key = {"secret": "git", "key": "a{{b}}"}
    built = {"repository": "https://git.example.com/a.git", "revision": "main", "destination": "example.com/a:1"}
    steps = [{"name": "build", "image": "example.com/a:1", "build": {**built, "registryLogin": key, "gitToken": key}}]
    registration = {**REGISTRATION, "credentials": key}
    told = pipeline.check(resolved_pipeline(**{**SOUND, "steps": steps, "registration": registration}))
    assert {one.pointer for one in told if one.code == "unknown-placeholder"} == {
        "spec.steps.0.build.registryLogin.key", "spec.steps.0.build.gitToken.key", "spec.registration.credentials.key",
    }  # fmt: skip


def test_training_alone_that_is_evaluated_is_a_workflow(resolved_pipeline: Any) -> None:
    spec = {**SOUND, "steps": None, "training": {"image": f"example.com/train@{DIGEST}"}}
    schedule = {"cron": ["@daily"]}
    argo = resolved_pipeline(**spec, schedule=schedule, target={"components": {"argoWorkflows": None}})
    assert [one.code for one in pipeline.check(argo)][:1] == ["component-missing"]
    codes = [one.code for one in pipeline.check(resolved_pipeline(**spec, schedule=schedule))]
    assert "schedule-without-steps" not in codes
