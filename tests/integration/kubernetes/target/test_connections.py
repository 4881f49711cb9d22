"""The ways to a cluster that a kubeconfig, a pod or a company's network may ask for, each of them gone."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from mlgitops.errors import TargetError
from mlgitops.targets import Connection, open_connection
from tests.testbed.apiserver import MASTERS
from tests.testbed.certificates import Authority
from tests.testbed.control_plane import ADMIN, ControlPlane
from tests.testbed.tunnel import TunnelProxy

ELSEWHERE = "https://api.example.com:6443"
"""A server that only a proxy knows."""
Write = Callable[..., Path]


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the machine's own network is like."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def reach(target: Any, tmp_path: Path) -> Callable[..., Connection]:
    """``reach(kubeconfig=...)``: a connection of the project in ``tmp_path / "project"``."""

    def opened(**settings: Any) -> Connection:
        given = {"kubernetes": {"namespace": target.namespace, **settings}}
        return open_connection(given, tmp_path / "project", target.inventory_id)

    return opened


@pytest.fixture
def write(target: Any, tmp_path: Path) -> Write:
    """``write(cluster={...}, user={...})``: the administrator's kubeconfig with other fields; None removes one."""

    def written(*, cluster: dict[str, Any] | None = None, user: dict[str, Any] | None = None) -> Path:
        config = json.loads(target.kubeconfig.read_text())
        merged = config["clusters"][0]["cluster"] | (cluster or {})
        config["clusters"][0]["cluster"] = {key: value for key, value in merged.items() if value is not None}
        if user is not None:
            config["users"][0]["user"] = user
        path = tmp_path / "kubeconfig"
        path.write_text(json.dumps(config))
        return path

    return written


@pytest.fixture
def proxy(control_plane: ControlPlane) -> Iterator[TunnelProxy]:
    """A proxy that takes every name for the API server's."""
    with TunnelProxy(("127.0.0.1", control_plane.apiserver.port)) as running:
        yield running


def users(target: Any, connection: Connection) -> set[str]:
    """Who the cluster takes a connection's requests for, once it was used for something."""
    with target.plane.audit.recording() as recorded:
        assert connection.inventory().entries == {}
    return {event.user for event in recorded.events}


# Kubeconfig files


def test_several_kubeconfigs_are_one(
    target: Any, reach: Callable[..., Connection], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a path in one of them, which is relative to that one, and with one that is not there."""
    config = json.loads(target.kubeconfig.read_text())
    authority = config["clusters"][0]["cluster"].pop("certificate-authority-data")
    config["clusters"][0]["cluster"]["certificate-authority"] = "pki/ca.crt"
    (tmp_path / "a/pki").mkdir(parents=True)
    (tmp_path / "a/pki/ca.crt").write_bytes(base64.b64decode(authority))
    chosen = {"contexts": config["contexts"], "current-context": config["current-context"]}
    parts = ({"clusters": config["clusters"]}, {"users": config["users"]}, chosen)
    for name, part in zip("abc", parts, strict=True):
        (tmp_path / name).mkdir(exist_ok=True)
        (tmp_path / name / "config").write_text(json.dumps({"apiVersion": "v1", "kind": "Config", **part}))
    listed = [str(tmp_path / name / "config") for name in ("missing", "a", "b", "c")]
    monkeypatch.setenv("KUBECONFIG", ":".join(listed))
    assert users(target, reach()) == {ADMIN}


@pytest.mark.parametrize("place", ["project/ci/cluster.yaml", "home/.kube/cluster.yaml", "home/.kube/config"])
def test_a_kubeconfig_is_found_from_the_project_and_from_the_home_directory(
    target: Any, reach: Callable[..., Connection], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("KUBECONFIG", raising=False)
    path = tmp_path / place
    path.parent.mkdir(parents=True)
    path.write_bytes(target.kubeconfig.read_bytes())
    named = {"project/ci/cluster.yaml": "ci/cluster.yaml", "home/.kube/cluster.yaml": "~/.kube/cluster.yaml"}
    settings = {"kubeconfig": named[place]} if place in named else {}
    assert users(target, reach(**settings)) == {ADMIN}


# A pod


@pytest.fixture
def pod(target: Any, limited: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder in which a pod finds its account: here one that may read ConfigMaps."""
    rules = {"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get", "list"]}
    config = json.loads(limited(rules).kubeconfig.read_text())
    folder = tmp_path / "serviceaccount"
    folder.mkdir()
    (folder / "token").write_text(config["users"][0]["user"]["token"])
    authority = config["clusters"][0]["cluster"]["certificate-authority-data"]
    (folder / "ca.crt").write_bytes(base64.b64decode(authority))
    # The package looks in one place for them.
    monkeypatch.setattr("kubernetes.config.incluster_config.SERVICE_TOKEN_FILENAME", str(folder / "token"))
    monkeypatch.setattr("kubernetes.config.incluster_config.SERVICE_CERT_FILENAME", str(folder / "ca.crt"))
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "127.0.0.1")
    monkeypatch.setenv("KUBERNETES_SERVICE_PORT", str(target.plane.apiserver.port))
    monkeypatch.setenv("KUBECONFIG", "/nowhere")
    return folder


@pytest.mark.usefixtures("pod")
def test_a_pod_is_its_service_account(target: Any, reach: Callable[..., Connection]) -> None:
    account = f"system:serviceaccount:{target.namespace}:limited-1"
    assert users(target, reach(inCluster=True)) == {account}


