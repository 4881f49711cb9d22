from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mlgitops.errors import MlgitopsError, TargetError
from mlgitops.plan.asked import Asked
from mlgitops.workflows.apply import apply
from mlgitops.workflows.inventory import rebuild_inventory
from mlgitops.workflows.plan import connections, plans
from mlgitops.workflows.project import Opened, open_project


@pytest.fixture
def opened(project: Any) -> Opened:
    """A project that was applied, and whose inventory was lost since."""
    root: Path = project()
    made = open_project(root, None, no_cache=True)
    (plan,) = plans(made, Asked())
    apply(plan, connections(root, plan), lambda: "2026-01-01T00:00:00Z", lambda change: None)
    (root / "clusters/here/.mlgitops/shop.dev.here/inventory").unlink()
    return made


def test_a_lost_inventory_comes_back_from_the_objects_themselves(opened: Opened) -> None:
    with pytest.raises(TargetError, match="is gone"):
        plans(opened, Asked())
    rebuilt = rebuild_inventory(opened, "dev", "here").inventory
    assert (rebuilt.id, [one.name for one in rebuilt.entries]) == ("shop/dev/here", ["iris"])
    (plan,) = plans(opened, Asked())
    assert [change.action.value for change in plan.targets[0].changes] == ["unchanged"]


@pytest.mark.parametrize(("environment", "target"), [("dve", "here"), ("dev", "hare")])
def test_an_unknown_name_is_refused(opened: Opened, environment: str, target: str) -> None:
    with pytest.raises(MlgitopsError, match="there is no") as caught:
        rebuild_inventory(opened, environment, target)
    assert "did you mean" in caught.value.help
