"""A plain kubeconfig is read as the kubernetes package reads it; nothing else is taken for one."""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from kubernetes.client import Configuration
from kubernetes.config import load_kube_config

from mlgitops.targets.kubernetes.plain import plain

PEM = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
DATA = base64.b64encode(PEM.encode()).decode()
Change = Callable[[dict[str, Any]], object]


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("sys.platform", "linux")


@pytest.fixture
def kubeconfig(tmp_path: Path) -> Callable[[Change], str]:
    """The path of a plain kubeconfig of two contexts, after a change to its content."""

    def write(change: Change) -> str:
        content: dict[str, Any] = {
            "current-context": "dev",
            "clusters": [_entry("cluster", name, _cluster(name)) for name in ("dev", "prod")],
            "users": [_entry("user", name, {"token": f"token-of-{name}"}) for name in ("dev", "prod")],
            "contexts": [_entry("context", name, {"cluster": name, "user": name}) for name in ("dev", "prod")],
        }
        change(content)
        path = tmp_path / "kubeconfig"
        path.write_text(yaml.safe_dump(content))
        return str(path)

    return write


def _entry(kind: str, name: str, content: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, kind: content}


def _cluster(name: str) -> dict[str, Any]:
    return {"server": f"https://{name}.example.com:6443/", "certificate-authority-data": DATA, "extensions": []}


@pytest.mark.parametrize("context", [None, "dev", "prod"])
def test_server_and_token_are_those_that_the_package_reads(
    kubeconfig: Callable[[Change], str], context: str | None
) -> None:
    path = kubeconfig(dict)
    theirs = Configuration()
    load_kube_config(path, context, client_configuration=theirs, persist_config=False)  # type: ignore[no-untyped-call]

    ours = plain(path, context)

    assert ours is not None
    assert ours.host == theirs.host
    header: Any = theirs.auth_settings()["BearerToken"]
    assert ours.auth_settings()["BearerToken"].items() <= header.items()
    assert ours.authority == {"ca_cert_data": PEM}


def test_a_file_of_certificates_is_looked_for_beside_the_kubeconfig(
    kubeconfig: Callable[[Change], str], tmp_path: Path
) -> None:
    cluster = {"server": "https://dev.example.com", "certificate-authority": "ca.pem"}

    found = plain(kubeconfig(lambda content: content["clusters"][0].update(cluster=cluster)), None)

    assert found is not None
    assert found.authority == {"ca_certs": str(tmp_path / "ca.pem")}


def test_certificates_are_verified(kubeconfig: Callable[[Change], str]) -> None:
    found = plain(kubeconfig(dict), None)

    assert found is not None
    arguments = found.pool_manager().connection_pool_kw
    assert arguments["cert_reqs"] == "CERT_REQUIRED"
    assert arguments["ca_cert_data"] == PEM


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda c: c["users"][0].update(user={"exec": {"command": "aws"}}), id="a program"),
        pytest.param(lambda c: c["users"][0]["user"].update({"auth-provider": {"name": "oidc"}}), id="a provider"),
        pytest.param(lambda c: c["users"][0]["user"].update({"client-certificate-data": DATA}), id="a certificate"),
        pytest.param(lambda c: c["users"][0]["user"].update({"as": "somebody"}), id="impersonation"),
        pytest.param(lambda c: c["users"][0]["user"].update(token=""), id="an empty token"),
        pytest.param(lambda c: c["users"][0]["user"].update(token=4711), id="a number for a token"),
        pytest.param(lambda c: c["clusters"][0]["cluster"].update({"proxy-url": "http://proxy:3128"}), id="a proxy"),
        pytest.param(lambda c: c["clusters"][0]["cluster"].update({"tls-server-name": "other"}), id="another name"),
        pytest.param(lambda c: c["clusters"][0]["cluster"].update({"insecure-skip-tls-verify": True}), id="insecure"),
        pytest.param(lambda c: c["clusters"][0]["cluster"].update(server="http://dev.example.com"), id="no TLS"),
        pytest.param(
            lambda c: c["clusters"][0].update(cluster={"server": "https://x"}), id="the system's certificates"
        ),
        pytest.param(lambda c: c["clusters"].append(c["clusters"][0]), id="two clusters of one name"),
        pytest.param(lambda c: c.pop("current-context"), id="no context"),
        pytest.param(lambda c: c.pop("users"), id="no users"),
    ],
)
def test_anything_else_is_left_to_the_package(kubeconfig: Callable[[Change], str], change: Change) -> None:
    assert plain(kubeconfig(change), None) is None


def test_a_proxy_of_the_environment_is_left_to_the_package(
    kubeconfig: Callable[[Change], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example.com:3128")

    assert plain(kubeconfig(dict), None) is None


@pytest.mark.parametrize("system", ["darwin", "win32"])
def test_where_the_system_itself_has_proxies_the_package_looks(
    kubeconfig: Callable[[Change], str], monkeypatch: pytest.MonkeyPatch, system: str
) -> None:
    path = kubeconfig(dict)
    monkeypatch.setattr("sys.platform", system)

    assert plain(path, None) is None


def test_several_files_are_left_to_the_package(kubeconfig: Callable[[Change], str]) -> None:
    path = kubeconfig(dict)

    assert plain(f"{path}:{path}", None) is None
