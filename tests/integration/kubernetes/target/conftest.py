"""One inventory in a fresh namespace of the shared control plane, and what tests do to it."""

from __future__ import annotations

import base64
import copy
import json
import re
import shutil
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from mlgitops.cli.main import exit_code
from mlgitops.manifest import Manifest, identity
from mlgitops.plan.change import Change, Plan
from mlgitops.plan.compare import plan_target
from mlgitops.plan.guards import Consent
from mlgitops.plan.ignore import IgnoreRule, without_ignored
from mlgitops.plan.outcome import Outcome
from mlgitops.sources import FOLDERS, PROJECT_FILE
from mlgitops.targets.kubernetes.connection import KubernetesConnection, open_kubernetes
from mlgitops.workflows.apply import apply
from tests.testbed.control_plane import ControlPlane
from tests.testbed.waiting import wait_until

ROOT = Path(__file__).resolve().parents[4]
ID = "shop/dev/aws"
TIME = "2026-01-01T00:00:00Z"


class Target:
    """One inventory; each operation opens the cluster anew, as another process would."""

    def __init__(self, plane: ControlPlane, namespace: str, kubeconfig: Path, inventory_id: str = ID) -> None:
        self.plane = plane
        self.namespace = namespace
        self.kubeconfig = kubeconfig
        self.inventory_id = inventory_id

    def connect(self, **settings: Any) -> KubernetesConnection:
        given = {"namespace": self.namespace, "kubeconfig": str(self.kubeconfig), **settings}
        return open_kubernetes(given, Path("/nowhere"), self.inventory_id)

    def make(self, name: str, kind: str = "ConfigMap", api: str = "v1", owner: str = "iris", **body: Any) -> Manifest:
        """A manifest that is ours, of a model."""
        project, environment, target = self.inventory_id.split("/")
        labels = {
            "mlgitops.dev/project": project,
            "mlgitops.dev/environment": environment,
            "mlgitops.dev/target": target,
            "mlgitops.dev/model": owner,
        }
        metadata = {"name": name, "namespace": self.namespace, "labels": labels}
        return {"apiVersion": api, "kind": kind, "metadata": metadata, **body}

    def service(self, name: str = "iris", **predictor: Any) -> Manifest:
        """An InferenceService."""
        model = {"modelFormat": {"name": "sklearn"}, "resources": {"requests": {"cpu": "1000m"}, "limits": {"cpu": 1}}}
        spec = {"predictor": {"model": model, "minReplicas": 1, **predictor}}
        return self.make(name, "InferenceService", "serving.kserve.io/v1beta1", spec=spec)

    def deployment(self, name: str = "web", app: str = "web", replicas: int = 2) -> Manifest:
        """A Deployment."""
        container = {"name": "main", "image": "registry.example.com/web:1", "ports": [{"containerPort": 80}]}
        template = {"metadata": {"labels": {"app": app}}, "spec": {"containers": [container]}}
        spec = {"replicas": replicas, "selector": {"matchLabels": {"app": app}}, "template": template}
        return self.make(name, "Deployment", "apps/v1", owner=name, spec=spec)

    def plan(
        self, *desired: Manifest, ignore: tuple[IgnoreRule, ...] = (), commit: str = "c1", rehearse: bool = True
    ) -> Plan:
        connection = self.connect()
        live = connection.live([identity(one) for one in desired])
        inventory = connection.inventory()
        wanted = without_ignored(desired, live, ignore)
        target = plan_target(
            "aws", {"kubernetes": {}}, wanted, live, inventory, lambda ones: connection.preview(ones, live),
            rehearse=rehearse,
        )  # fmt: skip
        return Plan("shop", "dev", commit, "sha256:r", (target,), version="0.1.0")

    def carry_out(self, plan: Plan, **consent: Any) -> Outcome:
        return apply(plan, {"aws": self.connect()}, lambda: TIME, lambda change: None, Consent(**consent))

    def apply(self, *desired: Manifest, **consent: Any) -> Outcome:
        return self.carry_out(self.plan(*desired), **consent)

    def edit(self, manifest: Manifest, manager: str, **fields: Any) -> None:
        """Changes an object as another field manager does."""
        path = f"{self.plane.api.path(manifest)}?fieldManager={manager}"
        self.plane.api.request("PATCH", path, fields, content_type="application/merge-patch+json")

    def read(self, manifest: Manifest) -> Manifest:
        found: Manifest = self.plane.api.read(manifest)
        return found

    @property
    def inventory_path(self) -> str:
        connection = self.connect()
        return f"/api/v1/namespaces/{self.namespace}/configmaps/{connection._name}"


@pytest.fixture
def target(control_plane: ControlPlane, namespace: str) -> Target:
    return Target(control_plane, namespace, control_plane.kubeconfig)


@pytest.fixture
def other_target(control_plane: ControlPlane, namespace: str) -> Target:
    """Another inventory in the same namespace."""
    return Target(control_plane, namespace, control_plane.kubeconfig, "shop/prod/aws")


@pytest.fixture
def limited(control_plane: ControlPlane, namespace: str) -> Callable[..., Target]:
    """``limited(rule, ...)``: the same inventory as an account of the namespace that may do just that sees it."""

    def account(*rules: Mapping[str, Any]) -> Target:
        kubeconfig = control_plane.add_account(f"limited-{len(rules)}", list(rules), namespace)
        return Target(control_plane, namespace, kubeconfig)

    return account


