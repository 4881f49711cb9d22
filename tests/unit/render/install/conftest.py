"""An installation to render in each way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from mlgitops.manifest import Manifest
from mlgitops.render.install.install import install
from mlgitops.render.install.installation import Cluster, Installation

RULE = {"apiGroups": ["serving.kserve.io"], "resources": ["inferenceservices"], "verbs": ["get", "list"]}
CLUSTER = Cluster(("aws-prod",), {"context": "prod"}, {"models": [RULE]})


@pytest.fixture
def installation() -> Callable[..., Installation]:
    """``installation(mode="hub")``: one in the cluster of aws-prod, unless told otherwise."""

    def made(**fields: Any) -> Installation:
        usual = {"repository": "https://git.example.com/ml/models.git", "branch": "main", "mode": "pull"}
        return Installation("shop", **{**usual, "clusters": (CLUSTER,), "targets": ("aws-prod",), **fields})

    return made


@pytest.fixture
def installed(installation: Callable[..., Installation]) -> Callable[..., dict[tuple[str, str, str], Manifest]]:
    """``installed(mode="hub")``: its manifests by cluster, kind and name; each is there once."""

    def rendered(**fields: Any) -> dict[tuple[str, str, str], Manifest]:
        found = list(install(installation(**fields)))
        by_name = {(place, one["kind"], one["metadata"]["name"]): one for place, one in found}
        assert len(by_name) == len(found)
        return by_name

    return rendered
