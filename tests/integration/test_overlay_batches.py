"""The real kustomize on random objects and random kustomizations: batches give what one build of everything gives."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from mlgitops.errors import ToolError
from mlgitops.manifest import Manifest, in_order
from mlgitops.render.overlay import cut, walk
from mlgitops.tools import kustomize
from mlgitops.tools.kustomize import Kustomize
from mlgitops.workflows.overlay import Settings, overlay

pytestmark = pytest.mark.integration

ENVIRONMENT = "environments/prod"
MODELS = ("fraud", "churn", "rank", "spam", "price", "demand", "p-fraud", "shared")
real = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))

Files = dict[str, bytes]


def kustomize_in_use() -> Kustomize:
    return kustomize.find(os.environ)


def metadata(name: str, model: str, namespace: str) -> dict[str, Any]:
    labels = {"app": name, "mlgitops.dev/model": model, "mlgitops.dev/target": "aws"} if model else {"app": name}
    return {"name": name, "namespace": namespace, "labels": labels}


def config_map(name: str, model: str, namespace: str, used: str) -> Manifest:
    data = {"threshold": "1e3", "also": used}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata(name, model, namespace), "data": data}


def account(name: str, model: str, namespace: str, used: str) -> Manifest:
    return {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata(name, model, namespace)}


def deployment(name: str, model: str, namespace: str, used: str) -> Manifest:
    container = {"name": "main", "image": "registry.example/serve:1", "envFrom": [{"configMapRef": {"name": used}}]}
    spec = {
        "replicas": 1,
        "selector": {"matchLabels": {"app": name}},
        "template": {
            "metadata": {"labels": {"app": name}},
            "spec": {"serviceAccountName": used, "containers": [container]},
        },
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": metadata(name, model, namespace),
        "spec": spec,
    }


def service(name: str, model: str, namespace: str, used: str) -> Manifest:
    spec = {"selector": {"app": name}, "ports": [{"port": 80}]}
    return {"apiVersion": "v1", "kind": "Service", "metadata": metadata(name, model, namespace), "spec": spec}


def binding(name: str, model: str, namespace: str, used: str) -> Manifest:
    return {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "RoleBinding",
        "metadata": metadata(name, model, namespace),
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": used},
        "subjects": [{"kind": "ServiceAccount", "name": used, "namespace": namespace}],
    }


def inference_service(name: str, model: str, namespace: str, used: str) -> Manifest:
    return {
        "apiVersion": "serving.kserve.io/v1beta1",
        "kind": "InferenceService",
        "metadata": metadata(name, model, namespace),
        "spec": {"predictor": {"serviceAccountName": used, "model": {"storageUri": "s3://models/a"}}},
    }


KINDS = (config_map, account, deployment, service, binding, inference_service)
names = st.sampled_from(MODELS)


@st.composite
def manifests(draw: st.DrawFn) -> list[Manifest]:
    """Objects of a few models that now and then use each other's, in one or two namespaces, each identity once."""
    found: dict[tuple[str, str, str], Manifest] = {}
    for _ in range(draw(st.integers(8, 40))):
        make, model = draw(st.sampled_from(KINDS)), draw(names)
        name = draw(st.sampled_from((*[model] * 8, "settings")))
        used = draw(st.sampled_from((*[model] * 8, "settings", "shared", draw(names))))
        namespace = draw(st.sampled_from((*["ml"] * 8, "other")))
        owner = draw(st.sampled_from((*[model] * 6, "")))
        found[make.__name__, namespace, name] = make(name, owner, namespace, used)
    return list(found.values())


CHANGES: dict[str, dict[str, Any]] = {
    "Deployment": {"spec": {"template": {"spec": {"priorityClassName": "high"}}}},
    "ConfigMap": {"data": {"patched": "12345e6"}},
    "ServiceAccount": {"automountServiceAccountToken": False},
    "Service": {"spec": {"type": "ClusterIP"}},
    "RoleBinding": {"metadata": {"annotations": {"patched": "yes"}}},
    "InferenceService": {"spec": {"predictor": {"minReplicas": 2}}},
}


@st.composite
def patches(draw: st.DrawFn, objects: Sequence[Manifest]) -> dict[str, Any]:
    """A patch of one object by its name, or of those that a target selects; some bring in the name of another one."""
    patched = draw(st.sampled_from(objects))
    kind, name = patched["kind"], patched["metadata"]["name"]
    used = draw(st.sampled_from((name, name, draw(names))))
    change = draw(st.sampled_from((CHANGES[kind], {"spec": {"serviceAccountName": used}}, {"$patch": "delete"})))
    identity = {key: patched["metadata"][key] for key in ("name", "namespace")}
    content = change | {
        "apiVersion": patched["apiVersion"],
        "kind": kind,
        "metadata": identity | change.get("metadata", {}),
    }
    target: dict[str, Any] = {"kind": kind}
    target |= draw(st.sampled_from(({"name": name}, {"name": f"{name[:3]}.*"}, {"labelSelector": f"app={name}"})))
    operation = {"op": "add", "path": "/metadata/annotations", "value": {"patched": used}}
    selecting = st.sampled_from(({"patch": json.dumps(content)}, {"patch": json.dumps([operation])}))
    return {"patch": json.dumps(content)} if draw(st.booleans()) else draw(selecting) | {"target": target}


