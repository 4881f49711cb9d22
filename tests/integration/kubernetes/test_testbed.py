"""What the test bed serves, to whom, and what it tells of that: what other tests of this directory take for granted."""

from __future__ import annotations

import json
import os
import ssl
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import urllib3

from tests.testbed import crds
from tests.testbed.api import Api, ApiError
from tests.testbed.control_plane import ADMIN, ControlPlane
from tests.testbed.kubelet import Kubelet
from tests.testbed.manifests import config_map, inference_service

DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
LIST_NAMESPACES = """\
import kubernetes
kubernetes.config.load_kube_config()
print(*(each.metadata.name for each in kubernetes.client.CoreV1Api().list_namespace().items))
"""


@pytest.fixture
def account(control_plane: ControlPlane) -> Iterator[Callable[[Path], Api]]:
    """``account(kubeconfig)``: the API as the bearer of that file's token sees it."""
    opened: list[Api] = []

    def open_api(kubeconfig: Path) -> Api:
        token: str = json.loads(kubeconfig.read_text())["users"][0]["user"]["token"]
        opened.append(Api(control_plane.apiserver.access_with(token)))
        return opened[-1]

    yield open_api
    for api in opened:
        api.close()


def test_the_python_client_works_with_its_kubeconfig(control_plane: ControlPlane, namespace: str) -> None:
    environment = {"KUBECONFIG": str(control_plane.kubeconfig), "PATH": os.defpath}
    command = [sys.executable, "-c", LIST_NAMESPACES]
    listed = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
    assert namespace in listed.split()


def test_its_certificate_passes_the_strict_rules_of_newer_pythons(control_plane: ControlPlane) -> None:
    context = ssl.create_default_context(cafile=control_plane.apiserver.certificate)
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    with urllib3.PoolManager(ssl_context=context, retries=False) as pool:
        assert pool.request("GET", f"{control_plane.apiserver.access(ADMIN).server}/version").status == 200


def test_it_says_its_version_as_clients_expect_it(control_plane: ControlPlane) -> None:
    version = control_plane.api.get("/version")
    assert version["gitVersion"].startswith(f"v{version['major']}.{version['minor']}.")


def test_the_custom_resources_of_every_component_are_established(
    control_plane: ControlPlane, definitions: Callable[[str], list[crds.Definition]]
) -> None:
    listed = {each["metadata"]["name"] for name in crds.newest() for each in definitions(name)}
    conditions = {
        live["metadata"]["name"]: {each["type"]: each["status"] for each in live["status"]["conditions"]}
        for live in control_plane.api.get(DEFINITIONS)["items"]
    }
    assert {"trainjobs.trainer.kubeflow.org", "podmonitors.monitoring.coreos.com", "scaledobjects.keda.sh"} < listed
    assert {name: conditions[name]["Established"] for name in listed} == dict.fromkeys(listed, "True")


def test_custom_resources_are_checked_against_their_whole_schema(control_plane: ControlPlane, namespace: str) -> None:
    with pytest.raises(ApiError, match="protocolVersion"):
        control_plane.api.create(inference_service(namespace, protocolVersion=2))
    live = control_plane.api.create(inference_service(namespace, protocolVersion="v2", nonsense=True))
    assert "nonsense" not in live["spec"]["predictor"]["model"]


def test_a_limited_account_may_do_what_its_rules_say_and_no_more(
    control_plane: ControlPlane, namespace: str, account: Callable[[Path], Api]
) -> None:
    rules = [{"apiGroups": [""], "resources": ["configmaps"], "verbs": ["create", "get"]}]
    api = account(control_plane.add_account("limited", rules, namespace))
    api.create(config_map(namespace))
    assert api.exists(config_map(namespace))
    for method, manifest in (("DELETE", config_map(namespace)), ("GET", config_map("default"))):
        with pytest.raises(ApiError, match=r'User "system:serviceaccount:.*:limited" cannot') as error:
            api.request(method, control_plane.api.path(manifest))
        assert error.value.status == 403


def test_an_account_without_a_namespace_has_its_rights_everywhere(
    control_plane: ControlPlane, namespace: str, account: Callable[[Path], Api]
) -> None:
    rules = [{"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get"]}]
    api = account(control_plane.add_account("reader", rules))
    control_plane.api.create(config_map(namespace))
    assert api.exists(config_map(namespace))


