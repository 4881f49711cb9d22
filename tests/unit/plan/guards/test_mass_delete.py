from __future__ import annotations

from collections.abc import Callable

import pytest

from mlgitops.manifest import Manifest
from mlgitops.plan.change import Plan
from mlgitops.plan.guards import Consent
from mlgitops.plan.guards.mass_delete import MassDeleteError, check
from mlgitops.targets import Inventory


@pytest.mark.parametrize(
    ("there", "kept", "refused"),
    [(10, 5, False), (10, 4, True), (3, 1, True), (2, 1, False), (2, 0, True), (1, 0, False), (0, 0, False)],
)
def test_deleting_more_than_half_and_at_least_two_needs_consent(
    make: Callable[..., Manifest],
    applied: Callable[..., Inventory],
    planned: Callable[..., Plan],
    there: int,
    kept: int,
    refused: bool,
) -> None:
    objects = [make(f"o{n}") for n in range(there)]
    (plan,) = planned(objects[:kept], objects, applied(*objects)).targets
    check(plan, applied(*objects), Consent(allow_mass_delete=True))
    if refused:
        with pytest.raises(MassDeleteError, match=f"{there - kept} of {there} objects at aws") as stopped:
            check(plan, applied(*objects), Consent())
        assert "--allow-mass-delete" in stopped.value.help
    else:
        check(plan, applied(*objects), Consent())
