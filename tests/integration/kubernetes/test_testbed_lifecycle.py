"""The test bed starts clean, survives what is done to it, leaves nothing behind, and runs controllers if asked to."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import urllib3

from tests.testbed import crds
from tests.testbed.api import ApiError
from tests.testbed.control_plane import ADMIN, ControlPlane
from tests.testbed.errors import TestbedError
from tests.testbed.manifests import config_map, inference_service
from tests.testbed.waiting import wait_until

DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
START_AND_WAIT = """\
import sys, time
from pathlib import Path
from tests.testbed.control_plane import ControlPlane
with ControlPlane({name: Path(path) for name, path in zip(sys.argv[1::2], sys.argv[2::2])}) as plane:
    print(plane.directory.parent, plane.etcd.url, plane.apiserver.access("admin").server, flush=True)
    time.sleep(60)
"""


@pytest.fixture(scope="module")
def other(programs: dict[str, Path]) -> Iterator[ControlPlane]:
    """One for all tests that leave it as they found it, but for a namespace or a node."""
    with ControlPlane(programs) as plane:
        yield plane


def listens(url: str) -> bool:
    """Whether anybody takes connections there; a process that has ended may stay in the process table for a while."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", int(url.rpartition(":")[2]))) == 0


def answers(plane: ControlPlane) -> bool:
    try:
        plane.api.get("/readyz")
    except (ApiError, urllib3.exceptions.HTTPError):
        return False
    return True


def test_a_reset_removes_what_came_later_even_with_a_finaliser(control_plane: ControlPlane, namespace: str) -> None:
    api = control_plane.api
    api.create(config_map(namespace, "earlier"))
    before = control_plane.checkpoint()
    api.create(config_map(namespace, "later", finalizers=["example.com/never"]))
    api.create(inference_service(namespace))
    control_plane.reset(before)
    assert not api.exists(config_map(namespace, "later"))
    assert api.get(api.collection(inference_service(namespace)))["items"] == []
    assert api.exists(config_map(namespace, "earlier"))


def test_two_side_by_side_know_nothing_of_each_other(
    control_plane: ControlPlane, other: ControlPlane, namespace: str
) -> None:
    control_plane.api.create(config_map("default", namespace))
    assert not other.api.exists(config_map("default", namespace))
    assert other.api.get(DEFINITIONS)["items"] == []


def test_nothing_is_left_of_one_that_has_stopped(programs: dict[str, Path]) -> None:
    with ControlPlane(programs) as plane:
        urls = (plane.etcd.url, plane.apiserver.access(ADMIN).server)
        directory = plane.directory.parent
        assert all(listens(url) for url in urls)
    assert not directory.exists()
    assert not any(listens(url) for url in urls)


@pytest.mark.skipif("KUBEBUILDER_ASSETS" in os.environ, reason="only our own build ends with its parent")
def test_a_killed_test_run_leaves_no_process_behind(programs: dict[str, Path]) -> None:
    pairs = [str(part) for pair in programs.items() for part in pair]
    with subprocess.Popen([sys.executable, "-c", START_AND_WAIT, *pairs], stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout is not None
        directory, *urls = run.stdout.readline().split()
        assert all(listens(url) for url in urls)
        run.send_signal(signal.SIGKILL)
    wait_until(lambda: not any(listens(url) for url in urls), "its processes to end", 10)
    shutil.rmtree(directory)


def test_a_server_that_cannot_start_says_why(programs: dict[str, Path], tmp_path: Path) -> None:
    broken = tmp_path / "kube-apiserver"
    broken.write_text("#!/bin/sh\necho the disk is on fire\nexit 1\n")
    broken.chmod(0o755)
    with pytest.raises(TestbedError, match="kube-apiserver is not running:\nthe disk is on fire"):
        ControlPlane(programs | {"kube-apiserver": broken}).__enter__()


def test_it_goes_on_after_etcd_stood_still_and_after_etcd_died(bare: ControlPlane) -> None:
    bare.api.create(config_map("default"))
    path = bare.api.path(config_map("default"))
    bare.etcd.process.pause()
    with pytest.raises((ApiError, urllib3.exceptions.ProtocolError)):
        bare.api.get(path, timeout="1s")
    bare.etcd.process.resume()
    wait_until(lambda: answers(bare), "the API server to go on", 30)
    assert bare.api.exists(config_map("default"))
    bare.etcd.process.kill()
    bare.etcd.process.start()
    wait_until(lambda: answers(bare), "the API server to find etcd again", 30)
    assert bare.api.exists(config_map("default"))


@pytest.mark.slow
def test_an_upgrade_of_custom_resources_keeps_their_objects(
    bare: ControlPlane, definitions: Callable[[str], list[crds.Definition]]
) -> None:
    service = inference_service("default")
    service["spec"]["predictor"]["storageUris"] = [{"uri": "s3://models/example"}]
    bare.apply_crds(definitions("kserve-0.15"))
    before = bare.api.create(service)
    assert "storageUris" not in before["spec"]["predictor"]  # a field of 0.16
    bare.apply_crds(definitions("kserve-0.16"))
    after = bare.api.apply(service)
    assert after["metadata"]["uid"] == before["metadata"]["uid"]
    assert "storageUris" in after["spec"]["predictor"]


@pytest.mark.slow
def test_controllers_delete_what_depends_on_what_is_deleted(other: ControlPlane) -> None:
    if "kube-controller-manager" not in other.programs:
        pytest.skip("these programs have no controller manager")
    api, namespace = other.api, other.new_namespace()
    other.start_controllers()
    owner = api.create(config_map(namespace, "owner"))
    reference = {"apiVersion": "v1", "kind": "ConfigMap", "name": "owner", "uid": owner["metadata"]["uid"]}
    api.create(config_map(namespace, "dependent", ownerReferences=[reference]))
    api.delete(owner)
    wait_until(lambda: not api.exists(config_map(namespace, "dependent")), "the dependent to be deleted", 60)
    whole = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}}
    api.create(config_map(namespace))
    api.delete(whole)
    wait_until(lambda: not api.exists(whole), "the namespace to be deleted", 60)


@pytest.mark.slow
def test_the_scheduler_finds_a_node_for_a_pod(other: ControlPlane) -> None:
    if "kube-scheduler" not in other.programs:
        pytest.skip("these programs have no scheduler")
    other.start_scheduler()
    node = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "node"}}
    other.api.apply(node)
    other.api.set_status(node, {"allocatable": {"cpu": "1", "memory": "1Gi", "pods": "10"}})
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"namespace": other.new_namespace(), "name": "example"},
        "spec": {
            "containers": [{"name": "main", "image": "example.com/image"}],
            "tolerations": [{"operator": "Exists"}],
        },
    }
    other.api.create(pod)
    wait_until(lambda: other.api.read(pod)["spec"].get("nodeName") == "node", "the pod to be bound", 60)
