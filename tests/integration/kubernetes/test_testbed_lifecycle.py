"""The test bed starts clean, survives what is done to it, leaves nothing behind, and runs controllers if asked to."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import urllib3

from tests.testbed import crds
from tests.testbed.api import ApiError
from tests.testbed.control_plane import ControlPlane
from tests.testbed.errors import TestbedError
from tests.testbed.manifests import config_map, inference_service
from tests.testbed.waiting import wait_until

DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
START_AND_WAIT = """\
import sys, time
from pathlib import Path
from tests.testbed.control_plane import ControlPlane
with ControlPlane({name: Path(path) for name, path in zip(sys.argv[1::2], sys.argv[2::2])}) as plane:
    processes = plane.etcd.process, plane.apiserver.process
    print(plane.directory.parent, *(process.require_running() for process in processes), flush=True)
    time.sleep(60)
"""


def running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


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
    control_plane: ControlPlane, bare: ControlPlane, namespace: str
) -> None:
    control_plane.api.create(config_map("default", namespace))
    assert not bare.api.exists(config_map("default", namespace))
    assert bare.api.get(DEFINITIONS)["items"] == []


def test_nothing_is_left_of_one_that_has_stopped(programs: dict[str, Path]) -> None:
    with ControlPlane(programs) as plane:
        pids = [process.require_running() for process in (plane.etcd.process, plane.apiserver.process)]
        directory = plane.directory.parent
    assert not directory.exists()
    assert not any(running(pid) for pid in pids)


@pytest.mark.skipif("KUBEBUILDER_ASSETS" in os.environ, reason="only our own build ends with its parent")
def test_a_killed_test_run_leaves_no_process_behind(programs: dict[str, Path]) -> None:
    pairs = [str(part) for pair in programs.items() for part in pair]
    with subprocess.Popen([sys.executable, "-c", START_AND_WAIT, *pairs], stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout is not None
        directory, *pids = run.stdout.readline().split()
        run.send_signal(signal.SIGKILL)
    wait_until(lambda: not any(running(int(pid)) for pid in pids), "its processes to end", 10)
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
    with pytest.raises(ApiError) as error:
        bare.api.request("GET", f"{path}?timeout=1s")
    assert error.value.status >= 500
    bare.etcd.process.resume()
    assert bare.api.exists(config_map("default"))
    bare.etcd.process.kill()
    bare.etcd.process.start()
    wait_until(lambda: answers(bare), "the API server to find etcd again", 30)
    assert bare.api.exists(config_map("default"))


@pytest.mark.slow
def test_an_upgrade_of_custom_resources_keeps_their_objects(
    bare: ControlPlane, definitions: Callable[[str], list[crds.Definition]]
) -> None:
    live = inference_service("default")
    bare.apply_crds(definitions("kserve-0.15"))
    uid = bare.api.create(live)["metadata"]["uid"]
    assert (
        "storageUris" not in bare.api.create(inference_service("default", "old", storageUris=[]))["spec"]["predictor"]
    )
    bare.apply_crds(definitions("kserve-0.16"))
    assert bare.api.read(live)["metadata"]["uid"] == uid


@pytest.mark.slow
def test_controllers_delete_what_depends_on_what_is_deleted(control_plane: ControlPlane, namespace: str) -> None:
    api = control_plane.api
    controllers = control_plane.start_controllers()
    owner = api.create(config_map(namespace, "owner"))
    reference = {"apiVersion": "v1", "kind": "ConfigMap", "name": "owner", "uid": owner["metadata"]["uid"]}
    api.create(config_map(namespace, "dependent", ownerReferences=[reference]))
    api.delete(owner)
    wait_until(lambda: not api.exists(config_map(namespace, "dependent")), "the dependent to be deleted", 60)
    whole = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}}
    api.create(inference_service(namespace))
    api.delete(whole)
    wait_until(lambda: not api.exists(whole), "the namespace to be deleted", 60)
    controllers.stop()


@pytest.mark.slow
def test_the_scheduler_finds_a_node_for_a_pod(bare: ControlPlane) -> None:
    bare.start_scheduler()
    node = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "node"}}
    bare.api.create(node)
    bare.api.set_status(node, {"allocatable": {"cpu": "1", "memory": "1Gi", "pods": "10"}})
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"namespace": "default", "name": "example"},
        "spec": {
            "containers": [{"name": "main", "image": "example.com/image"}],
            "tolerations": [{"operator": "Exists"}],
        },
    }
    bare.api.create(pod)
    wait_until(lambda: bare.api.read(pod)["spec"].get("nodeName") == "node", "the pod to be bound", 60)
