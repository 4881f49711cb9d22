from __future__ import annotations

import os
from pathlib import Path

import pytest

from mlgitops.errors import SourceError
from mlgitops.sources import given
from mlgitops.sources.given import read_given


def test_files_and_folders_are_read_under_names_that_tell_nothing_of_the_machine(tmp_path: Path) -> None:
    (tmp_path / "crds" / "deep").mkdir(parents=True)
    for name in ("one.txt", "crds/b.yaml", "crds/a.json", "crds/c.yml", "crds/README.md", "crds/deep/d.yaml"):
        (tmp_path / name).write_text(name)
    read = list(read_given([tmp_path / "one.txt", tmp_path / "crds"]))
    assert [(file.name, file.named) for file in read] == [
        ("one.txt", True), ("a.json", False), ("b.yaml", False), ("c.yml", False), ("deep/d.yaml", False),
    ]  # fmt: skip
    assert read[1].content == b"crds/a.json"


def test_links_and_hidden_folders_within_a_folder_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "secret.yaml").write_text("x")
    folder = tmp_path / "crds"
    (folder / ".git").mkdir(parents=True)
    (folder / ".git" / "x.yaml").write_text("x")
    (folder / "link.yaml").symlink_to(tmp_path / "secret.yaml")
    (folder / "loop").symlink_to(folder)
    assert list(read_given([folder])) == []


def test_a_pipe_is_refused_without_waiting_for_it(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")
    with pytest.raises(SourceError, match=r"pipe\.yaml is not a file"):
        list(read_given([tmp_path]))


def test_size_and_number_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(given, "MAX_GIVEN_BYTES", 3)
    monkeypatch.setattr(given, "MAX_GIVEN_FILES", 1)
    (tmp_path / "a.yaml").write_text("1234")
    with pytest.raises(SourceError, match="more than 3 bytes"):
        list(read_given([tmp_path]))
    (tmp_path / "b.yaml").write_text("1")
    with pytest.raises(SourceError, match="more than 1 files"):
        list(read_given([tmp_path]))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"gone\.yaml cannot be read: No such file"):
        list(read_given([tmp_path / "gone.yaml"]))
