from __future__ import annotations

from collections.abc import Callable

import pytest

from mlgitops.manifest import Manifest
from mlgitops.plan.change import Plan
from mlgitops.plan.guards.withheld import WithheldSecretError, check
from mlgitops.plan.serialise import dumps, loads
from mlgitops.targets import Inventory


@pytest.mark.parametrize(("kind", "refused"), [("Secret", True), ("ConfigMap", False)])
def test_a_plan_file_writes_no_secret(
    make: Callable[..., Manifest],
    applied: Callable[..., Inventory],
    planned: Callable[..., Plan],
    kind: str,
    refused: bool,
) -> None:
    plan = planned([make("a", kind, data={"v": "MQ=="})], [], applied())
    check(plan)
    if refused:
        with pytest.raises(WithheldSecretError, match="ml/Secret/a"):
            check(loads(dumps(plan)))
    else:
        check(loads(dumps(plan)))
