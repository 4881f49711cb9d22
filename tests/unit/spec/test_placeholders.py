from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlgitops.spec.pipeline import PipelineSpec, Step
from mlgitops.spec.placeholders import (
    OutputUse,
    ParameterUse,
    Part,
    Unknown,
    artifact_uses,
    containers,
    needs,
    output_uses,
    parts,
    with_values,
)

IMAGE = "example.com/step:1"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("plain } text }}", ["plain } text }}"]),
        ("--lr={{parameters.rate}}", ["--lr=", ParameterUse("rate")]),
        ("{{ steps.prepare.rows }}!", [OutputUse("prepare", "rows"), "!"]),
        ("{{workflow.name}}", [Unknown("{{workflow.name}}")]),
        ("{{=1+1}}", [Unknown("{{=1+1}}")]),
        ("{{parameters.Upper}}", [Unknown("{{parameters.Upper}}")]),
        ("a {{parameters.rate", ["a ", Unknown("{{parameters.rate")]),
        ("{{{parameters.rate}}}", [Unknown("{{{parameters.rate}}"), "}"]),
        ("{{a{{parameters.rate}}", [Unknown("{{a{{parameters.rate}}")]),
    ],
)
def test_a_text_is_cut_where_argo_would_cut_it(text: str, expected: list[Part]) -> None:
    assert list(parts(text)) == expected


@given(st.text(alphabet="{}aparmetrs. ", max_size=40))
def test_no_piece_between_placeholders_could_be_read_as_a_tag(text: str) -> None:
    found = list(parts(text))

    assert not any("{{" in part for part in found if isinstance(part, str))
    assert "{{" not in text or any(not isinstance(part, str) for part in found)


def test_values_are_put_in_and_everything_else_is_left() -> None:
    text = "a {{parameters.rate}} {{ parameters.day }} {{steps.one.rows}} {{=1}} {{open"
    assert with_values(text, {"rate": "{{parameters.x}}"}) == (
        "a {{parameters.x}} {{parameters.day}} {{steps.one.rows}} {{=1}} {{open"
    )


def test_reading_an_artifact_is_a_dependency_too() -> None:
    inputs = [
        {"name": "data", "path": "/tmp/data", "from": "steps.prepare.data"},
        {"name": "more", "path": "/tmp/more", "uri": "s3://a/b"},
    ]
    step = Step.model_validate({"name": "report", "image": IMAGE, "artifacts": {"inputs": inputs}})
    assert [(each.name, use) for each, use in artifact_uses(step)] == [("data", OutputUse("prepare", "data"))]
    assert needs(step, ["check"]) == ["check", "prepare"]


def test_the_use_of_an_output_is_a_dependency_like_one_that_is_named() -> None:
    spec = PipelineSpec.model_validate(
        {
            "steps": [
                {"name": "prepare", "image": IMAGE, "outputs": [{"name": "rows", "path": "/tmp/rows"}]},
                {"name": "report", "image": IMAGE, "args": ["{{steps.prepare.rows}}", "{{steps.prepare.rows}}"]},
            ],
            "training": {"image": IMAGE, "dependsOn": ["prepare"]},
        }
    )

    found = {name: needs(container, depends_on) for _, name, container, depends_on in containers(spec)}

    assert found == {"prepare": [], "report": ["prepare"], "train": ["prepare"]}
    assert output_uses(spec.steps[1]) == [OutputUse("prepare", "rows")]
