from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from mlgitops.spec.llm import Llm


@pytest.mark.parametrize(
    "block",
    [
        {},
        {"name": "HuggingFaceTB/SmolLM2"},
        {"parallelism": {"tensor": 64, "expert": True}},
        {"router": {}},
        {"router": {"gateway": {"name": "public", "namespace": "gateways"}, "scheduler": True}},
    ],
)
def test_what_kserve_takes_is_taken(block: dict[str, Any]) -> None:
    Llm.model_validate(block)


@pytest.mark.parametrize(
    "block",
    [
        {"name": ""},
        {"parallelism": {"tensor": 0}},
        {"parallelism": {"data": 65}},
        {"parallelism": {"dataLocal": 1}},
        {"router": {"gateway": {"name": "public"}}},
        {"router": {"gateway": {"name": "Public", "namespace": "gateways"}}},
        {"router": True},
    ],
)
def test_what_means_nothing_is_refused(block: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Llm.model_validate(block)


def test_a_router_is_there_only_where_it_is_asked_for() -> None:
    assert Llm().router is None
    assert Llm.model_validate({"router": {}}).router is not None
