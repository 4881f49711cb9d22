from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import pytest

from mlgitops.manifest import Identity, Manifest, identity
from mlgitops.plan.ignore import IgnoreRule, pointer_of, rules_from, suggestion, without_ignored
from mlgitops.targets import Live


def deployment(replicas: int = 2, annotations: Mapping[str, str] = MappingProxyType({})) -> Manifest:
    containers = [{"name": "main", "image": "x", "args": ["a"]}, {"name": "side", "image": "y"}]
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web", "namespace": "ml", **({"annotations": dict(annotations)} if annotations else {})},
        "spec": {"replicas": replicas, "template": {"spec": {"containers": containers}}},
    }


def owned(manager: str, fields: dict[str, Any], replicas: int = 5) -> Manifest:
    live = deployment(replicas)
    live["metadata"]["managedFields"] = [{"manager": manager, "operation": "Apply", "fieldsV1": fields}]
    return live


def left(manifest: Manifest, live: Manifest | None, *rules: IgnoreRule) -> Manifest:
    found = {} if live is None else {identity(live): Live.of(live)}
    return without_ignored([manifest], found, rules)[0]


REPLICAS = IgnoreRule("Deployment", pointers=("/spec/replicas",))
HPA: dict[str, Any] = {"f:spec": {"f:replicas": {}}}


def test_an_ignored_field_is_left_out_where_the_object_is_there() -> None:
    applied = left(deployment(), owned("hpa", HPA), REPLICAS)
    assert "replicas" not in applied["spec"]
    assert applied["spec"]["template"] == deployment()["spec"]["template"]


def test_a_new_object_is_made_as_git_says() -> None:
    assert left(deployment(), None, REPLICAS) == deployment()


def test_what_is_still_ours_keeps_its_live_value() -> None:
    """Left out, server-side apply would remove it."""
    assert left(deployment(2), owned("mlgitops", HPA, replicas=5), REPLICAS)["spec"]["replicas"] == 5


def test_fields_of_a_manager_are_ignored_wherever_they_are() -> None:
    fields = {**HPA, "f:metadata": {"f:name": {}}}
    rule = IgnoreRule("Deployment", managers=("hpa",))
    assert "replicas" not in left(deployment(), owned("hpa", fields), rule)["spec"]
    assert left(deployment(), owned("someone", fields), rule) == deployment()


@pytest.mark.parametrize(
    "rule", [IgnoreRule("Service", pointers=("/spec/replicas",)), IgnoreRule("Deployment", "other")]
)
def test_a_rule_for_others_ignores_nothing(rule: IgnoreRule) -> None:
    assert left(deployment(), owned("hpa", HPA), rule) == deployment()


def test_an_annotation_ignores_too() -> None:
    manifest = deployment(annotations={"mlgitops.dev/ignore": "/spec/replicas, /metadata/annotations/a~1b"})
    assert "replicas" not in left(manifest, owned("hpa", HPA))["spec"]


@pytest.mark.parametrize(
    ("pointer", "images"),
    [
        ("/spec/template/spec/containers/main/image", [None, "y"]),
        ("/spec/template/spec/containers/1/image", ["x", None]),
        ("/spec/template/spec/containers/*/image", [None, None]),
        ("/spec/template/spec/containers/none/image", ["x", "y"]),
    ],
)
def test_items_go_by_index_by_name_or_all_of_them(pointer: str, images: list[str | None]) -> None:
    applied = left(deployment(), owned("x", {}), IgnoreRule("Deployment", pointers=(pointer,)))
    assert [one.get("image") for one in applied["spec"]["template"]["spec"]["containers"]] == images


@pytest.mark.parametrize(
    ("field", "pointer"),
    [
        ("spec.replicas", "/spec/replicas"),
        (".spec.replicas", "/spec/replicas"),
        ('spec.template.spec.containers[name="main"].image', "/spec/template/spec/containers/main/image"),
        ("spec.items[0].x", "/spec/items/0/x"),
        ("metadata.annotations.example.com/a.b", "/metadata/annotations/example.com~1a.b"),
        ("metadata.labels.app", "/metadata/labels/app"),
    ],
)
def test_a_field_as_the_api_writes_it_has_a_pointer(field: str, pointer: str) -> None:
    assert pointer_of(field) == pointer


def test_a_suggestion_is_a_rule_that_can_be_pasted() -> None:
    import yaml

    from mlgitops.spec.environment import EnvironmentSpec

    lines = suggestion(Identity("apps", "Deployment", "ml", "web"), ["spec.replicas"])
    spec = EnvironmentSpec.model_validate({"targets": ["aws"], **yaml.safe_load("\n".join(lines))})
    declared = [rule.model_dump(mode="json", by_alias=True) for rule in spec.ignore]
    assert rules_from(declared) == (IgnoreRule("Deployment", "web", ("/spec/replicas",)),)


def train_job(queue: str, suspend: bool | None = None, kind: str = "TrainJob") -> Manifest:
    labels = {"kueue.x-k8s.io/queue-name": queue, "kueue.x-k8s.io/priority-class": f"{queue}-high", "team": queue}
    held = {} if suspend is None else {"suspend": suspend}
    group, spec = ("trainer.kubeflow.org/v1alpha1", held) if kind == "TrainJob" else ("kubeflow.org/v1", {})
    metadata = {"name": "iris", "namespace": "ml", "labels": labels}
    return {"apiVersion": group, "kind": kind, "metadata": metadata, "spec": spec or {"runPolicy": held}}


@pytest.mark.parametrize("kind", ["TrainJob", "PyTorchJob"])
@pytest.mark.parametrize(("suspend", "kept"), [(None, True), (False, True), (True, False)])
def test_a_job_that_kueue_admitted_keeps_its_queue_and_priority(kind: str, suspend: bool | None, kept: bool) -> None:
    """Kueue refuses another one, of a finished job as well, so that no apply would succeed any more."""
    live = train_job("old", suspend, kind)
    fields: dict[str, Any] = {"f:metadata": {"f:labels": {f"f:{label}": {} for label in live["metadata"]["labels"]}}}
    live["metadata"]["managedFields"] = [{"manager": "mlgitops", "operation": "Apply", "fieldsV1": fields}]

    labels = left(train_job("new", None, kind), live)["metadata"]["labels"]

    assert labels["kueue.x-k8s.io/queue-name"] == ("old" if kept else "new")
    assert labels["kueue.x-k8s.io/priority-class"] == ("old-high" if kept else "new-high")
    assert labels["team"] == "new"


SPEC_ONLY: dict[str, Any] = {"f:metadata": {"f:labels": {"f:team": {}}}, "f:spec": {"f:trainer": {}}}


def test_a_queue_is_not_added_to_a_job_that_runs_without_one() -> None:
    live = train_job("old")
    live["metadata"] |= {
        "labels": {},
        "managedFields": [{"manager": "mlgitops", "operation": "Apply", "fieldsV1": SPEC_ONLY}],
    }

    assert left(train_job("new"), live)["metadata"]["labels"] == {"team": "new"}


def test_a_job_in_a_file_is_written_as_git_says() -> None:
    assert left(train_job("new"), train_job("old")) == train_job("new")


def test_in_a_file_which_has_no_owners_an_ignored_field_keeps_its_value() -> None:
    assert left(deployment(2), deployment(5), REPLICAS)["spec"]["replicas"] == 5
    bare = deployment()
    del bare["spec"]["replicas"]
    assert "replicas" not in left(deployment(2), bare, REPLICAS)["spec"]
