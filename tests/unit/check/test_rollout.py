from __future__ import annotations

from typing import Any

import pytest

from mlgitops.check import rollout


@pytest.mark.parametrize(
    ("spec", "found"),
    [
        ({"maxSurge": 0, "maxUnavailable": 0}, ["rollout-stuck"]),
        ({"maxSurge": 1, "maxUnavailable": 0}, []),
        ({"maxSurge": 0, "maxUnavailable": 1}, []),
        ({"strategy": "recreate", "maxSurge": 0, "maxUnavailable": 0}, []),
    ],
)
def test_a_rolling_rollout_needs_room_or_leave(resolved_model: Any, spec: dict[str, Any], found: list[str]) -> None:
    assert [finding.code for finding in rollout.stuck(resolved_model(rollout=spec))] == found
