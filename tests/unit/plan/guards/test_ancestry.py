from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from mlgitops.manifest import Manifest
from mlgitops.plan.change import Plan
from mlgitops.plan.guards.ancestry import NewerCommitError, check
from mlgitops.targets import Inventory

HISTORY = ["c0", "c1", "c2", "c3"]


def follows(commit: str, earlier: str) -> bool:
    return earlier in HISTORY[: HISTORY.index(commit) + 1] if commit in HISTORY else False


@pytest.mark.parametrize(
    ("applied_commit", "begun", "refused"),
    [
        ("", "", False),
        ("c1", "", False),
        ("c2", "", False),
        ("c1-dirty", "", False),
        ("c3", "", True),
        ("elsewhere", "", True),
        ("c1", "c3", True),
        ("c1", "c2", False),
    ],
)
def test_nothing_is_written_over_a_commit_that_the_plans_does_not_follow(
    make: Callable[..., Manifest],
    applied: Callable[..., Inventory],
    planned: Callable[..., Plan],
    applied_commit: str,
    begun: str,
    refused: bool,
) -> None:
    inventory = replace(applied(make("a")), commit=applied_commit, begun=begun)
    plan = planned([make("a"), make("b")], [make("a")], inventory)
    (target,) = plan.targets
    if not refused:
        check(plan, target, inventory, follows)
        return
    with pytest.raises(NewerCommitError, match=f"c2 does not follow {begun or applied_commit}") as stopped:
        check(plan, target, inventory, follows)
    assert stopped.value.help.endswith("mlgitops apply --env dev --target aws --revision c2")
