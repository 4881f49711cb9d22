from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from mlgitops.manifest import Identity, Manifest
from mlgitops.targets import Inventory, InventoryEntry, Live, belongs_to, content_digest, owner_of
from mlgitops.targets.inventory_file import InventoryFile, dump, load

ONE = Identity("g", "Kind", "ns", "a")
INVENTORY = Inventory("shop/dev/aws", {ONE: InventoryEntry(ONE, "sha256:d", "Model/a")}, "c1", "2026-01-01T00:00:00Z")


def test_the_version_moves_with_everything_that_the_inventory_says() -> None:
    entry = INVENTORY.entries[ONE]
    others = [
        replace(INVENTORY, commit="c2"),
        replace(INVENTORY, applied_at=""),
        replace(INVENTORY, begun="c2"),
        replace(INVENTORY, entries={}),
        replace(INVENTORY, entries={ONE: replace(entry, digest="sha256:e")}),
        replace(INVENTORY, entries={ONE: replace(entry, owner="Model/b")}),
        replace(INVENTORY, entries={ONE: replace(entry, run="started sha256:d")}),
    ]
    assert len({INVENTORY.version, *(other.version for other in others)}) == len(others) + 1
    assert replace(INVENTORY).version == INVENTORY.version


def test_the_commit_is_no_content(make: Callable[..., Manifest]) -> None:
    plain, stamped, other, empty = make("a"), make("a"), make("a"), make("a")
    stamped["metadata"]["annotations"] = {"mlgitops.dev/source-commit": "c1"}
    other["metadata"]["annotations"] = {"mlgitops.dev/source-commit": "c1", "more": "x"}
    empty["metadata"]["annotations"] = {}
    assert content_digest(plain) == content_digest(stamped) == content_digest(empty)
    assert content_digest(other) != content_digest(plain)
    assert stamped["metadata"]["annotations"]


def test_a_live_object_is_read_once_and_only_when_asked(make: Callable[..., Manifest]) -> None:
    reads = []

    def read() -> Manifest:
        reads.append(1)
        return make("a")

    live = Live("sha256:d", read)
    assert not reads
    assert live.manifest is live.manifest
    assert reads == [1]


def test_labels_tell_owner_and_inventory(make: Callable[..., Manifest]) -> None:
    manifest = make("a")
    assert belongs_to(manifest, "shop/dev/aws")
    assert not belongs_to(manifest, "shop/prod/aws")
    assert not belongs_to({"kind": "ConfigMap"}, "shop/dev/aws")
    assert owner_of(manifest) == "Model/iris"
    assert owner_of({"metadata": {"labels": {"mlgitops.dev/pipeline": "train"}}}) == "Pipeline/train"
    assert owner_of({"metadata": {}}) == "Environment/overlay"


def test_an_inventory_survives_its_file() -> None:
    file = InventoryFile(INVENTORY, {"ns/kind.g_a.yaml": "00"}, "sha256:h")
    assert load(dump(file), "shop/dev/aws") == file


def test_the_commit_of_an_apply_under_way_survives_its_file() -> None:
    file = InventoryFile(replace(INVENTORY, applied_at="", begun="c2"))
    assert load(dump(file), "shop/dev/aws") == file


def test_the_mark_of_a_run_survives_its_file() -> None:
    marked = {ONE: replace(INVENTORY.entries[ONE], run="succeeded sha256:d")}
    file = InventoryFile(replace(INVENTORY, entries=marked))
    assert load(dump(file), "shop/dev/aws") == file


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (b"sha256:d", b"sha256:e", "checksum"),
        (b'"1.0"', b'"2.0"', "format version"),
        (b"{", b"[", "unexpected|JSON|invalid"),
        (b"shop/dev/aws", b"shop/dev/gcp", "checksum"),
    ],
)
def test_a_changed_file_is_refused(old: bytes, new: bytes, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        load(dump(InventoryFile(INVENTORY)).replace(old, new, 1), "shop/dev/aws")


def test_another_inventorys_file_is_refused() -> None:
    with pytest.raises(ValueError, match="another inventory's"):
        load(dump(InventoryFile(INVENTORY)), "shop/prod/aws")
