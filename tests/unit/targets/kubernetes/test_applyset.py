from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlgitops.errors import TargetError
from mlgitops.manifest import Identity, Manifest
from mlgitops.targets import Inventory, InventoryEntry
from mlgitops.targets.kubernetes import applyset

ID = "shop/dev/aws"
NAMES = st.from_regex(r"[a-z]([-a-z0-9]{0,50}[a-z0-9])?", fullmatch=True)
TEXTS = st.text(st.characters(blacklist_categories=["Cs"]), max_size=20)
ENTRIES = st.builds(
    InventoryEntry, st.builds(Identity, TEXTS, TEXTS, TEXTS, TEXTS), TEXTS, TEXTS, TEXTS, TEXTS, TEXTS
)  # fmt: skip


def stored(inventory: Inventory) -> Manifest:
    """The ConfigMap as the API would give it back."""
    made = applyset.to_config_map(inventory, "ml")
    made["metadata"]["resourceVersion"] = "7"
    return made


def inventory(*entries: InventoryEntry) -> Inventory:
    return Inventory(ID, {entry.identity: entry for entry in entries}, "c1", "2026-01-01T00:00:00Z")


def generations(inventory: Inventory) -> dict[Identity, str]:
    """What the entries say beyond what makes two of them equal."""
    return {one: entry.generation for one, entry in inventory.entries.items()}


def test_an_id_is_the_one_that_kubectl_gives() -> None:
    made = applyset.applyset_id("my-set", "test", "Secret")
    assert made == "applyset-0eFHV8ySqp7XoShsGvyWFQD3s96yqwHmzc4e0HR1dsY-v1"
    assert len(made) <= 63


@given(NAMES, NAMES, NAMES)
def test_a_name_is_one_that_the_api_takes(project: str, environment: str, target: str) -> None:
    name = applyset.name_of(f"{project}/{environment}/{target}")
    assert re.fullmatch(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?", name)
    assert len(name) <= 63


def test_inventories_whose_parts_join_alike_have_different_names() -> None:
    assert applyset.name_of("shop/a-b/c") != applyset.name_of("shop/a/b-c")
    assert applyset.name_of("one/dev/aws") != applyset.name_of("two/dev/aws")


@given(st.lists(ENTRIES, max_size=5))
def test_an_inventory_is_read_back_as_it_was(entries: list[InventoryEntry]) -> None:
    before = inventory(*entries)
    after = applyset.from_config_map(stored(before), ID)
    assert (after.entries, after.commit, after.applied_at, after.revision) == (
        before.entries, before.commit, before.applied_at, "7"
    )  # fmt: skip
    assert generations(after) == generations(before)


def test_the_commit_of_an_apply_under_way_is_read_back_and_part_of_the_checksum() -> None:
    before = replace(inventory(), applied_at="", begun="c2")
    found = stored(before)
    assert applyset.from_config_map(found, ID).begun == "c2"
    found["metadata"]["annotations"][applyset.ANNOTATION_BEGUN] = "c1"
    with pytest.raises(ValueError, match="checksum"):
        applyset.from_config_map(found, ID)


def test_many_entries_are_compressed_and_read_back() -> None:
    entries = [InventoryEntry(Identity("", "ConfigMap", "ml", f"name-{n}"), "sha256:" + "0" * 64) for n in range(3000)]
    made = stored(inventory(*entries))
    assert "entries" not in made["data"]
    assert len(made["binaryData"]["entries"]) < 100_000
    assert len(applyset.from_config_map(made, ID).entries) == 3000


def test_more_entries_than_fit_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(applyset, "PLAIN_BYTES", 0)
    monkeypatch.setattr(applyset, "LARGEST_BYTES", 50)
    with pytest.raises(TargetError, match="too large"):
        stored(inventory(InventoryEntry(Identity("", "ConfigMap", "ml", "a"), "d")))


def test_a_parent_names_the_kinds_and_other_namespaces_of_its_members() -> None:
    entries = [
        InventoryEntry(Identity(group, kind, namespace, "a"), "d")
        for group, kind, namespace in [
            ("apps", "Deployment", "ml"), ("", "ConfigMap", "ml"), ("", "ConfigMap", "other"), ("", "Namespace", "")
        ]
    ]  # fmt: skip
    annotations = stored(inventory(*entries))["metadata"]["annotations"]
    assert annotations["applyset.kubernetes.io/contains-group-kinds"] == "ConfigMap,Deployment.apps,Namespace"
    assert annotations["applyset.kubernetes.io/additional-namespaces"] == "other"


def test_a_parent_does_not_carry_the_labels_by_which_members_are_found() -> None:
    found = stored(inventory())["metadata"]["labels"]
    assert not [key for key in found if key in applyset.selector(ID)]


def edited(made: Manifest, *path: Any, value: Any) -> Manifest:
    *parents, last = path
    place: Any = made
    for part in parents:
        place = place[part]
    place[last] = value
    return made


@pytest.mark.parametrize(
    ("path", "value", "reason"),
    [
        (("data", "entries"), "[]", "checksum"),
        (("data", "formatVersion"), "2.0", "format version"),
        (("metadata", "annotations", "mlgitops.dev/commit"), "c2", "checksum"),
        (("metadata", "annotations", "mlgitops.dev/inventory"), "shop/prod/aws", "another inventory"),
        (("metadata", "labels", "applyset.kubernetes.io/id"), "applyset-x-v1", "does not fit"),
        (("metadata", "name"), "copied", "does not fit"),
    ],
)
def test_an_inventory_that_was_edited_is_noticed(path: tuple[str, ...], value: str, reason: str) -> None:
    made = stored(inventory(InventoryEntry(Identity("", "ConfigMap", "ml", "a"), "d")))
    with pytest.raises(ValueError, match=reason):
        applyset.from_config_map(edited(made, *path, value=value), ID)