def test_a_pods_token_is_read_anew_once_it_is_not_accepted_any_more(
    target: Any, reach: Callable[..., Connection], pod: Path
) -> None:
    token = (pod / "token").read_text()
    (pod / "token").write_text("expired")
    connection = reach(inCluster=True)
    connection._client  # type: ignore[attr-defined] # noqa: B018 - reads the token
    (pod / "token").write_text(token)
    assert connection.inventory().entries == {}


def test_elsewhere_than_in_a_pod_that_is_said(
    reach: Callable[..., Connection], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("KUBERNETES_SERVICE_HOST", raising=False)
    with pytest.raises(TargetError, match="Service host/port is not set") as caught:
        reach(inCluster=True).inventory()
    assert "inCluster is for a pod" in caught.value.help


# Who one is


@pytest.mark.parametrize("written_out", [True, False])
def test_a_client_certificate_is_a_user(
    target: Any, reach: Callable[..., Connection], write: Write, tmp_path: Path, written_out: bool
) -> None:
    issued = target.plane.apiserver.clients.issue("jo", organisations=[MASTERS])
    pieces = {"client-certificate": issued.certificate, "client-key": issued.key}
    if written_out:
        user = {f"{name}-data": base64.b64encode(piece.encode()).decode() for name, piece in pieces.items()}
    else:
        user = {name: f"{name}.pem" for name in pieces}
        for name, piece in pieces.items():
            (tmp_path / f"{name}.pem").write_text(piece)
    assert users(target, reach(kubeconfig=str(write(user=user)))) == {"jo"}


def test_a_token_may_be_in_a_file_of_its_own(
    target: Any, reach: Callable[..., Connection], write: Write, tmp_path: Path
) -> None:
    (tmp_path / "token").write_text(json.loads(target.kubeconfig.read_text())["users"][0]["user"]["token"])
    assert users(target, reach(kubeconfig=str(write(user={"tokenFile": "token"})))) == {ADMIN}


# Whom one talks to


def test_a_server_that_another_authority_speaks_for_is_told_nothing(
    target: Any, reach: Callable[..., Connection], write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mlgitops.targets.kubernetes.client.PATIENCE", 0.5)
    other = base64.b64encode(Authority().certificate.encode()).decode()
    path = write(cluster={"certificate-authority-data": other})
    with target.plane.audit.recording() as recorded, pytest.raises(TargetError, match="certificate is not accepted"):
        reach(kubeconfig=str(path)).inventory()
    assert recorded.events == []


def test_a_server_may_be_taken_for_what_it_says_it_is(
    target: Any, reach: Callable[..., Connection], write: Write
) -> None:
    path = write(cluster={"certificate-authority-data": None, "insecure-skip-tls-verify": True})
    assert users(target, reach(kubeconfig=str(path))) == {ADMIN}


def test_a_certificate_may_be_for_another_name_than_the_servers(
    target: Any,
    reach: Callable[..., Connection],
    write: Write,
    proxy: TunnelProxy,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("mlgitops.targets.kubernetes.client.PATIENCE", 0.5)
    cluster = {"server": ELSEWHERE, "proxy-url": proxy.url}
    with pytest.raises(TargetError, match="certificate is not accepted"):
        reach(kubeconfig=str(write(cluster=cluster))).inventory()
    path = write(cluster=cluster | {"tls-server-name": "kubernetes.default.svc"})
    assert users(target, reach(kubeconfig=str(path))) == {ADMIN}


# What lies between


def test_a_proxy_of_the_kubeconfig_is_gone_through(
    target: Any, reach: Callable[..., Connection], write: Write, proxy: TunnelProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    assert users(target, reach(kubeconfig=str(write(cluster={"proxy-url": proxy.url})))) == {ADMIN}
    assert set(proxy.asked) == {f"127.0.0.1:{target.plane.apiserver.port}"}


def test_a_proxy_of_the_environment_is_gone_through(
    target: Any, reach: Callable[..., Connection], write: Write, proxy: TunnelProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", proxy.url)
    cluster = {"server": ELSEWHERE, "tls-server-name": "kubernetes.default.svc"}
    assert users(target, reach(kubeconfig=str(write(cluster=cluster)))) == {ADMIN}
    assert set(proxy.asked) == {"api.example.com:6443"}


@pytest.mark.usefixtures("pod")
def test_a_pod_goes_through_the_proxy_of_its_environment_too(
    target: Any, reach: Callable[..., Connection], proxy: TunnelProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", proxy.url)
    assert reach(inCluster=True).inventory().entries == {}
    assert set(proxy.asked) == {f"127.0.0.1:{target.plane.apiserver.port}"}


@pytest.mark.parametrize("exempt", ["127.0.0.1", "localhost,127.0.0.0/8", "*"])
def test_what_needs_no_proxy_is_reached_without(
    target: Any, reach: Callable[..., Connection], proxy: TunnelProxy, monkeypatch: pytest.MonkeyPatch, exempt: str
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", proxy.url)
    monkeypatch.setenv("NO_PROXY", exempt)
    assert users(target, reach(kubeconfig=str(target.kubeconfig))) == {ADMIN}
    assert proxy.asked == []


def test_a_proxy_that_is_not_there_is_said(
    reach: Callable[..., Connection], write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mlgitops.targets.kubernetes.client.PATIENCE", 0.5)
    path = write(cluster={"proxy-url": "http://127.0.0.1:1"})
    with pytest.raises(TargetError, match="cannot be reached: its proxy cannot be reached"):
        reach(kubeconfig=str(path)).inventory()
