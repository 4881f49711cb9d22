"""The test bed itself: what other tests of this directory take for granted."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import urllib3

from tests.testbed import crds
from tests.testbed.api import Api, ApiError
from tests.testbed.control_plane import ADMIN, ControlPlane
from tests.testbed.errors import TestbedError
from tests.testbed.waiting import wait_until

ROOT = Path(__file__).resolve().parents[3]
LIST_NAMESPACES = """\
import kubernetes
kubernetes.config.load_kube_config()
print(*(each.metadata.name for each in kubernetes.client.CoreV1Api().list_namespace().items))
"""
START_AND_WAIT = """\
import os, sys, time
from tests.testbed import build
from tests.testbed.control_plane import ControlPlane
with ControlPlane(build.programs(os.environ)) as plane:
    print(plane.directory.parent, plane.etcd.process.require_running(), plane.apiserver.process.require_running())
    sys.stdout.flush()
    time.sleep(60)
"""


def config_map(namespace: str, name: str = "example", **metadata: Any) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"namespace": namespace, "name": name, **metadata}}


def inference_service(namespace: str) -> dict[str, Any]:
    return {
        "apiVersion": "serving.kserve.io/v1beta1",
        "kind": "InferenceService",
        "metadata": {"namespace": namespace, "name": "example"},
        "spec": {"predictor": {"model": {"modelFormat": {"name": "sklearn"}}}},
    }


def exists(plane: ControlPlane, manifest: dict[str, Any]) -> bool:
    try:
        plane.api.read(manifest)
    except ApiError as error:
        if error.status == 404:
            return False
        raise
    return True


def running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def as_bearer_of(plane: ControlPlane, kubeconfig: Path) -> Api:
    import json

    token: str = json.loads(kubeconfig.read_text())["users"][0]["user"]["token"]
    return Api(plane.apiserver.access_with(token))


def test_the_kubeconfig_serves_the_python_client(control_plane: ControlPlane, namespace: str) -> None:
    environment = {"KUBECONFIG": str(control_plane.kubeconfig), "PATH": os.defpath}
    command = [sys.executable, "-c", LIST_NAMESPACES]
    listed = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
    assert namespace in listed.split()


def test_its_version_can_be_parsed(control_plane: ControlPlane) -> None:
    version = control_plane.api.get("/version")
    assert version["gitVersion"].startswith(f"v{version['major']}.{version['minor'].rstrip('+')}.")


def test_every_listed_custom_resource_is_established(control_plane: ControlPlane) -> None:
    found = control_plane.api.get("/apis/apiextensions.k8s.io/v1/customresourcedefinitions")["items"]
    established = {
        each["metadata"]["name"]
        for each in found
        if {"type": "Established", "status": "True"}.items() <= {}.items() | each["status"]["conditions"][-1].items()
    }
    assert established
