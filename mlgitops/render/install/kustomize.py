"""deploy/: the controller as a kustomize base, with an overlay for each way of running it. Pure.

What depends on a project is a placeholder there. What the controller may do with the project's environments is not part
of it: that comes from ``mlgitops render --install --rights-only``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from mlgitops.manifest import Manifest
from mlgitops.render.install.install import controller
from mlgitops.render.install.installation import Cluster, Installation
from mlgitops.targets.manifest_yaml import dump

TARGET = "the-target-in-this-cluster"
_PLACEHOLDERS: Mapping[str, Any] = {
    "project": "mlgitops",
    "repository": "https://git.example.com/ml/models.git",
    "branch": "main",
    "mode": "pull",
    "targets": (TARGET,),
    "clusters": (Cluster((TARGET,), {}, {}),),
}
_FILES = {
    "Namespace": "namespace",
    "ServiceAccount": "access",
    "Role": "access",
    "RoleBinding": "access",
    "NetworkPolicy": "network-policy",
    "ConfigMap": "settings",
    "Deployment": "deployment",
    "PodDisruptionBudget": "disruption-budget",
    "PodMonitor": "pod-monitor",
    "PrometheusRule": "alerts",
    "CronJob": "cron-job",
}
"""The name of the file for each kind. The dashboard, which Grafana finds by its own label, has one to itself."""
_HEADER = "# Written by `make deploy` from mlgitops/render/install. docs/install.md says how to use it.\n"


def files() -> dict[str, str]:
    """The content of each file by its path below deploy/."""
    always = list(controller(Installation(**_PLACEHOLDERS)))
    cron = list(controller(Installation(**_PLACEHOLDERS, schedule="*/10 * * * *")))
    shared = [manifest for manifest in always if manifest in cron]
    return {
        **_folder("base", shared),
        **_folder("deployment", [one for one in always if one not in shared], base=True),
        **_folder("cronjob", [one for one in cron if one not in shared], base=True),
    }


def _folder(name: str, manifests: Iterable[Manifest], *, base: bool = False) -> dict[str, str]:
    grouped: dict[str, list[Manifest]] = defaultdict(list)
    for manifest in manifests:
        grouped[_file(manifest)].append(manifest)
    kustomization: Manifest = {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "resources": [*(["../base"] if base else []), *grouped],
    }
    written = {file: _HEADER + "---\n".join(map(dump, ones)) for file, ones in grouped.items()}
    return {
        f"{name}/{file}": text
        for file, text in {"kustomization.yaml": _HEADER + dump(kustomization), **written}.items()
    }


def _file(manifest: Manifest) -> str:
    named = "dashboard" if manifest["metadata"]["name"].endswith("-dashboard") else _FILES[manifest["kind"]]
    return f"{named}.yaml"
