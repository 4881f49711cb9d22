from __future__ import annotations

import os
from pathlib import Path

import pytest

from mlgitops.errors import TargetError
from mlgitops.targets import files


def test_a_written_file_has_the_content_and_the_mode_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    files.write_atomically(path, b"old")
    files.write_atomically(path, b"new", mode=0o600)
    assert files.read(path) == b"new"
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_a_write_that_fails_leaves_the_old_content_and_nothing_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    path = tmp_path / "a"
    files.write_atomically(path, b"old")
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(TargetError, match=r"cannot write .*a: No space left on device"):
        files.write_atomically(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_nothing_is_no_content(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    assert files.read(tmp_path / "missing") is None
    assert files.read(tmp_path / "file" / "below") is None
    assert files.read(tmp_path / "file") == b""


def test_only_regular_files_of_a_bounded_size_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "real").write_bytes(b"12345")
    (tmp_path / "link").symlink_to("real")
    (tmp_path / "dangling").symlink_to("nowhere")
    os.mkfifo(tmp_path / "pipe")
    for name, message in [
        ("link", "symbolic link"),
        ("dangling", "symbolic link"),
        ("pipe", "regular"),
        (".", "regular"),
    ]:
        with pytest.raises(TargetError, match=message):
            files.read(tmp_path / name)
    monkeypatch.setattr(files, "LARGEST", 4)
    with pytest.raises(TargetError, match="larger than 4 bytes"):
        files.read(tmp_path / "real")


def test_a_write_replaces_a_link_and_does_not_follow_it(tmp_path: Path) -> None:
    (tmp_path / "real").write_bytes(b"old")
    (tmp_path / "link").symlink_to("real")
    files.write_atomically(tmp_path / "link", b"new")
    assert (tmp_path / "real").read_bytes() == b"old"


def test_removing_the_last_file_removes_its_folder(tmp_path: Path) -> None:
    folder = tmp_path / "ml"
    files.make_folder(folder)
    for name in "ab":
        files.write_atomically(folder / name, b"")
    files.remove(folder / "a")
    assert folder.is_dir()
    files.remove(folder / "b")
    assert not folder.exists()
    with pytest.raises(TargetError, match="cannot remove"):
        files.remove(folder / "b")
