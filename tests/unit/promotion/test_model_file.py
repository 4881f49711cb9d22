from __future__ import annotations

import json

import pytest
import yaml

from mlgitops.promotion.model_file import described


def model_file(inputs: object, flavors: object) -> bytes:
    return yaml.safe_dump({"flavors": flavors, "signature": {"inputs": json.dumps(inputs), "outputs": None}}).encode()


def test_columns_and_tensors_become_tensors_of_the_protocol() -> None:
    inputs = [
        {"type": "double", "name": "amount", "required": True},
        {"type": "tensor", "tensor-spec": {"dtype": "float32", "shape": [-1, 3]}},
    ]
    fields, notes = described(model_file(inputs, {"python_function": {}, "xgboost": {"xgb_version": "2.1.0"}}))
    assert fields == {
        "framework": {"name": "xgboost", "version": "2.1.0"},
        "signature": {
            "inputs": [
                {"name": "amount", "datatype": "FP64", "shape": [-1]},
                {"name": "input-1", "datatype": "FP32", "shape": [-1, 3]},
            ]
        },
    }
    assert notes == ()


@pytest.mark.parametrize("flavors", [None, {"python_function": {}}, {"sklearn": {}, "xgboost": {}}])
def test_no_framework_is_guessed(flavors: object) -> None:
    assert "framework" not in described(model_file([], flavors))[0]


@pytest.mark.parametrize(
    ("inputs", "told"),
    [
        ([{"type": "datetime", "name": "at"}], "at is of a type"),
        ([{"type": "array", "items": {"type": "long"}}], "input-0 is of a type"),
        ([{"type": "tensor"}], "input-0 is of a type"),
        ([7], "they are no list of columns or tensors"),
    ],
)
def test_a_signature_that_cannot_be_said_is_left_out_with_a_note(inputs: object, told: str) -> None:
    fields, notes = described(model_file(inputs, {}))
    assert "signature" not in fields
    assert told in notes[0]


def test_what_is_no_yaml_is_noted() -> None:
    assert described(b"a: [") == (
        {},
        ("MLmodel is no YAML that can be read: framework and signature are not taken from it.",),
    )
