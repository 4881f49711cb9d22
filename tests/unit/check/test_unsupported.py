from __future__ import annotations

from typing import Any

import pytest

from mlgitops.check import unsupported
from mlgitops.spec.document import load


@pytest.mark.parametrize("value", [{}, {"metric": "psi"}])
def test_a_block_that_nothing_renders_is_refused_though_it_may_be_empty(resolved_model: Any, value: Any) -> None:
    (finding,) = unsupported.check(resolved_model(monitoring={"drift": value}))
    assert (finding.code, finding.pointer) == ("not-supported-yet", "spec.monitoring.drift")


@pytest.mark.parametrize(
    ("spec", "pointer"),
    [
        ({"rollout": {"steps": [{"weight": 1}]}}, "spec.rollout.steps"),
        ({"rollout": {"analysis": {"a": 1}}}, "spec.rollout.analysis"),
        ({"monitoring": {"payloadSink": {"a": 1}}}, "spec.monitoring.payloadSink"),
    ],
)  # fmt: skip
def test_what_a_model_asks_for_and_nothing_renders_is_refused(
    resolved_model: Any, spec: dict[str, Any], pointer: str
) -> None:
    (finding,) = unsupported.check(resolved_model(**spec))
    assert (finding.code, finding.pointer) == ("not-supported-yet", pointer)
    assert "not supported yet" in finding.message


def test_what_is_rendered_and_empty_lists_are_left_alone(resolved_model: Any) -> None:
    assert list(unsupported.check(resolved_model(rollout={"steps": [], "strategy": "recreate"}))) == []


def test_a_field_of_a_document_is_refused_at_its_key() -> None:
    document = load("targets/a.yaml", b"kind: Target\nspec:\n  quota:\n    cpu: 1\n")
    (finding,) = unsupported.check_documents([document])
    assert (finding.code, str(finding.location)) == ("not-supported-yet", "targets/a.yaml:3:3")


@pytest.mark.parametrize(
    "text", ["kind: Target\nspec: [1]\n", "kind: [Target]\n", "spec: {}\n", "kind: Model\nspec: {quota: 1}"]
)
def test_a_document_of_any_shape_is_looked_at(text: str) -> None:
    assert list(unsupported.check_documents([load("targets/a.yaml", text.encode())])) == []
