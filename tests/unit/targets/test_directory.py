from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from mlgitops.errors import StalePlanError, TargetError
from mlgitops.manifest import Identity, Manifest, identity
from mlgitops.targets import Inventory, InventoryEntry, content_digest, manifest_yaml, open_connection, owner_of
from mlgitops.targets.directory import DirectoryConnection

Connect = Callable[[], DirectoryConnection]
Make = Callable[..., Manifest]


def applied(*manifests: Manifest) -> Inventory:
    entries = {identity(m): InventoryEntry(identity(m), content_digest(m), owner_of(m)) for m in manifests}
    return Inventory("shop/dev/aws", entries, "c1", "2026-01-01T00:00:00Z")


def write(connection: DirectoryConnection, *manifests: Manifest) -> None:
    """Applies manifests as the workflow does, without its checks."""
    with connection.lock():
        connection.record({"event": "test"})
        for manifest in manifests:
            connection.put(manifest, "")
        connection.write_inventory(applied(*manifests))


def file_of(tmp_path: Path, name: str) -> Path:
    return tmp_path / "out" / "ml" / f"configmap_{name}.yaml"


def test_opening_and_reading_writes_nothing(tmp_path: Path, connect: Connect, make: Make) -> None:
    connection = connect()
    assert connection.inventory() == Inventory("shop/dev/aws", {})
    assert connection.live([identity(make("a"))]) == {}
    assert connection.owned() == {}
    assert list(tmp_path.iterdir()) == []


def test_what_was_put_is_live(tmp_path: Path, connect: Connect, make: Make) -> None:
    one = make("a", data={"version": "12345e6"})
    write(connect(), one)
    assert file_of(tmp_path, "a").is_file()
    live = connect().live([])
    assert {key: found.manifest for key, found in live.items()} == {identity(one): one}
    assert live[identity(one)].digest == content_digest(one)


def test_an_unchanged_file_is_known_without_parsing_it(
    connect: Connect, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unparsed(*_: Any) -> Manifest:
        pytest.fail("the file was parsed")

    write(connect(), make("a"))
    monkeypatch.setattr(manifest_yaml, "parse", unparsed)
    assert connect().live([])[identity(make("a"))].digest == content_digest(make("a"))


def test_an_edited_file_is_read(tmp_path: Path, connect: Connect, make: Make) -> None:
    write(connect(), make("a", data={"v": "1"}))
    path = file_of(tmp_path, "a")
    path.write_text(path.read_text().replace('v: "1"', 'v: "2"'))
    (live,) = connect().live([]).values()
    assert live.digest == content_digest(live.manifest) == content_digest(make("a", data={"v": "2"}))


@pytest.mark.parametrize("expected", ["", "sha256:other"])
def test_a_file_that_moved_is_neither_replaced_nor_deleted(connect: Connect, make: Make, expected: str) -> None:
    one = make("a")
    connection = connect()
    write(connection, one)
    with pytest.raises(StalePlanError, match="ml/ConfigMap/a moved"):
        connection.put(make("a", data={"v": "2"}), expected)
    with pytest.raises(StalePlanError, match="ml/ConfigMap/a moved"):
        connection.delete(identity(one), expected)
    with pytest.raises(StalePlanError, match="ml/ConfigMap/b moved"):
        connection.put(make("b"), content_digest(one))
    assert connection.live([])[identity(one)].manifest == one


def test_a_deleted_object_has_no_file_and_no_folder(tmp_path: Path, connect: Connect, make: Make) -> None:
    connection = connect()
    write(connection, make("a"))
    connection.delete(identity(make("a")), content_digest(make("a")))
    assert not (tmp_path / "out" / "ml").exists()


def test_inventories_that_share_a_directory_do_not_see_each_other(tmp_path: Path, connect: Connect, make: Make) -> None:
    other = make("theirs")
    other["metadata"]["labels"]["mlgitops.dev/environment"] = "prod"
    prod = DirectoryConnection(tmp_path / "out", "shop/prod/aws")
    with prod.lock():
        prod.put(other, "")
        assert connect().inventory().entries == {}
        write(connect(), make("ours"))
    assert set(connect().owned()) == {identity(make("ours"))}


def test_a_file_that_somebody_added_with_our_labels_is_owned(tmp_path: Path, connect: Connect, make: Make) -> None:
    write(connect(), make("a"))
    (tmp_path / "out" / "ml" / "extra.yaml").write_text(manifest_yaml.dump(make("extra")))
    (tmp_path / "out" / "ml" / "foreign.yaml").write_text("kind: List\n")
    assert set(connect().owned()) == {identity(make("a")), identity(make("extra"))}


def test_only_one_apply_holds_an_inventory(connect: Connect) -> None:
    with connect().lock(), pytest.raises(TargetError, match="another apply holds the target"), connect().lock():
        pass


def test_a_crashs_leftovers_are_tidied_by_the_next_lock(tmp_path: Path, connect: Connect, make: Make) -> None:
    write(connect(), make("a"))
    leftover = tmp_path / "out" / ".mlgitops" / "shop.dev.aws" / ".0123456789abcdef.tmp"
    leftover.write_bytes(b"half")
    with connect().lock():
        assert not leftover.exists()


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"formatVersion":"1.0"}', b"<<<<<<< HEAD\n"])
def test_a_corrupt_inventory_stops_everything_and_can_be_rebuilt(
    tmp_path: Path, connect: Connect, make: Make, content: bytes
) -> None:
    write(connect(), make("a"), make("b"))
    (tmp_path / "out" / ".mlgitops" / "shop.dev.aws" / "inventory").write_bytes(content)
    with pytest.raises(TargetError, match="is corrupt") as refused:
        connect().live([])
    assert refused.value.help == "mlgitops inventory rebuild --env dev --target aws"
    rebuilt = connect().rebuild_inventory().inventory
    assert rebuilt == connect().inventory()
    assert rebuilt.entries == applied(make("a"), make("b")).entries


