"""A project, a cluster, and a proxy between them that loses what a test wants lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.testbed.control_plane import ADMIN, ControlPlane
from tests.testbed.proxy import FaultProxy, Rule
from tests.testbed.scene import Scene


@pytest.fixture
def scene(control_plane: ControlPlane, namespace: str, tmp_path: Path) -> Scene:
    """An empty project whose one target is the test's namespace."""
    return Scene(control_plane, tmp_path / "shop", namespace)


@pytest.fixture
def proxied(scene: Scene) -> Iterator[Callable[[Rule], FaultProxy]]:
    """``proxied(rule)``: the scene's commands reach the cluster through a proxy with that rule from now on."""
    with ExitStack() as stack:

        def start(rule: Rule) -> FaultProxy:
            proxy = stack.enter_context(FaultProxy(scene.plane.apiserver, rule))
            scene.kubeconfig = scene.plane.write_kubeconfig(f"proxy-{proxy.port}", proxy.access(ADMIN))
            return proxy

        yield start
