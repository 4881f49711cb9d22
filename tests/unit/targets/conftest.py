"""Manifests and directory connections for tests of targets."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mlgitops.manifest import Manifest
from mlgitops.targets.directory import DirectoryConnection

LABELS = {"mlgitops.dev/project": "shop", "mlgitops.dev/environment": "dev", "mlgitops.dev/target": "aws"}


@pytest.fixture
def make() -> Callable[..., Manifest]:
    """Makes a manifest that is ours."""

    def manifest(name: str, kind: str = "ConfigMap", **body: Any) -> Manifest:
        labels = {**LABELS, "mlgitops.dev/model": "iris"}
        return {
            "apiVersion": "v1",
            "kind": kind,
            "metadata": {"name": name, "namespace": "ml", "labels": labels},
            **body,
        }

    return manifest


@pytest.fixture
def connect(tmp_path: Path) -> Callable[[], DirectoryConnection]:
    """Opens the same directory anew, as another process would."""
    return lambda: DirectoryConnection(tmp_path / "out", "shop/dev/aws")
