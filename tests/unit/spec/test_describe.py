from __future__ import annotations

import pytest

from mlgitops.errors import MlgitopsError
from mlgitops.spec.describe import describe, every_field
from mlgitops.spec.kinds import KINDS

FIELDS = {field.path: field for field in every_field()}


def test_every_field_of_every_kind_is_described() -> None:
    assert [path for path, field in FIELDS.items() if not field.description] == []


def test_the_walk_reaches_all_kinds_and_depths() -> None:
    assert {path.split(".")[0] for path in FIELDS} == {name.lower() for name in KINDS}
    assert "model.spec.serving.transformer.env[].fromSecret.key" in FIELDS
    assert "target.spec.accelerators.NAME.tolerations[].effect" in FIELDS


@pytest.mark.parametrize("kind", [name.lower() for name in KINDS])
def test_every_field_can_be_asked_for_by_its_path(kind: str) -> None:
    listed = {path: field for path, field in FIELDS.items() if path.split(".")[0] == kind}
    asked = {path: describe(path) for path in listed}
    assert {path: (one.path, one.type, one.description) for path, one in asked.items()} == {
        path: (path, one.type, one.description) for path, one in listed.items()
    }


def test_a_bound_number_says_type_bounds_and_default() -> None:
    field = describe("model.spec.serving.scaling.target")
    assert (field.type, field.bounds, field.default, field.required) == ("whole number", "1 to 100000", "80", False)
    assert field.description.startswith("The value of the metric at which another replica is added")


@pytest.mark.parametrize(
    ("pointer", "expected"),
    [
        ("model.spec.serving.scaling.metric", {"type": "word", "allowed": ("cpu", "memory", "concurrency", "rps")}),
        ("model.spec.serving.timeout", {"type": "duration", "default": "60s"}),
        ("model.spec.serving.resources.cpu", {"type": "quantity", "default": '"1"'}),
        ("model.spec.serving.spreadZones", {"type": "true or false", "default": "false"}),
        ("model.spec.serving.env", {"type": "list of blocks", "default": "[]"}),
        ("model.spec.release.artifact.digest", {"type": "digest", "pattern": "^sha256:[0-9a-f]{64}$"}),
        ("model.spec.governance.fairness[].maxGap", {"type": "number", "bounds": "at least 0", "required": True}),
        ("project.spec.environments", {"type": "list of names", "bounds": "at least 1 item, each 1 to 52 characters"}),
        ("project.spec.policy.rules", {"type": "map from text to word", "allowed": ("error", "warning", "off")}),
        ("project.spec.defaults.model", {"type": "part of a spec"}),
        ("pipeline.spec.steps[].resources", {"type": "block", "default": "{cpu: 500m, memory: 512Mi}"}),
        ("model.metadata.labels", {"type": "map from label key to label value", "default": "{}"}),
    ],
)
def test_a_field_says_what_it_accepts(pointer: str, expected: dict[str, object]) -> None:
    field = describe(pointer)
    assert {name: getattr(field, name) for name in expected} == expected


def test_a_field_with_its_own_description_also_tells_of_its_type() -> None:
    field = describe("model.spec.serving.transformer")
    assert field.description == "Changes requests and responses."
    assert field.details.startswith("A transformer or an explainer")


def test_children_are_the_fields_inside() -> None:
    children = describe("model.spec.serving.scaling").children
    assert [child.name for child in children] == ["min", "max", "metric", "target"]
    assert all(not child.children for child in children)


def test_the_kind_and_name_come_first() -> None:
    assert [child.name for child in describe("pipeline").children] == ["apiVersion", "kind", "metadata", "spec"]
    assert describe("pipeline.spec.steps").children[0].name == "name"


def test_an_empty_path_lists_the_kinds() -> None:
    assert [child.path for child in describe("").children] == ["project", "environment", "target", "model", "pipeline"]


@pytest.mark.parametrize(
    ("pointer", "path"),
    [
        ("Model.spec.serving", "model.spec.serving"),
        ("MODEL", "model"),
        (" model.spec. ", "model.spec"),
        ("pipeline.spec.steps.image", "pipeline.spec.steps[].image"),
        ("pipeline.spec.steps.0.image", "pipeline.spec.steps[].image"),
        ("pipeline.spec.steps[2].image", "pipeline.spec.steps[].image"),
        ("pipeline.spec.steps[]", "pipeline.spec.steps[]"),
        ("target.spec.accelerators.a10g.resource", "target.spec.accelerators.NAME.resource"),
        ("target.spec.accelerators.resource", "target.spec.accelerators.NAME.resource"),
        ("target.spec.accelerators.a10g", "target.spec.accelerators.NAME"),
        ("model.metadata.labels.app.kubernetes.io/part-of", "model.metadata.labels.NAME"),
        ("project.spec.defaults.model.serving.scaling.min", "project.spec.defaults.model.serving.scaling.min"),
        ("target.spec.profile.pipeline.steps", "target.spec.profile.pipeline.steps"),
    ],
)
def test_lists_maps_and_case_are_read_as_meant(pointer: str, path: str) -> None:
    assert describe(pointer).path == path


@pytest.mark.parametrize(
    ("pointer", "message", "help"),
    [
        ("modle.spec", "there is no kind 'modle'", "did you mean 'model'?"),
        ("x", "there is no kind 'x'", "a path starts with one of: project, environment, target, model, pipeline"),
        ("model.spec.servng", "there is no field 'servng' in model.spec", "did you mean 'model.spec.serving'?"),
        (
            "model.spec.serving.max_concurrency",
            "there is no field 'max_concurrency' in model.spec.serving",
            "did you mean 'model.spec.serving.maxConcurrency'?",
        ),
        (
            "model.serving.scaling",
            "there is no field 'serving' in model",
            "did you mean 'model.spec.serving.scaling'?",
        ),
        ("model.spec.serving.scaling.max.x", "model.spec.serving.scaling.max has no fields, so no 'x'", "whole number"),
        ("model.spec.serving[]", "model.spec.serving is no list", "it is a block"),
        (
            "pipeline.spec.steps.imag",
            "there is no field 'imag' in pipeline.spec.steps[]",
            "pipeline.spec.steps[].image",
        ),
    ],
)
def test_an_unknown_part_is_told_with_what_was_meant(pointer: str, message: str, help: str) -> None:
    with pytest.raises(MlgitopsError) as error:
        describe(pointer)
    assert error.value.message == message
    assert help in error.value.help