def test_nobody_gets_in_with_a_wrong_token(
    control_plane: ControlPlane, account: Callable[[Path], Api], namespace: str
) -> None:
    wrong = control_plane.write_kubeconfig("wrong", control_plane.apiserver.access_with("wrong"))
    with pytest.raises(ApiError) as error:
        account(wrong).get(f"/api/v1/namespaces/{namespace}")
    assert error.value.status == 401


def test_the_audit_log_tells_who_did_what_and_how_it_ended(
    control_plane: ControlPlane, admin: Api, namespace: str
) -> None:
    manifest = config_map(namespace)
    with control_plane.audit.recording() as recorded:
        admin.create(manifest)
        admin.read(manifest)
        with pytest.raises(ApiError):
            admin.create(manifest)
        admin.delete(manifest)
    answers = [(event.verb, event.status) for event in recorded.by(ADMIN) if event.resource == "configmaps"]
    assert answers == [("create", 201), ("get", 200), ("create", 409), ("delete", 200)]
    changed = ("configmaps", namespace, "example")
    assert recorded.counts() == {("create", *changed): 1, ("delete", *changed): 1}


def test_a_dry_run_is_recorded_as_no_change(control_plane: ControlPlane, admin: Api, namespace: str) -> None:
    with control_plane.audit.recording() as recorded:
        admin.request("POST", f"{admin.collection(config_map(namespace))}?dryRun=All", config_map(namespace))
    assert [event.verb for event in recorded.events if event.dry_run] == ["create"]
    assert recorded.mutating() == []
    assert not control_plane.api.exists(config_map(namespace))


def test_who_acts_as_somebody_else_is_recorded_as_both(control_plane: ControlPlane, admin: Api, namespace: str) -> None:
    path = admin.path(config_map(namespace))
    with control_plane.audit.recording() as recorded, pytest.raises(ApiError, match=r'User "somebody" cannot'):
        admin.request("DELETE", path, impersonate_user="somebody")
    (event,) = recorded.mutating()
    assert (event.user, event.impersonated, event.status) == (ADMIN, "somebody", 403)


def test_what_the_test_itself_does_is_not_recorded(control_plane: ControlPlane, namespace: str) -> None:
    with control_plane.audit.recording() as recorded:
        control_plane.api.create(config_map(namespace))
    assert recorded.events == []


def test_what_is_done_to_a_namespace_can_be_undone(control_plane: ControlPlane, namespace: str) -> None:
    api = control_plane.api
    for name in ("stays", "changes", "goes"):
        api.create(config_map(namespace, name))
    listed = f"/api/v1/namespaces/{namespace}/configmaps"

    def found() -> dict[str, tuple[str, dict[str, str]]]:
        items = api.get(listed)["items"]
        return {one["metadata"]["name"]: (one["metadata"]["uid"], one.get("data", {})) for one in items}

    before, held = found(), control_plane.etcd.held(namespace)
    api.apply({**config_map(namespace, "changes"), "data": {"a": "b"}})
    api.delete(config_map(namespace, "goes"))
    api.create(config_map(namespace, "comes"))
    control_plane.etcd.put_back(namespace, held)
    assert found() == before


def test_its_kubelet_is_asked_by_the_api_server_and_by_nobody_else(control_plane: ControlPlane, namespace: str) -> None:
    with Kubelet(control_plane) as kubelet:
        pod = kubelet.pod(namespace, "one", {})
        kubelet.say(pod, "main", "first", "second")
        path = f"{control_plane.api.path(pod)}/log?tailLines=1&timestamps=true"
        assert control_plane.api.request("GET", path) == "2026-01-01T00:00:02.000000000Z second\n"
        assert [(one["path"], one["tailLines"]) for one in kubelet.asked] == [
            (f"/containerLogs/{namespace}/one/main", "1")
        ]
        unknown = ssl.create_default_context(cadata=control_plane.apiserver.clients.certificate)
        url = f"https://127.0.0.1:{kubelet.port}/containerLogs/{namespace}/one/main"
        refused = pytest.raises(urllib3.exceptions.HTTPError)
        with urllib3.PoolManager(ssl_context=unknown, retries=False) as pool, refused:
            pool.request("GET", url)
        assert len(kubelet.asked) == 1
