"""A project, a cluster, and a proxy between them that loses what a test wants lost."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.conftest import home_variables
from tests.testbed.control_plane import ControlPlane
from tests.testbed.proxy import FaultProxy, Rule
from tests.testbed.scene import Scene
from tests.testbed.together import Begun


@pytest.fixture
def scenes(control_plane: ControlPlane, namespace: str, tmp_path: Path) -> Callable[[int], list[Scene]]:
    """``scenes(number)``: empty projects, the one target of each being a namespace of its own."""

    def made(number: int) -> list[Scene]:
        namespaces = [namespace, *(control_plane.new_namespace() for _ in range(number - 1))]
        return [Scene(control_plane, tmp_path / f"shop-{one}", one) for one in namespaces]

    return made


@pytest.fixture
def scene(scenes: Callable[[int], list[Scene]]) -> Scene:
    """An empty project whose one target is the test's namespace."""
    return scenes(1)[0]


@pytest.fixture
def proxied(scene: Scene) -> Iterator[Callable[[Rule], FaultProxy]]:
    """``proxied(rule)``: the scene's commands reach the cluster through a proxy with that rule from now on."""
    with ExitStack() as stack:

        def start(rule: Rule) -> FaultProxy:
            proxy = stack.enter_context(FaultProxy(scene.plane.apiserver, rule))
            scene.kubeconfig = scene.through(proxy)
            return proxy

        yield start


@pytest.fixture(scope="module")
def begun(
    request: pytest.FixtureRequest,
    control_plane: ControlPlane,
    kustomize_binary: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Begun]:
    """How the module's ``together`` tests ended, those of them that are selected."""
    selected = {item.name for item in request.session.items if request.path == item.path}
    tests = {name: test for name, test in request.module.together.tests.items() if name in selected}
    root = tmp_path_factory.mktemp("together")
    environment = {**os.environ, **home_variables(root, kustomize_binary)}
    before = control_plane.checkpoint()
    with ThreadPoolExecutor(len(tests)) as pool:
        ended = {
            name: pool.submit(test, Scene(control_plane, root / name, control_plane.new_namespace(), environment))
            for name, test in tests.items()
        }
        wait(ended.values())
    yield ended
    control_plane.reset(before)
