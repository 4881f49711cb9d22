from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from mlgitops.manifest import Manifest
from mlgitops.plan.change import Plan
from mlgitops.plan.guards import Consent
from mlgitops.plan.guards.empty_render import EmptyRenderError, check
from mlgitops.targets import Inventory


@pytest.mark.parametrize(
    ("counts", "refused"),
    [
        ((1, 0, 0), True),
        ((5, 0, 0), True),
        ((5, 1, 0), False),
        ((1, 0, 4), False),
        ((0, 0, 0), False),
        ((0, 1, 0), False),
    ],
)
def test_pruning_everything_because_nothing_was_rendered_needs_consent(
    make: Callable[..., Manifest],
    applied: Callable[..., Inventory],
    planned: Callable[..., Plan],
    counts: tuple[int, int, int],
    refused: bool,
) -> None:
    there, desired, left_out = counts
    objects = [make(f"o{n}") for n in range(5)]
    plan = replace(planned(objects[:desired], objects[:there], applied(*objects[:there])), left_out=left_out)
    check(plan, plan.targets[0], Consent(allow_mass_delete=True))
    if refused:
        with pytest.raises(EmptyRenderError, match="nothing is desired at aws"):
            check(plan, plan.targets[0], Consent())
    else:
        check(plan, plan.targets[0], Consent())
