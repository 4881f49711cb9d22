"""Manifests, inventories and plans for tests of plan."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import pytest

from mlgitops.manifest import Identity, Manifest, identity
from mlgitops.plan.change import Plan, TargetPlan
from mlgitops.plan.compare import plan_target
from mlgitops.targets import Inventory, InventoryEntry, Live, content_digest, owner_of

LABELS = {"mlgitops.dev/project": "shop", "mlgitops.dev/environment": "dev", "mlgitops.dev/target": "aws"}


class Make(Protocol):
    """Makes a manifest that is ours, of a model unless ``owner`` says otherwise."""

    def __call__(
        self, name: str, kind: str = "ConfigMap", api: str = "v1", owner: str = "Model/iris", **body: Any
    ) -> Manifest: ...


class Applied(Protocol):
    """The inventory after manifests were applied."""

    def __call__(self, *manifests: Manifest) -> Inventory: ...


class Planned(Protocol):
    """The plan from what is live and in the inventory to what is desired."""

    def __call__(self, desired: list[Manifest], live: list[Manifest], inventory: Inventory) -> Plan: ...


@pytest.fixture
def make() -> Make:
    def manifest(
        name: str, kind: str = "ConfigMap", api: str = "v1", owner: str = "Model/iris", **body: Any
    ) -> Manifest:
        owned, _, by = owner.partition("/")
        labels = {**LABELS, f"mlgitops.dev/{owned.lower()}": by} if by else dict(LABELS)
        return {
            "apiVersion": api,
            "kind": kind,
            "metadata": {"name": name, "namespace": "ml", "labels": labels},
            **body,
        }

    return manifest


@pytest.fixture
def applied() -> Applied:
    def inventory(*manifests: Manifest) -> Inventory:
        entries = {identity(m): InventoryEntry(identity(m), content_digest(m), owner_of(m)) for m in manifests}
        return Inventory("shop/dev/aws", entries, "c1", "2026-01-01T00:00:00Z")

    return inventory


@pytest.fixture
def planned() -> Planned:
    def plan(desired: list[Manifest], live: list[Manifest], inventory: Inventory) -> Plan:
        found: Mapping[Identity, Live] = {identity(m): Live.of(m) for m in live}
        target: TargetPlan = plan_target("aws", {"directory": {"path": "out"}}, desired, found, inventory)
        return Plan("shop", "dev", "c2", "sha256:r", (target,), version="0.1.0")

    return plan
