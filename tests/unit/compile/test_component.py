from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from mlgitops.compile import component

FILE = """\
name: Train model
description: Trains
inputs:
- {name: Learning rate, type: Float, default: "0.1"}
- {name: data, type: String}
outputs:
- {name: loss, type: Float}
implementation:
  container:
    image: alpine:3
    command: [train]
    args:
    - --rate
    - {inputValue: Learning rate}
    - {concat: ["--data=", {inputValue: data}]}
    - {if: {cond: {isPresent: data}, then: [--given], else: [--not]}}
    - {outputPath: loss}
    env: {MODE: fast}
"""


def test_a_component_is_a_pipeline_of_one_step_whose_inputs_are_parameters(compiled: Callable[..., Any]) -> None:
    made = compiled(component.pipeline, FILE)
    assert (made.draft.name, made.codes) == ("train-model", ["compile-renamed"])
    assert made.draft.parameters == [{"name": "learning-rate", "value": "0.1"}, {"name": "data"}]
    assert made.steps["train-model"] == {
        "name": "train-model",
        "image": "alpine:3",
        "command": ["train"],
        "args": ["--rate", "{{parameters.learning-rate}}", "--data={{parameters.data}}", "--given", "/tmp/output-loss"],
        "env": [{"name": "MODE", "value": "fast"}],
        "outputs": [{"name": "loss", "path": "/tmp/output-loss"}],
    }


@pytest.mark.parametrize(
    ("old", "new", "pointer"),
    [
        ("{outputPath: loss}", "{inputPath: data}", "implementation.container.args.4"),
        ("{outputPath: loss}", '"{{x}}"', "implementation.container.args.4"),
        ("    env: ", "    fileOutputs: {a: /b}\n    env: ", "implementation.container.fileOutputs"),
        ("  container:", "  graph: {tasks: {}}\n  container:", "implementation.graph"),
    ],
)
def test_what_a_step_has_no_word_for_is_refused(compiled: Callable[..., Any], old: str, new: str, pointer: str) -> None:
    assert [where for where, _ in compiled(component.pipeline, FILE.replace(old, new)).errors] == [pointer]
