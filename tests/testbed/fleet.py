"""The small project with several targets, of files or of a cluster, one of which can be out of reach."""

from __future__ import annotations

import socket
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

from tests.conftest import PROJECT_FILES
from tests.testbed import credentials
from tests.testbed.audit import Recording
from tests.testbed.control_plane import ADMIN
from tests.testbed.proxy import FaultProxy
from tests.testbed.scene import Scene

TARGETS = ("here", "there", "yonder")


def files(targets: Iterable[str] = TARGETS) -> dict[str, str]:
    """What to write over the small project, so that its environment has these targets of files."""
    names = list(targets)
    target = PROJECT_FILES["targets/here.yaml"]
    environment = PROJECT_FILES["environments/dev/environment.yaml"]
    return {
        **{f"targets/{name}.yaml": target.replace("here", name) for name in names},
        "environments/dev/environment.yaml": environment.replace("[here]", f"[{', '.join(names)}]"),
    }


def damage(root: Path, target: str) -> Path:
    """Damages the inventory of a target of files, so that the target cannot be read; the inventory's file."""
    folder = root / f"clusters/{target}/.mlgitops/shop.dev.{target}"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "inventory").write_text("{}")
    return folder / "inventory"


class Fleet:
    """A scene whose environment has many targets, each a namespace behind a proxy, and so an address, of its own.

    with Fleet.of(scene, 10) as fleet, blackhole() as port:
        scene.models("iris")
        scene.commit()
        fleet.reach(**{fleet.names[-1]: port})
        scene.apply()
    """

    def __init__(self, scene: Scene, proxies: dict[str, FaultProxy]) -> None:
        self.scene = scene
        self.proxies = proxies
        self.names = tuple(proxies)
        self.namespaces = {name: scene.plane.new_namespace() for name in proxies}
        scene.write({"targets/here.yaml": None, **files(proxies), **dict(map(self._target, proxies))})
        self.reach()

    @classmethod
    @contextmanager
    def of(cls, scene: Scene, number: int) -> Iterator[Fleet]:
        """The targets ``target-0``, ``target-1`` and so on."""
        with ExitStack() as stack:
            names = [f"target-{each}" for each in range(number)]
            yield cls(scene, {name: stack.enter_context(FaultProxy(scene.plane.apiserver)) for name in names})

    def reach(self, **ports: int) -> None:
        """From now on every target is reached through its proxy, or at the port that is given for it."""
        accesses = {name: proxy.access(ADMIN) for name, proxy in self.proxies.items()}
        moved = {name: replace(accesses[name], server=f"https://127.0.0.1:{port}") for name, port in ports.items()}
        path = self.scene.plane.directory / f"fleet-{self.scene.namespace}.kubeconfig"
        self.scene.kubeconfig = credentials.write_kubeconfig(path, accesses | moved)

    def models(self) -> dict[str, set[str]]:
        """The models at each target."""
        path = "/apis/serving.kserve.io/v1beta1/namespaces/{}/inferenceservices"
        return {
            name: {one["metadata"]["name"] for one in self.scene.plane.api.get(path.format(namespace))["items"]}
            for name, namespace in self.namespaces.items()
        }

    def writes(self, recorded: Recording) -> Counter[str]:
        """How many requests were meant to change something, by target."""
        names = {namespace: name for name, namespace in self.namespaces.items()}
        return Counter(names[event.namespace] for event in recorded.mutating() if event.namespace in names)

    def _target(self, name: str) -> tuple[str, str]:
        """The target's file and what is in it."""
        directory = f"directory:\n      path: clusters/{name}"
        cluster = f"kubernetes: {{context: {name}}}\n  namespace: {self.namespaces[name]}"
        path = f"targets/{name}.yaml"
        return path, files([name])[path].replace(directory, cluster)


@contextmanager
def blackhole() -> Iterator[int]:
    """The port of a server that takes connections and never says a word, not even to agree on TLS."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        yield listener.getsockname()[1]
