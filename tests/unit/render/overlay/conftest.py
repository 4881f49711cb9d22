"""Objects and overlays for the tests of the overlay."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from mlgitops.manifest import Manifest
from mlgitops.render.overlay.references import Overlay, walk

ENVIRONMENT = "environments/prod"


@pytest.fixture
def a_manifest() -> Callable[..., Manifest]:
    """``a_manifest(kind, name, model="", namespace="ml", **fields)``."""

    def build(kind: str, name: str, model: str = "", namespace: str = "ml", **fields: Any) -> Manifest:
        labels = {"mlgitops.dev/model": model} if model else {}
        metadata = {"name": name, "namespace": namespace, "labels": labels}
        return {"apiVersion": "v1", "kind": kind, "metadata": metadata, **fields}

    return build


@pytest.fixture
def an_overlay() -> Callable[..., Overlay]:
    """``an_overlay({"namePrefix": ...}, **{"base/kustomization.yaml": {...}})``: the overlay of environments/prod."""

    def build(kustomization: Mapping[str, Any], files: Mapping[str, Any] | None = None) -> Overlay:
        project = {f"{ENVIRONMENT}/kustomization.yaml": kustomization, **(files or {})}
        return walk(ENVIRONMENT, {path: json.dumps(content).encode() for path, content in project.items()})

    return build