@pytest.fixture
def only() -> Callable[[Plan], Change]:
    """The one change of a plan that does something."""

    def change(plan: Plan) -> Change:
        (found,) = plan.targets[0].pending
        return found

    return change


@pytest.fixture
def results() -> Callable[[Outcome], dict[str, str]]:
    """``{"Kind/name": "done"}`` of an outcome."""
    return lambda outcome: {f"{o.identity.kind}/{o.identity.name}": o.result for o in outcome.targets[0].objects}


@pytest.fixture
def changed() -> Callable[..., Manifest]:
    """``changed(manifest, "spec", "replicas", 3)``: a copy with another value at a path."""

    def copied(manifest: Manifest, *path: Any) -> Manifest:
        made = copy.deepcopy(manifest)
        *parents, last, value = path
        place: Any = made
        for part in parents:
            place = place[part]
        place[last] = value
        return made

    return copied


@pytest.fixture
def webhook(control_plane: ControlPlane, namespace: str) -> Iterator[Callable[..., None]]:
    """``webhook(plural, group, patch, asked)``: a real admission webhook that patches what is written in the namespace.

    It serves with the API server's own certificate, which is good for this address. The API server knows of it when
    this returns: a rehearsed write of ``asked`` has met it.
    """
    servers: list[ThreadingHTTPServer] = []

    def started(plural: str, group: str, patch: list[dict[str, Any]], asked: Manifest) -> None:
        met = threading.Event()
        server = ThreadingHTTPServer(("127.0.0.1", 0), _patching(patch, met))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(control_plane.apiserver.certificate, control_plane.apiserver.key)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        servers.append(server)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        control_plane.api.create(_registration(control_plane, namespace, plural, group, server.server_port))
        path = f"{control_plane.api.collection(asked)}?dryRun=All"
        probe = {**asked, "metadata": {**asked["metadata"], "name": "asks-the-webhook"}}

        def is_met() -> bool:
            control_plane.api.request("POST", path, probe)
            return met.is_set()

        wait_until(is_met, "the webhook to be asked", 60)

    yield started
    for server in servers:
        server.shutdown()
        server.server_close()


def _patching(patch: list[dict[str, Any]], met: threading.Event) -> type[BaseHTTPRequestHandler]:
    encoded = base64.b64encode(json.dumps(patch).encode()).decode()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            review = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            answer = {"uid": review["request"]["uid"], "allowed": True, "patchType": "JSONPatch", "patch": encoded}
            body = json.dumps({**review, "response": answer}).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
            met.set()

        def log_message(self, *_: Any) -> None:
            """Says nothing."""

    return Handler


def _registration(plane: ControlPlane, namespace: str, plural: str, group: str, port: int) -> Manifest:
    authority = base64.b64encode(plane.apiserver.certificate.read_bytes()).decode()
    operations = {"operations": ["CREATE", "UPDATE"], "apiGroups": [group], "apiVersions": ["*"], "resources": [plural]}
    hook = {
        "name": "patch.example.com",
        "clientConfig": {"url": f"https://127.0.0.1:{port}/", "caBundle": authority},
        "rules": [operations],
        "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace}},
        "sideEffects": "None",
        "admissionReviewVersions": ["v1"],
    }
    return {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "MutatingWebhookConfiguration",
        "metadata": {"name": namespace},
        "webhooks": [hook],
    }


@pytest.fixture
def origin() -> Path:
    """Where the project is that the tests are about."""
    return ROOT


@pytest.fixture
def project(origin: Path, tmp_path: Path) -> Path:
    """A clone whose targets are all the cluster of the kubeconfig."""
    root = tmp_path / "project"
    for name in (*FOLDERS, PROJECT_FILE):
        source = origin / name
        if source.is_dir():
            shutil.copytree(source, root / name)
        elif source.exists():
            root.mkdir(exist_ok=True)
            shutil.copy(source, root / name)
    for path in (root / "targets").glob("*.yaml"):
        text = re.sub(r"connection:\n(    .*\n)+", "connection:\n    kubernetes: {}\n", path.read_text())
        path.write_text(text)
    for command in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "All"]):
        subprocess.run(["git", *command], cwd=root, check=True, capture_output=True)
    return root


@pytest.fixture
def cluster(control_plane: ControlPlane, monkeypatch: pytest.MonkeyPatch) -> Iterator[ControlPlane]:
    """The shared control plane as the current context; whatever is made in it goes again."""
    monkeypatch.setenv("KUBECONFIG", str(control_plane.kubeconfig))
    before = control_plane.checkpoint()
    yield control_plane
    control_plane.reset(before)


@pytest.fixture
def run(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., tuple[int, str, str]]:
    """``run("plan", "--env", "dev")``: exit code, stdout and stderr."""
    monkeypatch.chdir(project)
    monkeypatch.setenv("MLGITOPS_DEBUG", "1")

    def ran(*arguments: str) -> tuple[int, str, str]:
        capsys.readouterr()
        return exit_code(list(arguments)), *capsys.readouterr()

    return ran
