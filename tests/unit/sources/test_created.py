"""New files are written all or none, and nothing that is there is touched."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlgitops.errors import SourceError
from mlgitops.sources.created import create, in_the_way


def names(root: Path) -> list[str]:
    return sorted(path.relative_to(root).as_posix() for path in root.rglob("*"))


def test_files_are_written_with_their_folders(tmp_path: Path) -> None:
    create(tmp_path / "new/project", {"a.txt": "x\n", "b/c/d.txt": "é\n"})
    assert (tmp_path / "new/project/b/c/d.txt").read_bytes() == "é\n".encode()


def test_a_file_in_the_way_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "b/there.txt").write_text("mine")
    with pytest.raises(SourceError, match=r"there\.txt cannot be written"):
        create(tmp_path, {"a.txt": "x", "b/new/x.txt": "x", "b/there.txt": "x"})
    assert names(tmp_path) == ["b", "b/there.txt"]
    assert (tmp_path / "b/there.txt").read_text() == "mine"


def test_a_file_where_a_folder_is_to_be_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "models").write_text("mine")
    with pytest.raises(SourceError):
        create(tmp_path, {"a.txt": "x", "models/x.yaml": "x"})
    assert names(tmp_path) == ["models"]


def test_a_folder_that_is_a_link_is_not_written_through(tmp_path: Path) -> None:
    outside, root = tmp_path / "outside", tmp_path / "project"
    outside.mkdir()
    root.mkdir()
    (root / "models").symlink_to(outside)
    with pytest.raises(SourceError, match="is a link"):
        create(root, {"a.txt": "x", "models/x.yaml": "x"})
    assert names(outside) == []
    assert names(root) == ["models"]


def test_a_link_that_leads_nowhere_is_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("nowhere")
    assert in_the_way(tmp_path, ["a", "b"]) == ["a"]
