from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from mlgitops.plan import Consent
from mlgitops.plan.guards.empty_render import EmptyRenderError, check

if TYPE_CHECKING:
    Make = Any
    Applied = Any
    Planned = Any


@pytest.mark.parametrize(
    ("there", "desired", "left_out", "refused"),
    [(1, 0, 0, True), (5, 0, 0, True), (5, 1, 0, False), (1, 0, 4, False), (0, 0, 0, False), (0, 1, 0, False)],
)
def test_pruning_everything_because_nothing_was_rendered_needs_consent(
    make: Make, applied: Applied, planned: Planned, there: int, desired: int, left_out: int, refused: bool
) -> None:
    objects = [make(f"o{n}") for n in range(5)]
    plan = replace(planned(objects[:desired], objects[:there], applied(*objects[:there])), left_out=left_out)
    check(plan, plan.targets[0], Consent(allow_mass_delete=True))
    if refused:
        with pytest.raises(EmptyRenderError, match="nothing is desired at aws"):
            check(plan, plan.targets[0], Consent())
    else:
        check(plan, plan.targets[0], Consent())
