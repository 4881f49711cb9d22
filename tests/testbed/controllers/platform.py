"""KServe, Kubeflow Trainer and JobSet as their projects publish them, at work on a real control plane.

with ControlPlane(programs, data) as plane, Platform(plane, build.programs(os.environ), kustomize) as platform:
    ...

The scheduler and the controllers of Deployments and Jobs run as well. Nodes and pods are kwok's; others.py reports what
whoever takes routes and brings secrets would. To serve a request it lacks a kubelet, a network and a gateway.
"""

from __future__ import annotations

import contextlib
import json
import socket
import subprocess
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Self

import urllib3
import yaml

from tests.testbed import crds
from tests.testbed.api import Object
from tests.testbed.certificates import Authority
from tests.testbed.control_plane import CONTROLLER_USER, ControlPlane
from tests.testbed.controllers import nodes, others
from tests.testbed.controllers.build import Built
from tests.testbed.controllers.webhooks import HOST, registered, write_certificate
from tests.testbed.errors import TestbedError
from tests.testbed.process import Process, free_port
from tests.testbed.waiting import wait_until

CRDS = tuple("trainer-2.1" if name.startswith("trainer") else name for name in crds.newest())
"""The custom resources of every component that is rendered for, of the controllers' own versions."""
CONTROLLERS = (
    "deployment-controller", "replicaset-controller", "job-controller", "namespace-controller",
    "garbage-collector-controller",
)  # fmt: skip
KSERVE_NAMESPACE = "kserve"
LANGUAGE_MODEL_CRDS = (
    "config/llmisvc/gateway-inference-extension.yaml",
    "test/crds/leaderworkerset.x-k8s.io_leaderworkersets.yaml",
)
"""What KServe looks for whenever it reconciles a language model, also for one without a scheduler on a single node."""
GATEWAY = "kserve-ingress-gateway"
"""The Gateway that KServe's routes lead through, unless a model names another."""
READY_SECONDS = 120.0
RENDER_SECONDS = 60.0


