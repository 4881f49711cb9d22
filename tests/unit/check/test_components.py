from __future__ import annotations

from typing import Any

import pytest

from mlgitops.check import components
from mlgitops.spec.target import Components


@pytest.mark.parametrize(
    ("installed", "codes"),
    [("2.0.0", []), ("2.1.3", []), ("1.9.9", ["component-too-old"]), (None, ["component-missing"])],
)
def test_a_component_must_be_there_and_new_enough(resolved_model: Any, installed: str | None, codes: list[str]) -> None:
    model = resolved_model(target={"components": {"trainer": installed}})

    found = list(components.check(model, ("training",), "trainer", "2.0", "training"))

    assert [finding.code for finding in found] == codes
    assert all("training needs Kubeflow Trainer" in finding.message for finding in found)


def test_every_component_of_a_target_has_a_name() -> None:
    assert set(components.NAMES) == {field.alias for field in Components.model_fields.values()}
