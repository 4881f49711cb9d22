"""The controller's namespace, what may reach it, and what it may reach. Pure.

A NetworkPolicy knows addresses and not names. Where it is not told which networks the Git host and the API servers are
in, it can only keep to their ports, and away from the addresses at which a cloud hands out a node's credentials.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mlgitops.manifest import Manifest
from mlgitops.render.install.installation import EVERY_POD, Installation, made

COMPONENT = "network"
PORT = 8080
"""Where the controller answers: metrics, probes, status, and webhooks if there are any."""
API_PORTS = (443, 6443)
_ANYWHERE = [
    {"ipBlock": {"cidr": "0.0.0.0/0", "except": ["169.254.0.0/16"]}},
    {"ipBlock": {"cidr": "::/0", "except": ["fd00:ec2::254/128", "fe80::/10"]}},
]
_NODE_CACHE = "169.254.20.10/32"
"""Where NodeLocal DNSCache listens, by its documentation."""
_STANDARDS = "pod-security.kubernetes.io"


def namespace(installation: Installation) -> Manifest:
    """The namespace, in which only pods of the Pod Security Standards' restricted profile may run."""
    manifest = made(installation, "v1", "Namespace", COMPONENT, installation.namespace, "")
    for level in ("enforce", "audit", "warn"):
        manifest["metadata"]["labels"][f"{_STANDARDS}/{level}"] = "restricted"
    return manifest


def policy(installation: Installation) -> Manifest:
    """Denies everything but: from pods of the cluster the one port, and out to DNS, API servers and the Git host."""
    spec: dict[str, Any] = {
        "podSelector": {"matchLabels": EVERY_POD},
        "policyTypes": ["Ingress", "Egress"],
        "ingress": [{"from": [{"namespaceSelector": {}}], "ports": [_tcp(PORT)]}],
        "egress": [
            _dns(),
            {"to": _networks(installation.api_networks), "ports": [_tcp(port) for port in API_PORTS]},
            {"to": _networks(installation.git_networks), "ports": [_tcp(git_port(installation.url))]},
        ],
    }
    return made(installation, "networking.k8s.io/v1", "NetworkPolicy", COMPONENT, spec=spec)


def git_port(url: str) -> int:
    """The port of a repository's URL: its own, or that of its scheme."""
    scheme, _, rest = url.partition("://")
    host = rest.partition("/")[0].rpartition("@")[2]
    port = host.partition(":")[2]
    return int(port) if port else {"ssh": 22}.get(scheme, 443)


def _dns() -> dict[str, Any]:
    cluster_dns = {
        "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "kube-system"}},
        "podSelector": {"matchLabels": {"k8s-app": "kube-dns"}},
    }
    to = [cluster_dns, {"ipBlock": {"cidr": _NODE_CACHE}}]
    return {"to": to, "ports": [{"protocol": "UDP", "port": 53}, _tcp(53)]}


def _networks(networks: Sequence[str]) -> list[dict[str, Any]]:
    return [{"ipBlock": {"cidr": network}} for network in networks] or _ANYWHERE


def _tcp(port: int) -> dict[str, Any]:
    return {"protocol": "TCP", "port": port}
