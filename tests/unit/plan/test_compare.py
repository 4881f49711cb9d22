from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from mlgitops.errors import MlgitopsError
from mlgitops.manifest import Identity, Manifest, identity
from mlgitops.plan.change import Action, Impact
from mlgitops.plan.compare import compare, plan_target
from mlgitops.targets import Inventory, Live


def live(*manifests: Manifest) -> dict[Identity, Live]:
    return {identity(m): Live.of(m) for m in manifests}


def actions(*args: Any, **more: Any) -> dict[str, Action]:
    return {change.identity.name: change.action for change in compare(*args, **more)}


def test_each_object_is_created_updated_deleted_or_left(
    make: Callable[..., Manifest], applied: Callable[..., Inventory]
) -> None:
    old = [make("stays", data={"a": "1"}), make("moves", data={"a": "1"}), make("goes")]
    new = [make("stays", data={"a": "1"}), make("moves", data={"a": "2"}), make("comes")]
    assert actions(new, live(*old), applied(*old)) == {
        "comes": Action.CREATE,
        "goes": Action.DELETE,
        "moves": Action.UPDATE,
        "stays": Action.UNCHANGED,
    }


def test_a_new_commit_alone_is_no_change(make: Callable[..., Manifest], applied: Callable[..., Inventory]) -> None:
    old, new = make("a"), make("a")
    old["metadata"]["annotations"] = {"mlgitops.dev/source-commit": "c1"}
    new["metadata"]["annotations"] = {"mlgitops.dev/source-commit": "c2"}
    assert actions([new], live(old), applied(old)) == {"a": Action.UNCHANGED}


def test_equal_objects_are_known_without_reading_them(
    make: Callable[..., Manifest], applied: Callable[..., Inventory]
) -> None:
    def unread() -> Manifest:
        pytest.fail("the object was read")

    one = make("a")
    found = {identity(one): Live(Live.of(one).digest, unread)}
    assert actions([one], found, applied(one)) == {"a": Action.UNCHANGED}


def test_an_update_names_its_fields_their_source_and_its_impact(
    make: Callable[..., Manifest], applied: Callable[..., Inventory]
) -> None:
    def service(replicas: int) -> Manifest:
        spec = {"predictor": {"minReplicas": replicas}}
        manifest: Manifest = make("iris", "InferenceService", "serving.kserve.io/v1beta1", spec=spec)
        return manifest

    (change,) = compare(
        [service(3)], live(service(1)), applied(service(1)), locate=lambda m, path: f"{m['kind']}.yaml:{len(path)}"
    )
    assert [(f.pointer, f.old, f.new, f.source) for f in change.fields] == [
        ("spec.predictor.minReplicas", 1, 3, "InferenceService.yaml:3")
    ]
    assert (change.owner, change.impact, change.desired) == ("Model/iris", Impact.SERVING_ONLY, service(3))


def test_only_the_inventorys_objects_are_deleted(
    make: Callable[..., Manifest], applied: Callable[..., Inventory]
) -> None:
    assert actions([], live(make("stranger")), applied()) == {}


@pytest.mark.parametrize("label", ["mlgitops.dev/project", "mlgitops.dev/environment", "mlgitops.dev/target"])
def test_an_object_whose_labels_are_another_inventorys_is_released_and_not_deleted(
    make: Callable[..., Manifest], applied: Callable[..., Inventory], label: str
) -> None:
    ours, theirs = make("a"), make("a")
    theirs["metadata"]["labels"][label] = "other"
    plan = plan_target("aws", {}, [], live(theirs), applied(ours))
    assert (plan.changes, plan.released) == ((), (identity(ours),))


def test_an_object_that_is_already_gone_is_released(
    make: Callable[..., Manifest], applied: Callable[..., Inventory]
) -> None:
    plan = plan_target("aws", {}, [make("a")], live(make("a")), applied(make("a"), make("gone")))
    assert plan.released == (identity(make("gone")),)
    assert not plan.is_empty


def test_what_was_not_selected_is_not_touched(make: Callable[..., Manifest], applied: Callable[..., Inventory]) -> None:
    other = make("other", owner="Model/other")
    plan = plan_target(
        "aws",
        {},
        [make("a")],
        live(other),
        applied(other, make("old")),
        selected=lambda _, owner: owner == "Model/iris",
    )
    assert [change.identity.name for change in plan.changes] == ["a"]
    assert plan.released == (identity(make("old")),)


def test_an_interrupted_apply_is_not_settled(make: Callable[..., Manifest], applied: Callable[..., Inventory]) -> None:
    one = make("a")
    interrupted = Inventory("shop/dev/aws", applied(one).entries)
    assert plan_target("aws", {}, [one], live(one), applied(one)).is_empty
    assert not plan_target("aws", {}, [one], live(one), interrupted).is_empty
    assert not plan_target("aws", {}, [one], live(one), applied(make("a", data={"before": "1"}))).is_empty


def test_one_object_rendered_twice_is_refused(make: Callable[..., Manifest], applied: Callable[..., Inventory]) -> None:
    with pytest.raises(MlgitopsError, match="ml/ConfigMap/a is rendered twice"):
        compare([make("a"), make("a", data={"b": "1"})], {}, applied())


def test_a_change_shows_no_manifest_in_its_repr(
    make: Callable[..., Manifest], applied: Callable[..., Inventory]
) -> None:
    (change,) = compare([make("a", "Secret", stringData={"key": "canary-4711"})], {}, applied())
    assert "4711" not in repr(change)


@pytest.mark.parametrize(
    ("field", "stamp"), [("minReplicas", "c1"), ("serviceAccountName", "c2")], ids=["restarts nothing", "new pods"]
)
def test_a_stamp_that_kserve_would_copy_to_pods_moves_only_with_a_rollout(
    make: Callable[..., Manifest], applied: Callable[..., Inventory], field: str, stamp: str
) -> None:
    def service(value: int, commit: str) -> Manifest:
        spec = {"predictor": {field: value}}
        manifest: Manifest = make("iris", "InferenceService", "serving.kserve.io/v1beta1", spec=spec)
        manifest["metadata"]["annotations"] = {"mlgitops.dev/source-commit": commit}
        return manifest

    (change,) = compare([service(2, "c2")], live(service(1, "c1")), applied(service(1, "c1")))
    assert change.desired is not None
    assert change.desired["metadata"]["annotations"]["mlgitops.dev/source-commit"] == stamp
