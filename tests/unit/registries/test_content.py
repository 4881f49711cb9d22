from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from mlgitops.errors import SourceError
from mlgitops.registries.content import digest_of, directory_digest


def sha256(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()


def test_the_digest_is_that_of_the_files_digests_in_the_order_of_their_paths(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "b").write_bytes(b"first")
    (tmp_path / "a.txt").write_bytes(b"second")
    wanted = hashlib.sha256(sha256(b"first") + sha256(b"second")).hexdigest()
    assert directory_digest(tmp_path) == f"sha256:{wanted}"
    assert digest_of([("a.txt", [b"sec", b"ond"]), ("a/b", [b"first"])]) == f"sha256:{wanted}"


def test_what_belongs_to_git_does_not_count(tmp_path: Path) -> None:
    (tmp_path / "model.pkl").write_bytes(b"model")
    before = directory_digest(tmp_path)
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "HEAD").write_bytes(b"x")
    assert directory_digest(tmp_path) == before
    (tmp_path / "model.pkl").write_bytes(b"other")
    assert directory_digest(tmp_path) != before


def test_links_and_empty_directories_have_no_digest(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="there is no file"):
        directory_digest(tmp_path)
    (tmp_path / "link").symlink_to("/etc/passwd")
    with pytest.raises(SourceError, match="is a link"):
        directory_digest(tmp_path)
