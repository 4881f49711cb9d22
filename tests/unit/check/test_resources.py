from __future__ import annotations

from typing import Any

import pytest

from mlgitops.check import resources
from mlgitops.spec.serving import Resources


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"cpu": "500m", "cpuLimit": "1"}, []),
        ({"cpu": "1", "cpuLimit": "1000m"}, []),
        ({"cpu": "1", "cpuLimit": "900m"}, [("limit-below-request", "spec.resources.cpuLimit")]),
        ({"accelerator": {"class": "t4", "count": 4}}, []),
        ({"accelerator": {"class": "t4", "count": 5}}, [("too-many-accelerators", "spec.resources.accelerator.count")]),
        ({"accelerator": {"class": "h100"}}, [("unknown-accelerator", "spec.resources.accelerator.class")]),
    ],
)
def test_a_node_of_the_target_can_give_what_is_asked(
    resolved_model: Any, asked: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    found = resources.check(resolved_model(), ("resources",), Resources.model_validate(asked))

    assert [(finding.code, finding.pointer) for finding in found] == expected


@pytest.mark.parametrize(
    ("target", "codes"),
    [
        ({"cloud": "aws"}, []),
        ({"cloud": "onprem"}, ["spot-unknown"]),
        ({"cloud": "onprem", "spot": {"nodeSelector": {"pool": "old"}}}, []),
    ],
)
def test_a_cluster_of_ones_own_says_which_nodes_are_spot(resolved_model: Any, target: Any, codes: list[str]) -> None:
    found = resources.check(resolved_model(target=target), ("resources",), Resources.model_validate({"spot": True}))

    assert [finding.code for finding in found] == codes
