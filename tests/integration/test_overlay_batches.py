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
def kustomizations(
    draw: st.DrawFn, objects: Sequence[Manifest], without: frozenset[str] = frozenset()
) -> dict[str, Any]:
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


def deployment_patch(name: str, account: str) -> dict[str, Any]:
    content = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": "ml"},
        "spec": {"template": {"spec": {"serviceAccountName": account}}},
    }
    return {"patch": json.dumps(content)}


def unit(model: str, uses: str = "") -> list[Manifest]:
    return [make(model, model, "ml", uses or model) for make in (account, config_map, deployment, service)]


def every(uses: str = "") -> list[Manifest]:
    return [manifest for model in MODELS for manifest in unit(model, uses)]


SEVERAL = {
    "a patch brings in the name of another model's account": (
        every(),
        {"namePrefix": "p-", "patches": [deployment_patch("churn", "spam")]},
    ),
    "a patch brings in a name that another model has on the way": (
        every(),
        {"namePrefix": "q-", "nameSuffix": "-s", "patches": [deployment_patch("churn", "q-spam")]},
    ),
    "every model uses one shared account": (every("shared"), {"namePrefix": "p-"}),
    "patches of many single models": (
        every(),
        {"patches": [deployment_patch(model, model) for model in MODELS], "replicas": [{"name": "rank", "count": 2}]},
    ),
    "a generator merges into one model's settings": (
        every(),
        {"configMapGenerator": [{"name": "rank", "namespace": "ml", "behavior": "merge", "literals": ["a=b"]}]},
    ),
    "a generated ConfigMap is used by the models": (
        every("generated"),
        {"configMapGenerator": [{"name": "generated", "namespace": "ml", "literals": ["a=b"]}]},
    ),
}


@pytest.mark.parametrize("name", SEVERAL)
def test_several_builds_are_made_and_give_what_one_build_gives(name: str) -> None:
    objects, kustomization = SEVERAL[name]
    files = {f"{ENVIRONMENT}/kustomization.yaml": dumped(kustomization)}

    assert len(cut(objects, walk(ENVIRONMENT, files), 8).batches) > 1
    result = built(objects, files, 8)
    assert isinstance(result, list)
    assert result == built(objects, files, 1000)
    assert result != in_order(objects)


def test_two_objects_that_become_one_are_refused_although_they_are_equal() -> None:
    objects = [*every(), config_map("twin", "", "ml", "x"), config_map("twin", "", "other", "x")]
    files = {f"{ENVIRONMENT}/kustomization.yaml": b"namespace: ml"}

    assert built(objects, files, 17) is ToolError


def test_a_patch_of_an_object_that_only_another_target_has_is_left_out() -> None:
    files = {f"{ENVIRONMENT}/kustomization.yaml": dumped({"patches": [deployment_patch("rank", "x")]})}
    others = unit("rank")

    result = overlay(unit("churn"), ENVIRONMENT, files, kustomize_in_use, elsewhere=others)

    assert result == in_order(unit("churn"))


def test_a_patch_of_an_object_that_no_target_has_fails_in_kustomizes_words() -> None:
    files = {f"{ENVIRONMENT}/kustomization.yaml": dumped({"patches": [deployment_patch("rank", "x")]})}

    with pytest.raises(ToolError, match=r"in environments/prod: Error: no resource matches .*rank"):
        overlay(unit("churn"), ENVIRONMENT, files, kustomize_in_use, elsewhere=unit("spam"))


def test_without_a_kustomization_nothing_is_run() -> None:
    def none_there() -> Kustomize:
        raise AssertionError("kustomize was asked for")

    objects = every()

    assert overlay(objects, ENVIRONMENT, {"environments/dev/kustomization.yaml": b"{}"}, none_there) == in_order(
        objects
    )
