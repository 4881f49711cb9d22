from __future__ import annotations

from collections.abc import Callable

import pytest

from mlgitops.manifest import Manifest
from mlgitops.plan.change import Plan
from mlgitops.plan.guards import Consent
from mlgitops.plan.guards.foreign_object import ForeignObjectError, check
from mlgitops.targets import Inventory


@pytest.mark.parametrize(
    ("live", "in_inventory", "refused"), [(True, False, True), (True, True, False), (False, False, False)]
)
def test_an_object_that_others_made_is_taken_over_only_with_consent(
    make: Callable[..., Manifest],
    applied: Callable[..., Inventory],
    planned: Callable[..., Plan],
    live: bool,
    in_inventory: bool,
    refused: bool,
) -> None:
    inventory = applied(make("a")) if in_inventory else applied()
    (plan,) = planned([make("a", data={"v": "1"})], [make("a")] if live else [], inventory).targets
    check(plan, inventory, Consent(adopt=True))
    if refused:
        with pytest.raises(ForeignObjectError, match="ml/ConfigMap/a at aws exists") as stopped:
            check(plan, inventory, Consent())
        assert "--adopt" in stopped.value.help
    else:
        check(plan, inventory, Consent())
