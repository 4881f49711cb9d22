from __future__ import annotations

from typing import Any

import pytest

from mlgitops.check.relations import POLICY_CODES, check
from mlgitops.finding import Severity

HEAD = "apiVersion: mlgitops.dev/v1alpha1\nkind: {kind}\nmetadata:\n  name: {name}\nspec:\n"
RELEASE = "  release:\n    version: '1'\n    artifact:\n      uri: s3://models/iris\n"
STEP = "  steps:\n    - name: a\n      image: example.com/a:1\n"


def model(name: str, lifecycle: str) -> dict[str, str]:
    text = HEAD.format(kind="Model", name=name) + RELEASE + f"  lifecycle: {lifecycle}\n"
    return {f"environments/dev/models/{name}.yaml": text}


def pipeline(of: str) -> dict[str, str]:
    text = HEAD.format(kind="Pipeline", name="train") + f"  model: {of}\n" + STEP
    return {"environments/dev/pipelines/train.yaml": text}


def found(read: Any, files: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [(one.code, one.pointer, one.suggestion) for one in check(read(files).resolution)]


def test_what_is_there_may_be_named(read: Any) -> None:
    assert found(read, {**model("rose", "{stage: deprecated, replacedBy: iris}"), **pipeline("iris")}) == []


def test_a_model_that_is_broken_is_there_all_the_same(read: Any) -> None:
    broken = {"environments/dev/models/rose.yaml": "a: ["}
    assert found(read, {**broken, **pipeline("rose")}) == []


def test_a_pipeline_of_a_model_that_is_not_there_is_found(read: Any) -> None:
    assert found(read, pipeline("irsi")) == [("unknown-model", "spec.model", "iris")]


@pytest.mark.parametrize(("by", "suggestion"), [("irsi", "iris"), ("rose", "")])
def test_a_successor_that_is_not_there_or_is_the_model_itself_is_found(read: Any, by: str, suggestion: str) -> None:
    files = model("rose", f"{{stage: deprecated, replacedBy: {by}}}")
    assert found(read, files) == [("unknown-model", "spec.lifecycle.replacedBy", suggestion)]


def test_a_deprecated_model_without_a_successor_is_a_warning(read: Any) -> None:
    (finding,) = check(read(model("rose", "{stage: deprecated}")).resolution)
    assert (finding.code, finding.severity) == ("deprecated-without-successor", Severity.WARNING)
    assert finding.code in POLICY_CODES


@pytest.mark.parametrize(("environments", "number"), [("[dev]", 1), ("[dev, prod]", 0)])
def test_an_experimental_model_in_the_last_environment_is_a_warning(read: Any, environments: str, number: int) -> None:
    project = HEAD.format(kind="Project", name="shop") + f"  environments: {environments}\n"
    files = {"mlgitops.yaml": project, **model("rose", "{stage: experimental}")}
    codes = [one.code for one in check(read(files).resolution)]
    assert codes == ["experimental-in-last-environment"] * number


def test_without_a_project_there_is_no_last_environment(read: Any) -> None:
    assert found(read, {"mlgitops.yaml": None, **model("rose", "{stage: experimental}")}) == []
