"""Every kind of target that needs no cluster, empty, and manifests to put there."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mlgitops.manifest import Manifest
from mlgitops.targets import Connection, open_connection

Open = Callable[..., Connection]


def git(directory: Path, *arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=directory, check=True, capture_output=True)


def _directory(root: Path) -> dict[str, Any]:
    return {"directory": {"path": "clusters/aws"}}


def _git(root: Path) -> dict[str, Any]:
    git(root, "init", "-q")
    return {"git": {}}


def _git_folder(root: Path) -> dict[str, Any]:
    git(root, "init", "-q")
    return {"git": {"branch": "deploy/all", "path": "clusters/aws"}}


def _git_remote(root: Path) -> dict[str, Any]:
    git(root, "init", "-q", "--bare", "deploy.git")
    return {"git": {"repository": (root / "deploy.git").as_uri()}}


def _git_origin(root: Path) -> dict[str, Any]:
    git(root, "init", "-q")
    git(root, "init", "-q", "--bare", "origin.git")
    git(root, "remote", "add", "origin", str(root / "origin.git"))
    return {"git": {"push": True, "path": "clusters"}}


KINDS = (_directory, _git, _git_folder, _git_remote, _git_origin)


@pytest.fixture(params=KINDS, ids=lambda kind: kind.__name__.strip("_"))
def connect(request: pytest.FixtureRequest, tmp_path: Path) -> Open:
    """Opens the same target anew, as another process would; another inventory where its name is given."""
    settings = request.param(tmp_path)
    return lambda inventory_id="shop/dev/aws": open_connection(settings, tmp_path, inventory_id)


@pytest.fixture
def make() -> Callable[..., Manifest]:
    """Makes a manifest that is ours."""

    def manifest(name: str, environment: str = "dev", **body: Any) -> Manifest:
        labels = {
            "mlgitops.dev/project": "shop",
            "mlgitops.dev/environment": environment,
            "mlgitops.dev/target": "aws",
            "mlgitops.dev/model": "iris",
        }
        metadata = {"name": name, "namespace": "ml", "labels": labels}
        return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, **body}

    return manifest
