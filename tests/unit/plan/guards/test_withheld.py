from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from mlgitops.plan.guards.withheld import WithheldSecretError, check
from mlgitops.plan.serialise import dumps, loads

if TYPE_CHECKING:
    Make = Any
    Applied = Any
    Planned = Any


@pytest.mark.parametrize(("kind", "refused"), [("Secret", True), ("ConfigMap", False)])
def test_a_plan_file_writes_no_secret(
    make: Make, applied: Applied, planned: Planned, kind: str, refused: bool
) -> None:
    plan = planned([make("a", kind, data={"v": "MQ=="})], [], applied())
    check(plan)
    if refused:
        with pytest.raises(WithheldSecretError, match="ml/Secret/a"):
            check(loads(dumps(plan)))
    else:
        check(loads(dumps(plan)))
