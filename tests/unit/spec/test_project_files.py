from __future__ import annotations

from typing import Any

import pytest

from mlgitops.spec.document import load
from mlgitops.spec.project_files import arrange, did_you_mean, expected_kind, misplaced, step_path, step_reference


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("mlgitops.yaml", "Project"),
        ("targets/aws.yaml", "Target"),
        ("models/iris.yaml", "Model"),
        ("environments/dev/environment.yaml", "Environment"),
        ("environments/dev/models/iris.yaml", "Model"),
        ("environments/dev/pipelines/train.yaml", "Pipeline"),
        ("steps/check-data/1.0.yaml", "Pipeline"),
        ("steps/check-data/2.0.1-rc.1.yaml", "Pipeline"),
        ("steps/check-data/latest.yaml", None),
        ("steps/check-data.yaml", None),
        ("steps/check-data/1.0/a.yaml", None),
        ("environments/dev/kustomization.yaml", None),
        ("environments/dev/models/deep/iris.yaml", None),
        ("environments/environment.yaml", None),
        ("models/iris.yml", None),
        ("sub/mlgitops.yaml", None),
        ("models", None),
    ],
)
def test_the_place_of_a_file_says_its_kind(path: str, kind: str | None) -> None:
    assert expected_kind(path) == kind


@pytest.mark.parametrize(
    "path",
    [
        "models/iris.yml", "models/deep/iris.yaml", "targets/aws.json", "environments/dev/models/iris.yml",
        "environments/dev/pipelines/a/b.yaml", "steps/check-data.yaml", "steps/check-data/latest.yaml",
    ],
)  # fmt: skip
def test_a_file_that_looks_like_a_spec_and_is_not_read_is_found(path: str) -> None:
    (finding,) = misplaced([path])
    assert (finding.code, str(finding.location)) == ("file-not-read", path)


@pytest.mark.parametrize(
    "path",
    [
        "models/iris.yaml", "models/README.md", "environments/dev/kustomization.yaml", "environments/dev/patch.yml",
        "environments/dev/evidence/a.json", "targets/schemas/aws/a.json",
    ],
)  # fmt: skip
def test_a_file_that_is_read_or_no_spec_is_not(path: str) -> None:
    assert list(misplaced([path])) == []


def documents(**files: str) -> Any:
    return [load(path, text.encode()) for path, text in files.items()]


def test_every_document_is_found_by_its_name() -> None:
    named = {
        "mlgitops.yaml": "kind: Project",
        "targets/aws.yaml": "kind: Target\nmetadata: {name: aws}",
        "models/iris.yaml": "kind: Model\nmetadata: {name: iris}",
        "environments/dev/models/iris.yaml": "kind: Model\nmetadata: {name: iris}",
        "environments/dev/pipelines/train.yaml": "kind: Pipeline\nmetadata: {name: train}",
        "environments/dev/environment.yaml": "kind: Environment\nmetadata: {name: dev}",
        "steps/check/1.0.yaml": "kind: Pipeline\nmetadata: {name: check}",
        "steps/check/1.1.yaml": "kind: Pipeline\nmetadata: {name: check}",
    }
    files, findings = arrange(documents(**named))
    assert findings == []
    assert files.project is not None
    assert (list(files.targets), list(files.bases), list(files.environments)) == (["aws"], ["iris"], ["dev"])
    assert list(files.steps) == ["check@1.0", "check@1.1"]
    dev = files.environments["dev"]
    assert (list(dev.models), list(dev.pipelines)) == (["iris"], ["train"])
    assert dev.environment is not None
    assert dev.environment.path == "environments/dev/environment.yaml"


@pytest.mark.parametrize(
    ("path", "text", "code", "place"),
    [
        ("targets/aws.yaml", "kind: Model", "wrong-kind", "targets/aws.yaml:1:7"),
        ("targets/aws.yaml", "spec: {}", "wrong-kind", "targets/aws.yaml:1:1"),
        ("mlgitops.yaml", "kind: [Project]", "wrong-kind", "mlgitops.yaml:1:7"),
        ("targets/aws.yaml", "kind: Target\nmetadata:\n  name: gcp", "name-differs-from-file", "targets/aws.yaml:3:9"),
        (
            "environments/dev/environment.yaml", "kind: Environment\nmetadata: {name: prod}", "name-differs-from-file",
            "environments/dev/environment.yaml:2:18",
        ),
    ],
)  # fmt: skip
def test_a_document_out_of_place_is_found(path: str, text: str, code: str, place: str) -> None:
    _, findings = arrange(documents(**{path: text}))
    assert [(finding.code, str(finding.location)) for finding in findings] == [(code, place)]


def test_a_step_template_is_where_its_reference_says() -> None:
    assert step_path("check-data@1.0") == "steps/check-data/1.0.yaml"
    assert step_reference("steps/check-data/1.0.yaml") == "check-data@1.0"
    assert step_reference("steps/check-data/latest.yaml") == step_reference("models/a/1.0.yaml") == ""


def test_a_document_of_another_kind_is_not_used_and_known_to_be_there() -> None:
    files, _ = arrange(documents(**{"targets/aws.yaml": "kind: Model"}))
    assert not files.targets
    assert files.unread == {"targets/aws.yaml"}


def test_a_name_that_is_no_text_is_left_to_validation() -> None:
    assert arrange(documents(**{"targets/aws.yaml": "kind: Target\nmetadata: {name: [aws]}"}))[1] == []


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("scalling", "scaling"), ("irsi", "iris"), ("xyzzy", ""), ("", ""), ("scaling", "scaling"), ("IRIS", "iris"),
        ("fp32", "FP32"),
    ],
)  # fmt: skip
def test_the_likely_meaning_is_found(word: str, meant: str) -> None:
    assert did_you_mean(word, ["scaling", "iris", "timeout", "FP32", "FP64"]) == meant
