"""Live objects with a status, for tests of health."""

from __future__ import annotations

from typing import Any, Protocol

import pytest

from mlgitops.manifest import Manifest

TIME = "2026-01-01T00:00:00Z"


class LiveObject(Protocol):
    """Makes a live object of ``GROUP/VERSION Kind``; conditions are given as ``Type="Status"`` or ``Type=block``."""

    def __call__(
        self, kind: str, status: dict[str, Any] | None = None, spec: dict[str, Any] | None = None, **conditions: Any
    ) -> Manifest: ...


@pytest.fixture
def live() -> LiveObject:
    def make(
        kind: str, status: dict[str, Any] | None = None, spec: dict[str, Any] | None = None, **conditions: Any
    ) -> Manifest:
        api, _, name = kind.partition(" ")
        reported = [
            {"type": type, "lastTransitionTime": TIME, **(said if isinstance(said, dict) else {"status": said})}
            for type, said in conditions.items()
        ]
        whole = {**(status or {}), **({"conditions": reported} if reported else {})}
        return {
            "apiVersion": api,
            "kind": name,
            "metadata": {"name": "x", "namespace": "ml", "generation": 3},
            **({"spec": spec} if spec is not None else {}),
            **({"status": whole} if whole else {}),
        }

    return make
