from __future__ import annotations

from mlgitops.render.tags import in_manifest, in_template, input_name
from mlgitops.spec.placeholders import OutputUse


def test_placeholders_become_argos_tags() -> None:
    text = "--lr={{parameters.rate}} --rows={{ steps.prepare.rows }}"

    assert in_template(text) == "--lr={{workflow.parameters.rate}} --rows={{inputs.parameters.prepare_rows}}"


def test_values_in_a_manifest_are_escaped_a_second_time() -> None:
    text = "--lr={{parameters.rate}} --rows={{steps.prepare.rows}}"

    assert in_manifest(text) == (
        "--lr={{=toJson(workflow.parameters['rate'])[1:-1]}}"
        " --rows={{=toJson(inputs.parameters['prepare_rows'])[1:-1]}}"
    )


def test_inputs_of_different_outputs_have_different_names() -> None:
    assert input_name(OutputUse("a-b", "c")) != input_name(OutputUse("a", "b-c"))