class Platform:
    """Running while the ``with`` block does."""

    def __init__(self, plane: ControlPlane, built: Mapping[str, Built], kustomize: str) -> None:
        self.plane = plane
        self._built = built
        self._kustomize = kustomize
        self._stack = contextlib.ExitStack()
        self._authority = Authority("testbed-webhooks")
        self.processes: dict[str, Process] = {}

    def __enter__(self) -> Self:
        try:
            self._start()
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def _start(self) -> None:
        self.plane.start_controllers(*CONTROLLERS)
        self.plane.start_scheduler()
        self._start_kwok()
        self._install_kserve()
        with ThreadPoolExecutor() as pool:
            starts: tuple[Callable[[], None], ...] = (
                self._start_jobset, self._start_trainer, self._start_kserve, self._start_llmisvc,
            )  # fmt: skip
            for started in [pool.submit(start) for start in starts]:
                started.result()
        self._put(self._render("kserve", "config/runtimes"))
        self._put(self._render("kserve", "config/storagecontainers"))
        self._put(self._render("llmisvc", "config/llmisvcconfig"))
        self._put(self._render("trainer", "manifests/base/runtimes"))

    # kwok

    def _start_kwok(self) -> None:
        directory = self._directory("kwok")
        stages = nodes.write_stages(self._built["kwok"].files, directory / "stages.yaml")
        port = free_port()
        self._run("kwok", "--manage-all-nodes=true", f"--config={stages}", f"--server-address={HOST}:{port}")

    # JobSet and Trainer

    def _start_jobset(self) -> None:
        webhook, health = free_port(), free_port()
        settings = {
            "apiVersion": "config.jobset.x-k8s.io/v1alpha1",
            "webhook": {"port": webhook, "host": HOST},
            "health": {"healthProbeBindAddress": f"{HOST}:{health}"},
            "metrics": {"bindAddress": "0"},
            "internalCertManagement": {"enable": False},
            "leaderElection": {"leaderElect": False},
        }
        self._run("jobset", f"--config={self._configured('jobset', settings)}")
        self._ready("jobset", health, webhook)
        self._put(registered(self._render("jobset", "config/components/webhook"), self._authority, webhook))

    def _start_trainer(self) -> None:
        webhook, health = free_port(), free_port()
        settings = {
            "apiVersion": "config.trainer.kubeflow.org/v1alpha1",
            "webhook": {"port": webhook, "host": HOST},
            "health": {"healthProbeBindAddress": f"{HOST}:{health}"},
            "metrics": {"bindAddress": "0"},
            "certManagement": {"enable": False},
            "leaderElection": {"leaderElect": False},
        }
        self._run("trainer", f"--config={self._configured('trainer', settings)}")
        self._ready("trainer", health, webhook)
        self._put(registered(self._render("trainer", "manifests/base/webhook"), self._authority, webhook))

    # KServe

    def _install_kserve(self) -> None:
        """Its namespace and its settings as published, with the Standard mode as the default."""
        self._put([{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": KSERVE_NAMESPACE}}])
        (settings,) = self._render("kserve", "config/configmap")
        data = {**settings["data"], "deploy": json.dumps({"defaultDeploymentMode": "Standard"})}
        self._put([{**settings, "metadata": {**settings["metadata"], "namespace": KSERVE_NAMESPACE}, "data": data}])
        self._put(others.gateways(KSERVE_NAMESPACE, GATEWAY))
        self._stack.enter_context(others.reporting(self.plane.api))

    def _start_kserve(self) -> None:
        webhook, health = free_port(), free_port()
        flags = (f"--webhook-port={webhook}", f"--health-probe-addr={HOST}:{health}", "--metrics-addr=0")
        self._run("kserve", *flags)
        self._ready("kserve", health, webhook)
        self._put(registered(self._render("kserve", "config/webhook"), self._authority, webhook))

    def _start_llmisvc(self) -> None:
        """The other controller of KServe, for LLMInferenceService."""
        for path in LANGUAGE_MODEL_CRDS:
            self.plane.apply_crds(yaml.safe_load_all((self._built["llmisvc"].files / path).read_text()))
        webhook, health = free_port(), free_port()
        flags = (f"--webhook-port={webhook}", f"--health-probe-addr={HOST}:{health}", "--metrics-addr=0")
        self._run("llmisvc", *flags, "--metrics-secure=false")
        self._ready("llmisvc", health, webhook)
        self._put(registered(self._render("llmisvc", "config/webhook/llmisvc"), self._authority, webhook))

    # How it is done

    def _directory(self, name: str) -> Path:
        directory = self.plane.directory / name
        directory.mkdir(exist_ok=True)
        return directory

    def _configured(self, name: str, settings: Mapping[str, object]) -> Path:
        path = self._directory(name) / "settings.yaml"
        path.write_text(json.dumps({**settings, "kind": "Configuration"}))
        return path

    def _run(self, name: str, *flags: str) -> None:
        """Starts a controller as whoever may do anything, its webhooks' certificate where it looks for one."""
        directory = self._directory(name)
        write_certificate(self._authority, directory)
        access = self.plane.apiserver.access(CONTROLLER_USER)
        kubeconfig = self.plane.write_kubeconfig(name, access)
        variables = {"KUBECONFIG": str(kubeconfig), "TMPDIR": str(directory), "POD_NAMESPACE": KSERVE_NAMESPACE}
        command: list[str | Path] = [self._built[name].program, f"--kubeconfig={kubeconfig}", *flags]
        process = self.processes[name] = Process(command, directory, variables)
        self._stack.callback(process.kill)
        process.start()

    def _ready(self, name: str, health: int, webhook: int) -> None:
        """Waits until a controller says that it is ready, and its webhooks answer, which some do not wait for."""

        def ready() -> bool:
            self.processes[name].require_running()
            try:
                answer = urllib3.request("GET", f"http://{HOST}:{health}/readyz", retries=False)
                socket.create_connection((HOST, webhook), timeout=1).close()
            except (urllib3.exceptions.HTTPError, OSError):
                return False
            return answer.status == 200

        wait_until(ready, f"{name} to be ready", READY_SECONDS)

    def _render(self, name: str, folder: str) -> list[Object]:
        """What a project's own kustomization in one of its kept folders makes."""
        path = self._built[name].files / folder
        done = subprocess.run(
            [self._kustomize, "build", str(path)], capture_output=True, text=True, check=False, timeout=RENDER_SECONDS
        )
        if done.returncode:
            raise TestbedError(f"kustomize could not build {path}: {done.stderr}")
        return [document for document in yaml.safe_load_all(done.stdout) if document]

    def _put(self, manifests: Iterable[Object]) -> None:
        for manifest in manifests:
            self.plane.api.apply(manifest)
