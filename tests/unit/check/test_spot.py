from __future__ import annotations

from typing import Any

import pytest

from mlgitops.check.spot import check

HEAD = "apiVersion: mlgitops.dev/v1alpha1\nkind: {kind}\nmetadata:\n  name: {name}\nspec:\n"
RELEASE = "  release:\n    version: '1'\n    artifact:\n      uri: s3://models/iris\n"


@pytest.mark.parametrize(
    ("environments", "serving", "number"),
    [
        ("[dev]", "{resources: {spot: true}}", 1),
        ("[dev]", "{resources: {spot: true}, scaling: {min: 2, max: 3}}", 0),
        ("[dev]", "{resources: {spot: true}, scaling: {min: 0, max: 3}}", 0),
        ("[dev]", "{resources: {spot: true}, mode: batch}", 0),
        ("[dev]", "{}", 0),
        ("[dev, prod]", "{resources: {spot: true}}", 0),
    ],
)
def test_one_replica_on_a_spot_node_is_a_warning_in_the_last_environment(
    read: Any, environments: str, serving: str, number: int
) -> None:
    project = HEAD.format(kind="Project", name="shop") + f"  environments: {environments}\n"
    model = HEAD.format(kind="Model", name="iris") + RELEASE + f"  serving: {serving}\n"

    found = check(read({"mlgitops.yaml": project, "environments/dev/models/iris.yaml": model}).resolution)

    assert [(one.code, one.pointer) for one in found] == [
        ("spot-single-replica", "spec.serving.resources.spot")
    ] * number
