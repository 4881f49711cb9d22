"""A kubelet without containers: answers the API server's requests for logs, so that only the containers are made up.

with Kubelet(plane) as kubelet:
    pod = kubelet.pod(namespace, "one", {"app": "x"})
    kubelet.say(pod, "main", "hello")
    plane.api.request("GET", f"{plane.api.path(pod)}/log")

It lets nobody in but whoever has the API server's certificate, and honours the options of ``PodLogOptions`` as the
kubelet does (``pkg/kubelet/kuberuntime/logs/logs.go``): the time, the tail, then the bytes.
"""

from __future__ import annotations

import ssl
import threading
from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple, Self
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

from tests.testbed.control_plane import ControlPlane
from tests.testbed.credentials import write_secret

SECONDS = 120.0
"""The longest that a container which does not answer is waited for."""
FIRST = datetime(2026, 1, 1, tzinfo=UTC)
"""When the first line was said; each further one is a second later."""


class Instance(NamedTuple):
    """One run of a container; ``previous`` is the one before its last restart."""

    namespace: str
    pod: str
    container: str
    previous: bool = False


class Kubelet:
    """One node of a control plane, for as long as the ``with`` block lasts."""

    def __init__(self, plane: ControlPlane) -> None:
        self.name = f"node-{uuid4().hex[:8]}"
        self.asked: list[Mapping[str, str]] = []
        """The options of each request for logs, and its path as ``path``."""
        self.deaf_to_limits = False
        """Whether it gives everything, however little is asked for."""
        self._plane = plane
        self._lines: dict[Instance, list[tuple[datetime, bytes]]] = defaultdict(list)
        self._silent: set[Instance] = set()
        self._over = threading.Event()
        self._said = 0
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._server.socket = _tls(plane).wrap_socket(self._server.socket, server_side=True)

    @property
    def port(self) -> int:
        """Where it listens, on the loopback."""
        return self._server.server_port

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        self._plane.api.create({"apiVersion": "v1", "kind": "Node", "metadata": {"name": self.name}})
        self.answer_for(self.name)
        return self

    def __exit__(self, *error: object) -> None:
        self._over.set()
        self._server.shutdown()
        self._server.server_close()

    def answer_for(self, node: str) -> None:
        """From now on it is asked for the logs of the pods on that node, whoever carries it."""
        reached = {
            "addresses": [{"type": "InternalIP", "address": "127.0.0.1"}],
            "daemonEndpoints": {"kubeletEndpoint": {"Port": self.port}},
        }
        self._plane.api.set_status({"apiVersion": "v1", "kind": "Node", "metadata": {"name": node}}, reached)

    def pod(self, namespace: str, name: str, labels: Mapping[str, str], *containers: str) -> dict[str, Any]:
        """A pod that runs here, made at the API, with containers that have said nothing yet."""
        images = [{"name": one, "image": "registry.example.com/any:1"} for one in containers or ("main",)]
        metadata = {"name": name, "namespace": namespace, "labels": dict(labels)}
        spec = {"nodeName": self.name, "containers": images}
        made = {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}
        self._plane.api.create(made)
        self.report(made, **{one["name"]: {"state": {"running": {}}} for one in images})
        return made

    def report(self, pod: Mapping[str, Any], **statuses: Mapping[str, Any]) -> None:
        """Reports how a pod's containers stand, each in the words of ``ContainerStatus``."""
        common = {"image": "registry.example.com/any:1", "imageID": "", "ready": True, "restartCount": 0}
        found = [{"name": name, **common, **status} for name, status in statuses.items()]
        self._plane.api.set_status(pod, {"phase": "Running", "containerStatuses": found})

    def say(
        self, pod: Mapping[str, Any], container: str, *lines: str | bytes, previous: bool = False, at: str = ""
    ) -> None:
        """A container says these lines, a second after each other; or all ``at`` a time (RFC 3339)."""
        for line in lines:
            self._said += 1
            moment = datetime.fromisoformat(at) if at else FIRST + timedelta(seconds=self._said)
            content = line if isinstance(line, bytes) else line.encode()
            self._lines[_instance(pod, container, previous)].append((moment, content))

    def forget(self, pod: Mapping[str, Any], container: str) -> None:
        """What a container said since its start is gone, as when it starts anew."""
        self._lines.pop(_instance(pod, container, False), None)

    def hush(self, pod: Mapping[str, Any], container: str) -> None:
        """From now on no answer comes about this container."""
        self._silent.add(_instance(pod, container, False))

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        """Answers ``GET /containerLogs/NAMESPACE/POD/CONTAINER``."""
        parts = urlsplit(handler.path)
        query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        self.asked.append({**query, "path": parts.path})
        _, _, namespace, pod, container = parts.path.split("/")
        instance = Instance(namespace, pod, container, query.get("previous") == "true")
        if instance in self._silent:
            self._over.wait(SECONDS)
            return
        body = _body(self._lines[instance], {} if self.deaf_to_limits else query, query.get("timestamps") == "true")
        handler.send_response(200)
        handler.send_header("Content-Type", "text/plain")
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)


def _instance(pod: Mapping[str, Any], container: str, previous: bool) -> Instance:
    return Instance(pod["metadata"]["namespace"], pod["metadata"]["name"], container, previous)


def _body(lines: list[tuple[datetime, bytes]], query: Mapping[str, str], stamped: bool) -> bytes:
    since = datetime.fromisoformat(query["sinceTime"]) if "sinceTime" in query else None
    kept = [(at, line) for at, line in lines if since is None or at >= since]
    kept = kept[max(0, len(kept) - int(query["tailLines"])) :] if "tailLines" in query else kept
    body = b"".join((f"{_stamp(at)} ".encode() if stamped else b"") + line + b"\n" for at, line in kept)
    return body[: int(query["limitBytes"])] if "limitBytes" in query else body


def _stamp(at: datetime) -> str:
    """With nine digits, as the kubelet writes it."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}000Z"


def _handler(kubelet: Kubelet) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            kubelet.answer(self)

        def log_message(self, format: str, *args: Any) -> None:
            """Says nothing."""

    return Handler


def _tls(plane: ControlPlane) -> ssl.SSLContext:
    """Of the authority that the API server trusts with kubelets, and asking for a certificate of it."""
    issued = plane.apiserver.clients.issue("system:node:testbed", hosts=["127.0.0.1"])
    certificate, key = plane.directory / "kubelet.crt", plane.directory / "kubelet.key"
    certificate.write_text(issued.certificate)
    write_secret(key, issued.key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    context.load_verify_locations(cadata=plane.apiserver.clients.certificate)
    context.verify_mode = ssl.CERT_REQUIRED
    return context