def test_a_lost_inventory_is_never_taken_for_an_empty_one(tmp_path: Path, connect: Connect, make: Make) -> None:
    write(connect(), make("a"))
    (tmp_path / "out" / ".mlgitops" / "shop.dev.aws" / "inventory").unlink()
    with pytest.raises(TargetError, match="is gone, but 1 of its objects are here"):
        connect().inventory()


def test_a_rebuilt_inventory_holds_only_what_is_ours_and_in_its_place(
    tmp_path: Path, connect: Connect, make: Make
) -> None:
    theirs = make("theirs")
    theirs["metadata"]["labels"]["mlgitops.dev/project"] = "other"
    write(connect(), make("a"), theirs)
    (tmp_path / "out" / "ml" / "extra.yaml").write_text(manifest_yaml.dump(make("extra")))
    assert set(connect().rebuild_inventory().inventory.entries) == {identity(make("a"))}


@pytest.mark.parametrize("tamper", [lambda log: log[:-1], lambda log: log[1:], lambda log: []])
def test_no_apply_goes_on_over_an_audit_log_that_was_tampered_with(
    tmp_path: Path, connect: Connect, make: Make, tamper: Callable[[list[bytes]], list[bytes]]
) -> None:
    write(connect(), make("a"))
    with connect().lock():
        connect().record({"event": "again"})
        connect().write_inventory(applied(make("a")))
    log = tmp_path / "out" / ".mlgitops" / "shop.dev.aws" / "audit.jsonl"
    log.write_bytes(b"".join(tamper(log.read_bytes().splitlines(keepends=True))))
    with pytest.raises(TargetError, match="was tampered with"), connect().lock():
        pass
    log.unlink()
    connect().rebuild_inventory()
    with connect().lock():
        assert connect().audit_problems() == ()


def test_a_file_that_holds_another_object_is_refused(tmp_path: Path, connect: Connect, make: Make) -> None:
    write(connect(), make("a"))
    file_of(tmp_path, "a").write_text(manifest_yaml.dump(make("b")))
    with pytest.raises(TargetError, match="holds ml/ConfigMap/b, where ml/ConfigMap/a belongs"):
        connect().live([])


@pytest.mark.parametrize("place", ["", "ml", ".mlgitops", ".mlgitops/shop.dev.aws", "ml/configmap_a.yaml"])
def test_no_symbolic_link_is_followed(tmp_path: Path, connect: Connect, make: Make, place: str) -> None:
    write(connect(), make("a"))
    path = tmp_path / "out" / place
    elsewhere = path.rename(tmp_path / "elsewhere")
    path.symlink_to(elsewhere)
    with pytest.raises(TargetError, match="symbolic link"):
        connect().live([])
    with pytest.raises(TargetError, match="symbolic link"), connect().lock():
        connect().put(make("a", data={}), content_digest(make("a")))
    assert sorted(tmp_path.rglob("*.tmp")) == []


@pytest.mark.parametrize(
    "path", ["..", "../repo-evil", "a/../../b", ".", "./", "a/..", ".git/hooks", "a/.git", "link", "link/below"]
)
def test_a_path_that_leaves_the_project_is_refused(tmp_path: Path, path: str) -> None:
    (tmp_path / "repo").mkdir()
    (tmp_path / "repo-evil").mkdir()
    (tmp_path / "repo" / "link").symlink_to(tmp_path / "repo-evil")
    with pytest.raises(TargetError, match=r"not a directory within the project|symbolic link"):
        open_connection({"directory": {"path": path}}, tmp_path / "repo", "shop/dev/aws")


@pytest.mark.parametrize("path", ["clusters/dev", "./clusters", "{tmp}/elsewhere"])
def test_a_path_within_the_project_or_an_absolute_one_is_opened(tmp_path: Path, path: str) -> None:
    connection = open_connection({"directory": {"path": path.format(tmp=tmp_path)}}, tmp_path, "shop/dev/aws")
    assert connection.inventory().entries == {}


@pytest.mark.parametrize("connection", [{}, {"ftp": {}}, {"directory": {"path": "a"}, "git": {}}])
def test_a_connection_is_of_exactly_one_known_kind(tmp_path: Path, connection: Mapping[str, Any]) -> None:
    with pytest.raises(TargetError, match="not supported"):
        open_connection(connection, tmp_path, "shop/dev/aws")


@pytest.mark.parametrize("inventory_id", ["", "a/b", "a/b/c/d", "a/../b", "A/b/c"])
def test_an_inventorys_name_is_checked(tmp_path: Path, inventory_id: str) -> None:
    with pytest.raises(TargetError, match="project/environment/target"):
        DirectoryConnection(tmp_path, inventory_id)


def test_kinds_that_differ_by_case_only_do_not_overwrite_each_other(connect: Connect, make: Make) -> None:
    connection = connect()
    write(connection, make("a"))
    with pytest.raises(TargetError, match="where ml/Configmap/a belongs"):
        connection.put(make("a", "Configmap"), "")
    assert Identity("", "ConfigMap", "ml", "a") in connection.live([])
