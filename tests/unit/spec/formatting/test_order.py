"""The order of keys, from the outermost place of a file to the innermost."""

from __future__ import annotations

import pytest

from mlgitops.spec.formatting.order import place_of


@pytest.mark.parametrize("kind", ["Project", "Environment", "Target", "Model", "Pipeline"])
def test_every_kind_begins_with_what_it_is(kind: str) -> None:
    assert place_of(kind).order == ("apiVersion", "kind", "metadata", "spec")


def test_a_step_begins_with_its_name() -> None:
    assert place_of("Pipeline").at("spec").at("steps").item().order[0] == "name"


def test_defaults_hold_parts_of_a_spec_in_its_order() -> None:
    part = place_of("Project").at("spec").at("defaults").at("model")
    assert part.order == place_of("Model").at("spec").order
    assert part.at("serving").order == place_of("Model").at("spec").at("serving").order


def test_within_values_of_a_map_the_order_is_known_again() -> None:
    accelerators = place_of("Target").at("spec").at("accelerators")
    assert accelerators.order == ()
    assert "resource" in accelerators.at("a10g").order


@pytest.mark.parametrize("kind", ["Kustomization", None, ["Model"]])
def test_nothing_is_known_of_other_kinds(kind: object) -> None:
    assert place_of(kind).at("spec").at("serving").item().order == ()
