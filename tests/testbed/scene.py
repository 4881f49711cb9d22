"""A small project in Git that goes to a test's own namespace of a cluster, the real command, and what it left there.

The measure of a faulted run is Sieve's (OSDI '22): once it was run again, the state is the reference run's, and so is
how often each object was created and deleted.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

from mlgitops.targets.kubernetes.applyset import name_of
from tests.conftest import PROJECT_FILES
from tests.testbed.audit import Recording
from tests.testbed.command import Command, Ran
from tests.testbed.control_plane import ADMIN, ControlPlane
from tests.testbed.proxy import FaultProxy

INVENTORY = "shop/dev/here"
SOURCES = Path(__file__).parents[2]
COLLECTIONS = (
    "/api/v1/namespaces/{}/configmaps",
    "/api/v1/namespaces/{}/serviceaccounts",
    "/apis/rbac.authorization.k8s.io/v1/namespaces/{}/roles",
    "/apis/serving.kserve.io/v1beta1/namespaces/{}/inferenceservices",
)
"""Where the objects of a scene are; the inventory is among the ConfigMaps."""
_OWN_METADATA = ("uid", "resourceVersion", "creationTimestamp", "generation", "managedFields")
_OWN_ANNOTATIONS = ("audit-head", "checksum", "applied-at")
_UNCOUNTED = {"events", "leases"}
"""Events tell of each run, and a lock is taken by each."""

Counts = Counter[tuple[str, str, str]]


class Scene:
    """``write`` the files, ``commit`` them, and ``run`` the command as a process of its own.

    ``environment`` is what that process sees, with a home, a cache and a kustomize; this process's, if not given.
    """

    def __init__(
        self, plane: ControlPlane, root: Path, namespace: str, environment: Mapping[str, str] | None = None
    ) -> None:
        self.plane = plane
        self.root = root
        self.namespace = namespace
        self.environment = dict(os.environ if environment is None else environment)
        self.kubeconfig = plane.kubeconfig
        self.inventory_name = name_of(INVENTORY)
        target = PROJECT_FILES["targets/here.yaml"].replace("directory:\n      path: clusters/here", "kubernetes: {}")
        dev = PROJECT_FILES["environments/dev/environment.yaml"]
        dev = dev.replace("spec:\n", f"spec:\n  namespace: {namespace}\n")
        files = {"targets/here.yaml": target, "environments/dev/environment.yaml": dev}
        self.write({**PROJECT_FILES, **files, "environments/dev/models/iris.yaml": None})
        self._git("init", "--quiet")

    # What is in Git

    def write(self, files: Mapping[str, str | None]) -> None:
        """Writes files below the root; those that are None are removed."""
        for name, content in files.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if content is None:
                path.unlink(missing_ok=True)
            else:
                path.write_text(content)

    def objects(self, *manifests: Mapping[str, Any]) -> None:
        """Makes these the environment's overlay, in the test's namespace unless they name another."""
        listed = {"apiVersion": "v1", "kind": "List", "items": [self._placed(one) for one in manifests]}
        overlay = {
            "apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization", "resources": ["objects.json"],
        }  # fmt: skip
        self.write(
            {
                "environments/dev/kustomization.yaml": json.dumps(overlay) if manifests else None,
                "environments/dev/objects.json": json.dumps(listed) if manifests else None,
            }
        )

    def models(self, *names: str, version: str = "1.0", depends_on: Mapping[str, str] | None = None) -> None:
        """Makes these the environment's models."""
        folder = self.root / "environments/dev/models"
        folder.mkdir(parents=True, exist_ok=True)
        for path in folder.iterdir():
            path.unlink()
        example = PROJECT_FILES["environments/dev/models/iris.yaml"].replace('"1.0"', f'"{version}"')
        for name in names:
            content = example.replace("name: iris", f"name: {name}").replace("iris/1.0", f"{name}/{version}")
            if depends_on and name in depends_on:
                content += f"  dependsOn: [{depends_on[name]}]\n"
            (folder / f"{name}.yaml").write_text(content)

    def commit(self) -> str:
        """Commits everything; the commit's id."""
        self._git("add", "--all")
        self._git("commit", "--quiet", "--allow-empty", "-m", "A change")
        return self._git("rev-parse", "HEAD")

    def checkout(self, revision: str) -> None:
        """Makes the files those of another commit."""
        self._git("checkout", "--quiet", revision)

    # Running

    def apply(self, *more: str, kubeconfig: Path | None = None) -> Ran:
        """``mlgitops apply``, without waiting for workloads that nobody runs."""
        return self.run("apply", "--env", "dev", "--yes", "--no-wait", *more, kubeconfig=kubeconfig)

    def applied(self, *more: str) -> Ran:
        """The same, which succeeds."""
        ran = self.apply(*more)
        assert ran.code == 0, ran.said
        return ran

    def run(self, *arguments: str, kubeconfig: Path | None = None) -> Ran:
        """The command with these arguments, once it ended."""
        return self.start(*arguments, kubeconfig=kubeconfig).ended()

    def start(self, *arguments: str, kubeconfig: Path | None = None) -> Command:
        """The command, running."""
        said = self.root.with_name(f"{self.root.name}-said") / uuid4().hex
        said.mkdir(parents=True)
        return Command(arguments, self.root, self.variables(kubeconfig), said)

    def through(self, proxy: FaultProxy) -> Path:
        """The kubeconfig of whoever reaches the cluster through that proxy."""
        return self.plane.write_kubeconfig(f"proxy-{proxy.port}", proxy.access(ADMIN))

    def variables(self, kubeconfig: Path | None = None) -> dict[str, str]:
        """The command's environment."""
        passed = ("MLGITOPS_KUSTOMIZE",)
        kept = {name: value for name, value in self.environment.items() if not name.startswith("MLGITOPS_")}
        kept |= {name: self.environment[name] for name in passed if name in self.environment}
        kept |= {"KUBECONFIG": str(kubeconfig or self.kubeconfig), "COLUMNS": "200"}
        return kept | {"PYTHONPATH": str(SOURCES), "MLGITOPS_DEBUG": "1"}

    # What it left

    @contextmanager
    def recording(self) -> Iterator[Recording]:
        """The requests of a stretch of time that were about the scene's namespace or about something without one."""
        mine = Recording()
        with self.plane.audit.recording() as recorded:
            yield mine
        mine.events.extend(event for event in recorded.events if event.namespace in ("", self.namespace))

    def state(self) -> dict[str, Any]:
        """Every object of the namespace and the inventory, without what differs from one run to the next."""
        found = {
            f"{path.rpartition('/')[2]}/{one['metadata']['name']}": one
            for path in COLLECTIONS
            for one in self._listed(path)
        }
        return {name: _lasting(one) for name, one in found.items() if "kube-root-ca" not in name}

    def names(self) -> set[str]:
        """The objects that are there, such as ``configmaps/one``, without the inventory."""
        return set(self.state()) - {f"configmaps/{self.inventory_name}"}

    def members(self) -> set[str]:
        """The names of those in the inventory."""
        return {row[3] for row in json.loads(self.inventory()["data"]["entries"])}

    def unknown(self) -> set[str]:
        """The uids of objects that are there and that the inventory does not have, or the other way round."""
        entries = json.loads(self.inventory()["data"]["entries"])
        there = (one["metadata"] for path in COLLECTIONS for one in self._listed(path))
        others = {self.inventory_name, "kube-root-ca.crt"}
        return {row[6] for row in entries} ^ {one["uid"] for one in there if one["name"] not in others}

    def inventory(self) -> dict[str, Any]:
        """The inventory's ConfigMap."""
        found: dict[str, Any] = self.plane.api.get(
            f"/api/v1/namespaces/{self.namespace}/configmaps/{self.inventory_name}"
        )
        return found

    @contextmanager
    def put_back(self) -> Iterator[None]:
        """What the block does to the namespace is undone after it, and nobody holds the lock."""
        before = self.plane.etcd.held(self.namespace)
        yield
        self.plane.etcd.put_back(self.namespace, before)
        self.unlock()

    def unlock(self) -> None:
        """Does at once what time does: the lock of a run that was killed runs out."""
        path = f"/apis/coordination.k8s.io/v1/namespaces/{self.namespace}/leases"
        for lease in self.plane.api.get(path)["items"]:
            self.plane.api.request("DELETE", f"{path}/{lease['metadata']['name']}")

    def _placed(self, manifest: Mapping[str, Any]) -> dict[str, Any]:
        if manifest["kind"] in ("Namespace", "CustomResourceDefinition"):
            return dict(manifest)
        return {**manifest, "metadata": {"namespace": self.namespace, **manifest["metadata"]}}

    def _listed(self, path: str) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = self.plane.api.get(path.format(self.namespace))["items"]
        return items

    def _git(self, *arguments: str) -> str:
        done = subprocess.run(
            ["git", *arguments], cwd=self.root, env=self.environment, capture_output=True, text=True, check=True
        )
        return done.stdout.strip()


def created_and_deleted(recording: Recording) -> Counts:
    """How often each object was created and deleted. Server-side apply creates by a patch that answers 201."""
    counts: Counts = Counter()
    for event in recording.mutating():
        verb = "create" if event.status == 201 else event.verb if event.status < 300 else ""
        if verb in ("create", "delete") and event.resource not in _UNCOUNTED:
            counts[verb, event.resource, event.name] += 1
    return counts


def _lasting(found: dict[str, Any]) -> dict[str, Any]:
    """An object without what the API server or the time of a run makes of it.

    Entries of an inventory come without uid and generation.
    """
    metadata = {key: value for key, value in found["metadata"].items() if key not in _OWN_METADATA}
    annotations = metadata.get("annotations") or {}
    metadata["annotations"] = {
        key: value for key, value in annotations.items() if key.removeprefix("mlgitops.dev/") not in _OWN_ANNOTATIONS
    }
    kept = {**{key: value for key, value in found.items() if key != "status"}, "metadata": metadata}
    if "entries" in (found.get("data") or {}):
        kept["data"] = [[*row[:6], *filter(None, row[7:8])] for row in json.loads(found["data"]["entries"])]
    return kept
