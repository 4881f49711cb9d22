"""Every kind of target, empty, and manifests to put there."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from mlgitops.manifest import Manifest
from mlgitops.targets import Connection, open_connection

Open = Callable[..., Connection]
_APPLYSET = "applyset.kubernetes.io/part-of"


@dataclass(frozen=True)
class Place:
    """One kind of target: its connection block, where its objects are, and whether it is files."""

    settings: dict[str, Any]
    namespace: str = "ml"
    is_files: bool = True

    def said(self, found: Manifest) -> Manifest:
        """What a live object has of its manifest. A cluster adds fields of its own, labels and annotations of ours."""
        if self.is_files:
            return found
        metadata = {key: found["metadata"][key] for key in ("name", "namespace", "labels")}
        metadata["labels"] = {key: value for key, value in metadata["labels"].items() if key != _APPLYSET}
        return {**found, "metadata": metadata}


def git(directory: Path, *arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=directory, check=True, capture_output=True)


def _directory(root: Path, _: pytest.FixtureRequest) -> Place:
    return Place({"directory": {"path": "clusters/aws"}})


def _git(root: Path, _: pytest.FixtureRequest) -> Place:
    git(root, "init", "-q")
    return Place({"git": {}})


def _git_folder(root: Path, _: pytest.FixtureRequest) -> Place:
    git(root, "init", "-q")
    return Place({"git": {"branch": "deploy/all", "path": "clusters/aws"}})


def _git_remote(root: Path, _: pytest.FixtureRequest) -> Place:
    git(root, "init", "-q", "--bare", "deploy.git")
    return Place({"git": {"repository": (root / "deploy.git").as_uri()}})


def _git_origin(root: Path, _: pytest.FixtureRequest) -> Place:
    git(root, "init", "-q")
    git(root, "init", "-q", "--bare", "origin.git")
    git(root, "remote", "add", "origin", str(root / "origin.git"))
    return Place({"git": {"push": True, "path": "clusters"}})


def _kubernetes(_: Path, request: pytest.FixtureRequest) -> Place:
    namespace = request.getfixturevalue("namespace")
    kubeconfig = str(request.getfixturevalue("control_plane").kubeconfig)
    settings = {"kubernetes": {"kubeconfig": kubeconfig, "namespace": namespace}}
    return Place(settings, namespace, is_files=False)


KINDS = (
    _directory, _git, _git_folder, _git_remote, _git_origin, pytest.param(_kubernetes, marks=pytest.mark.kubernetes)
)  # fmt: skip


def _name(kind: Callable[..., Place]) -> str:
    return kind.__name__.strip("_")


@pytest.fixture(params=KINDS, ids=_name)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """An empty target of each kind."""
    made: Place = request.param(tmp_path, request)
    return made


@pytest.fixture
def connect(place: Place, tmp_path: Path) -> Open:
    """Opens the same target anew, as another process would; another inventory where its name is given."""
    return lambda inventory_id="shop/dev/aws": open_connection(place.settings, tmp_path, inventory_id)


@pytest.fixture
def make(place: Place) -> Callable[..., Manifest]:
    """Makes a manifest that is ours."""

    def manifest(name: str, environment: str = "dev", **body: Any) -> Manifest:
        labels = {
            "mlgitops.dev/project": "shop",
            "mlgitops.dev/environment": environment,
            "mlgitops.dev/target": "aws",
            "mlgitops.dev/model": "iris",
        }
        metadata = {"name": name, "namespace": place.namespace, "labels": labels}
        return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, **body}

    return manifest
