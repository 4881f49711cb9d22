"""This repository's own examples on a cluster where the controllers that they are for are at work."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

from mlgitops.render import clouds
from tests.testbed.control_plane import ControlPlane
from tests.testbed.controllers.build import controllers
from tests.testbed.controllers.fixtures import platform
from tests.testbed.controllers.nodes import add_node
from tests.testbed.controllers.platform import Platform

__all__ = ["platform"]

ROOT = Path(__file__).resolve().parents[5]
TARGETS = (*sorted((ROOT / "targets").glob("*.yaml")), *sorted((ROOT / "docs/catalogue/targets").glob("*.yaml")))
SPOT_CLOUDS = ("aws", "azure", "gcp")
ZONES = ("a", "b", "c")
VOLUMES = ("models-dev", "models-prod")
"""The namespaces in which the factory keeps its copies."""


def pytest_itemcollected(item: pytest.Item) -> None:
    """Marks the tests of this directory, which `make test-controllers` runs."""
    item.add_marker("controllers")
    item.add_marker("slow")


@pytest.fixture(scope="session")
def nodes(platform: Platform) -> None:
    """A node without a GPU in each zone, a spot node of each cloud, one for each class of accelerator of a target."""
    for zone in ZONES:
        add_node(platform.plane.api, f"plain-{zone}", {"topology.kubernetes.io/zone": zone})
    for cloud in SPOT_CLOUDS:
        facts = clouds.of(cloud)
        add_node(
            platform.plane.api, f"spot-{cloud}", facts.spot_node_selector(), taint=_taint(facts.spot_tolerations())
        )
    for path in TARGETS:
        place = "-".join(path.relative_to(ROOT).with_suffix("").parts)
        for name, wanted in (yaml.safe_load(path.read_text())["spec"].get("accelerators") or {}).items():
            _add_gpu_node(platform, f"{place}-{name}", wanted)


def _add_gpu_node(platform: Platform, name: str, wanted: dict[str, Any]) -> None:
    labels, gpus = wanted.get("nodeSelector", {}), wanted.get("maxPerNode", 8)
    add_node(platform.plane.api, name, labels, gpus=gpus, taint=_taint(wanted.get("tolerations", ())))


def _taint(tolerations: Sequence[dict[str, Any]]) -> str:
    """The taint that the first of these tolerations is for, as ``key=value``; empty where there is none."""
    return next((f"{one['key']}={one.get('value', '')}" for one in tolerations), "")


@pytest.fixture
def cluster(platform: Platform, nodes: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[ControlPlane]:
    """The platform's control plane as the current context; whatever is made in it goes again."""
    monkeypatch.setenv("KUBECONFIG", str(platform.plane.kubeconfig))
    before = platform.plane.checkpoint()
    _add_what_the_site_has(platform.plane)
    yield platform.plane
    platform.plane.reset(before)


def _add_what_the_site_has(plane: ControlPlane) -> None:
    """What the examples expect to find: the class of prod's pods, and the factory's copies of artifacts on a volume."""
    important = {"apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass", "value": 1000}
    plane.api.create({**important, "metadata": {"name": "business-critical"}})
    for namespace in VOLUMES:
        plane.api.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}})
        for manifest in _volume(namespace, "artifact-mirror"):
            plane.api.create(manifest)


def _volume(namespace: str, name: str) -> Iterator[dict[str, Any]]:
    """A claim and its volume, bound as the controller that does not run here would have it."""
    spec = {"accessModes": ["ReadOnlyMany"], "storageClassName": ""}
    claim = {"kind": "PersistentVolumeClaim", "namespace": namespace, "name": name}
    size, bound = {"storage": "1Gi"}, {"pv.kubernetes.io/bind-completed": "yes"}
    yield {
        "apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": f"{namespace}-{name}"},
        "spec": {**spec, "capacity": size, "hostPath": {"path": "/nowhere"}, "claimRef": claim},
    }  # fmt: skip
    yield {
        "apiVersion": "v1", "kind": claim["kind"],
        "metadata": {"name": name, "namespace": namespace, "annotations": bound},
        "spec": {**spec, "resources": {"requests": size}, "volumeName": f"{namespace}-{name}"},
    }  # fmt: skip


@pytest.fixture
def project(project: Path) -> Path:
    """The project, whose targets declare the controllers' own versions."""
    versions = {name: controller.version.removeprefix("v") for name, controller in controllers().items()}
    for path in (project / "targets").glob("*.yaml"):
        text = path.read_text()
        for name in ("kserve", "trainer"):
            text = re.sub(rf'(?m)^    {name}: "[^"]*"', f'    {name}: "{versions[name]}"', text)
        path.write_text(text)
    subprocess.run(["git", "commit", "--allow-empty", "-qam", "The controllers' versions"], cwd=project, check=True)
    return project
