"""What is never deleted, and the inventory without which nothing is."""

from __future__ import annotations

from typing import Any

import pytest

from mlgitops.errors import GuardError, TargetError
from mlgitops.manifest import identity
from mlgitops.plan.change import Action
from mlgitops.targets.kubernetes import applyset


def test_only_the_object_that_was_applied_is_deleted_not_a_later_one_of_its_name(target: Any) -> None:
    kept, again, relabelled = target.make("kept"), target.make("again"), target.make("relabelled")
    target.apply(kept, again, relabelled)
    copy = target.read(again)
    for field in ("uid", "resourceVersion", "managedFields", "creationTimestamp"):
        copy["metadata"].pop(field)
    target.plane.api.delete(again)
    target.plane.api.create(copy)
    target.edit(relabelled, "kubectl-label", metadata={"labels": {"mlgitops.dev/environment": "theirs"}})
    with target.plane.audit.recording() as recorded:
        assert target.apply(kept, allow_mass_delete=True).succeeded
    assert [event for event in recorded.mutating() if event.verb == "delete"] == []
    assert target.read(again)
    assert target.read(relabelled)


def test_what_lost_our_label_gets_it_back_and_where_git_drops_it_first_a_person_decides(target: Any) -> None:
    kept, passing, stripped = target.make("kept"), target.make("passing"), {"labels": {"mlgitops.dev/project": None}}
    target.apply(kept, passing)
    target.edit(passing, "somebody", metadata=stripped)
    assert target.apply(kept, passing, force_conflicts=True).succeeded
    assert target.read(passing)["metadata"]["labels"]["mlgitops.dev/project"] == "shop"
    target.edit(passing, "somebody", metadata=stripped)
    assert target.apply(kept).succeeded
    uid = target.read(passing)["metadata"]["uid"]
    with pytest.raises(GuardError, match="passing at aws exists, but was not applied by shop/dev/aws"):
        target.apply(kept, passing)
    assert target.apply(kept, passing, adopt=True).succeeded
    assert target.read(passing)["metadata"]["labels"]["mlgitops.dev/project"] == "shop"
    assert target.read(passing)["metadata"]["uid"] == uid
    assert target.apply(kept).succeeded
    assert not target.plane.api.exists(passing)


def test_inventories_in_one_namespace_leave_each_other_alone(target: Any, other_target: Any) -> None:
    target.apply(target.make("a"), target.make("b"))
    other_target.apply(other_target.make("c"), other_target.make("d"))
    target.apply(target.make("a"))
    assert other_target.plan(other_target.make("c"), other_target.make("d")).is_empty
    with pytest.raises(GuardError, match="was not applied by shop/dev/aws"):
        target.apply(target.make("a"), target.make("c"))


def test_a_namespace_that_holds_more_than_goes_is_not_deleted(target: Any) -> None:
    doomed = target.make(f"{target.namespace}-doomed", "Namespace")
    del doomed["metadata"]["namespace"]
    kept = target.make("kept")
    target.apply(doomed, kept)
    for name in ("theirs", "theirs-too"):
        made = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}}
        made["metadata"]["namespace"] = doomed["metadata"]["name"]  # type: ignore[index]
        target.plane.api.create(made)
    plan = target.plan(kept)
    with (
        target.plane.audit.recording() as recorded,
        pytest.raises(GuardError, match="still holds 2 objects that would go with it: 2 ConfigMap"),
    ):
        target.carry_out(plan, allow_mass_delete=True)
    assert recorded.mutating() == []


def test_a_definition_with_objects_is_not_deleted(target: Any) -> None:
    group = f"{target.namespace}.example.com"
    schema = {"openAPIV3Schema": {"type": "object"}}
    definition = target.make(f"gadgets.{group}", "CustomResourceDefinition", "apiextensions.k8s.io/v1", spec={
        "group": group, "scope": "Namespaced", "names": {"plural": "gadgets", "singular": "gadget", "kind": "Gadget"},
        "versions": [{"name": "v1", "served": True, "storage": True, "schema": schema}],
    })  # fmt: skip
    del definition["metadata"]["namespace"]
    kept = target.make("kept")
    target.apply(definition, kept)
    metadata = {"name": "theirs", "namespace": target.namespace}
    target.plane.api.create({"apiVersion": f"{group}/v1", "kind": "Gadget", "metadata": metadata})
    with pytest.raises(GuardError, match="1 Gadget"):
        target.apply(kept, allow_mass_delete=True)


def test_the_namespace_of_the_inventory_is_not_deleted(target: Any) -> None:
    target.namespace = f"{target.namespace}-new"
    namespace = target.make(target.namespace, "Namespace")
    del namespace["metadata"]["namespace"]
    target.apply(namespace, target.make("a"))
    with pytest.raises(GuardError, match="2 ConfigMap, 1 Lease"):
        target.apply(target.make("a"))


@pytest.mark.parametrize("harm", ["deleted", "edited", "emptied", "another's"])
def test_without_its_inventory_nothing_goes_on_until_it_is_rebuilt(target: Any, harm: str) -> None:
    desired = [target.make("a"), target.make("b"), target.service()]
    target.apply(*desired)
    api, path = target.plane.api, target.inventory_path
    patch: dict[str, Any] = {"data": {"entries": "[]"}}
    if harm == "deleted":
        api.request("DELETE", path)
    else:
        if harm == "emptied":
            patch = {"data": None}
        elif harm == "another's":
            patch = {"metadata": {"annotations": {"mlgitops.dev/inventory": "shop/prod/aws"}}}
        api.request("PATCH", path, patch, content_type="application/merge-patch+json")
    with pytest.raises(TargetError, match=r"is gone, but at least 3 of its objects are here|is corrupt") as caught:
        target.plan(target.make("a"))
    assert caught.value.help == "mlgitops inventory rebuild --env dev --target aws"
    rebuilt = target.connect().rebuild_inventory().inventory
    assert set(rebuilt.entries) == set(map(identity, desired))
    with target.plane.audit.recording() as recorded:
        assert target.apply(*desired).succeeded
    assert [event for event in recorded.mutating() if event.verb == "delete"] == []
    assert target.plan(*desired).is_empty


def test_a_large_inventory_is_stored_compressed_and_read_back(target: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(applyset, "PLAIN_BYTES", 100)
    desired = [target.make(f"c{number}") for number in range(5)]
    target.apply(*desired)
    assert "binaryData" in target.plane.api.get(target.inventory_path)
    assert target.plan(*desired).is_empty
    assert target.plan(*desired[:4]).targets[0].pending[0].action is Action.DELETE
