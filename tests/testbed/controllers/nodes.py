"""Nodes that kwok carries, and how the pods on them fare: at once ready, and done when a test says so."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from tests.testbed.api import Api, Object

OUTCOME = "testbed.mlgitops.dev/outcome"
"""A pod with this annotation ends: ``succeeds`` or ``fails``."""
STAGES = ("kustomize/stage/pod/fast/pod-ready.yaml", "kustomize/stage/pod/fast/pod-delete.yaml")
"""Of kwok's own stages those that start and remove a pod; its third ends each pod of a Job at once."""
_ENDED = """\
{{ $now := Now }}
phase: %(phase)s
conditions:
- {type: Ready, status: "False", reason: PodCompleted, lastTransitionTime: {{ $now | Quote }}}
containerStatuses:
{{ range .spec.containers }}
- name: {{ .name | Quote }}
  image: {{ .image | Quote }}
  ready: false
  started: false
  restartCount: 0
  state:
    terminated:
      exitCode: %(code)d
      reason: %(reason)s
      startedAt: {{ $now | Quote }}
      finishedAt: {{ $now | Quote }}
{{ end }}
"""
OUTCOMES = {
    "succeeds": {"phase": "Succeeded", "code": 0, "reason": "Completed"},
    "fails": {"phase": "Failed", "code": 1, "reason": "Error"},
}


def write_stages(kwok: Path, path: Path) -> Path:
    """The configuration of kwok: its own stages from the folder of its kept files, and ours that end a pod."""
    kept = [yaml.safe_load((kwok / name).read_text()) for name in STAGES]
    stages = [*kept, *(_ending(outcome, values) for outcome, values in OUTCOMES.items())]
    path.write_text("---\n".join(json.dumps(stage) + "\n" for stage in stages))
    return path


def add_node(api: Api, name: str, labels: Mapping[str, str], gpus: int = 0, taint: str = "") -> None:
    """A node with room for anything, in zone a; with GPUs, and a taint (``key=value``) where one keeps others off.

    A new node has a taint that says that it is not ready. What takes that away in a cluster does not run here.
    """
    room = {"cpu": "64", "memory": "512Gi", "pods": "100", "ephemeral-storage": "1Ti"}
    room |= {"nvidia.com/gpu": str(gpus)} if gpus else {}
    known = {"kubernetes.io/hostname": name, "kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64"}
    metadata = {"name": name, "labels": {**known, "topology.kubernetes.io/zone": "a", **labels}}
    status = {"capacity": room, "allocatable": room}
    node = {"apiVersion": "v1", "kind": "Node", "metadata": metadata, "spec": {}, "status": status}
    api.create(node)
    key, _, value = taint.partition("=")
    taints = [{"key": key, "value": value, "effect": "NoSchedule"}] if taint else []
    api.request("PATCH", api.path(node), {"spec": {"taints": taints}}, content_type="application/merge-patch+json")


def end_pods(api: Api, namespace: str, selector: str, outcome: str) -> None:
    """Has the pods that a label selector finds succeed or fail."""
    edit = {"metadata": {"annotations": {OUTCOME: outcome}}}
    for pod in api.get(f"/api/v1/namespaces/{namespace}/pods", labelSelector=selector)["items"]:
        path = f"/api/v1/namespaces/{namespace}/pods/{pod['metadata']['name']}"
        api.request("PATCH", path, edit, content_type="application/merge-patch+json")


def _ending(outcome: str, values: Mapping[str, Any]) -> Object:
    wanted = [
        {"key": ".status.phase", "operator": "In", "values": ["Running"]},
        {"key": f'.metadata.annotations["{OUTCOME}"]', "operator": "In", "values": [outcome]},
    ]
    return {
        "apiVersion": "kwok.x-k8s.io/v1alpha1",
        "kind": "Stage",
        "metadata": {"name": f"pod-{outcome}"},
        "spec": {
            "resourceRef": {"apiGroup": "v1", "kind": "Pod"},
            "selector": {"matchExpressions": wanted},
            "next": {"statusTemplate": _ENDED % values},
        },
    }
