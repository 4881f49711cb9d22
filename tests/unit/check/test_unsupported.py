from __future__ import annotations

from typing import Any

import pytest

from mlgitops.check import unsupported


@pytest.mark.parametrize("value", [{}, {"a": 1}])
def test_a_block_that_nothing_renders_is_refused_though_it_may_be_empty(resolved_model: Any, value: Any) -> None:
    (finding,) = unsupported.check(resolved_model(rollout={"analysis": value}))
    assert (finding.code, finding.pointer) == ("not-supported-yet", "spec.rollout.analysis")


@pytest.mark.parametrize(
    ("spec", "pointer"),
    [
        ({"rollout": {"steps": [{"weight": 1}]}}, "spec.rollout.steps"),
        ({"rollout": {"analysis": {"a": 1}}}, "spec.rollout.analysis"),
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