LABELS = [{"pairs": {"team": "ml"}, "includeSelectors": True}]
IMAGES = [{"name": "registry.example/serve", "newTag": "2", "newName": "mirror.example/serve"}]


def named(objects: Sequence[Manifest], kind: str) -> st.SearchStrategy[str]:
    """The names of the objects of a kind, and seldom one that is not there."""
    found = [manifest["metadata"]["name"] for manifest in objects if manifest["kind"] == kind]
    return st.sampled_from((*found * 5, "absent"))


@st.composite
def generators(draw: st.DrawFn, objects: Sequence[Manifest]) -> list[dict[str, Any]]:
    merging = {"name": draw(named(objects, "ConfigMap")), "behavior": "merge"}
    chosen = draw(st.sampled_from((merging, {"name": "settings"}, {"name": "generated"})))
    return [chosen | {"namespace": "ml", "literals": ["a=b"]}]


def fields(objects: Sequence[Manifest]) -> dict[str, st.SearchStrategy[Any]]:
    counts = named(objects, "Deployment").map(lambda name: {"name": name, "count": 3})
    return {
        "namePrefix": st.just("p-"),
        "nameSuffix": st.just("-s"),
        "namespace": st.just("ml"),
        "labels": st.just(LABELS),
        "images": st.just(IMAGES),
        "commonAnnotations": st.just({"note": "0o12"}),
        "replicas": st.lists(counts, min_size=1, max_size=2),
        "patches": st.lists(patches(objects), min_size=1, max_size=3),
        "configMapGenerator": generators(objects),
    }


@st.composite
def kustomizations(draw: st.DrawFn, objects: Sequence[Manifest], without: frozenset[str] = frozenset()) -> dict[str, Any]:
    possible = fields(objects)
    chosen = draw(st.sets(st.sampled_from(sorted(possible.keys() - without)), min_size=1, max_size=4))
    return {field: draw(possible[field]) for field in sorted(chosen)}


@st.composite
def overlays(draw: st.DrawFn, objects: Sequence[Manifest]) -> Files:
    """A kustomization, with or without an object of its own that uses a rendered one, a base, and a component."""
    top = draw(kustomizations(objects))
    files: Files = {}
    if draw(st.booleans()):
        top["resources"] = ["own.json", "../../base"]
        files[f"{ENVIRONMENT}/own.json"] = dumped(deployment("own", "", "ml", draw(st.sampled_from(("own", *MODELS)))))
        files["base/objects.json"] = dumped(config_map("settings-of-base", "", "ml", "x"))
        files["base/kustomization.yaml"] = dumped({"resources": ["objects.json"], "nameSuffix": "-b"})
    if draw(st.booleans()):
        top["components"] = ["../../component"]
        component = draw(kustomizations(objects, frozenset({"nameSuffix", "namespace"})))
        files["component/kustomization.yaml"] = dumped(
            component | {"apiVersion": "kustomize.config.k8s.io/v1alpha1", "kind": "Component"}
        )
    files[f"{ENVIRONMENT}/kustomization.yaml"] = dumped(top)
    return files


Case = tuple[list[Manifest], Files]


@st.composite
def cases(draw: st.DrawFn) -> Case:
    objects = draw(manifests())
    return objects, draw(overlays(objects))


def dumped(value: Any) -> bytes:
    return json.dumps(value).encode()


def built(objects: Sequence[Manifest], files: Mapping[str, bytes], size: int) -> list[Manifest] | type[ToolError]:
    """The overlay's result, or that kustomize refused it. Its words are not compared: it walks maps in any order."""
    try:
        return overlay(objects, ENVIRONMENT, files, kustomize_in_use, Settings(batch_size=size))
    except ToolError as error:
        return type(error)


@real
@given(cases(), st.integers(2, 10))
def test_batches_give_what_one_build_gives(case: Case, size: int) -> None:
    objects, files = case
    batches = cut(objects, walk(ENVIRONMENT, files), size).batches
    in_batches, in_one = built(objects, files, size), built(objects, files, 1000)

    event("one build" if len(batches) == 1 else "several builds")
    event("kustomize refused it" if in_one is ToolError else "built")
    assert in_batches == in_one
