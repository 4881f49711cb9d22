"""Commits made without a work tree."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from mlgitops.errors import ToolError
from mlgitops.tools import git_objects, git_refs
from mlgitops.tools.git_objects import Author

TIME = "2026-01-01T00:00:00Z"


def run(repository: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=repository, check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.fixture
def store(tmp_path: Path) -> Path:
    git_refs.make_bare(tmp_path / "cache" / "store.git")
    return tmp_path / "cache" / "store.git"


def test_a_commit_holds_the_changes_over_its_parent(store: Path) -> None:
    first = git_objects.write_commit(store, "", {"a/x.yaml": b"x\r\n\0", "b": b"", "c": b"c"}, Author("one\n", TIME))
    second = git_objects.write_commit(store, first, {"a/x.yaml": None, "c": b"d", "d/e/f": b"d"}, Author("two\n", TIME))
    contents = {path: entry.object for path, entry in git_objects.files(store, first).items()}
    assert git_objects.blobs(store, contents.values()) == {
        contents["a/x.yaml"]: b"x\r\n\0", contents["b"]: b"", contents["c"]: b"c",
    }  # fmt: skip
    assert set(git_objects.files(store, second)) == {"b", "c", "d/e/f"}
    assert set(git_objects.files(store, second, "d")) == {"d/e/f"}
    assert run(store, "log", "--format=%s %ct %an", second).splitlines() == [
        "two 1767225600 Test", "one 1767225600 Test",
    ]  # fmt: skip


def test_equal_content_gives_an_equal_commit(store: Path) -> None:
    commits = {git_objects.write_commit(store, "", {"a": b"a"}, Author("m\n", TIME)) for _ in range(2)}
    assert len(commits) == 1


def test_what_changes_nothing_is_no_commit(store: Path) -> None:
    first = git_objects.write_commit(store, "", {"a": b"a"}, Author("m\n", TIME))
    assert git_objects.write_commit(store, first, {"a": b"a", "b": None}, Author("m\n", TIME)) == ""


def test_a_commit_may_have_the_files_of_another_one_and_follow_several(store: Path) -> None:
    first = git_objects.write_commit(store, "", {"a": b"a"}, Author("one\n", TIME))
    ours = git_objects.write_commit(store, first, {"b": b"b"}, Author("two\n", TIME))
    theirs = git_objects.write_commit(store, first, {"c": b"c"}, Author("three\n", TIME))
    merged = git_objects.commit_tree(store, f"{theirs}^{{tree}}", Author("four\n", TIME, (ours, theirs)))
    assert set(git_objects.files(store, merged)) == {"a", "c"}
    assert run(store, "log", "-1", "--format=%P", merged).split() == [ours, theirs]


def test_the_last_change_of_a_file_is_dated(store: Path) -> None:
    first = git_objects.write_commit(store, "", {"a": b"a"}, Author("m\n", TIME))
    second = git_objects.write_commit(store, first, {"b": b"b"}, Author("m\n", "2026-02-01T00:00:00Z"))
    assert git_objects.commit_time(store, second, "a") == 1767225600
    assert git_objects.commit_time(store, second, "c") == 0


def test_where_git_knows_no_user_the_tool_commits_in_its_own_name(store: Path, home: Path) -> None:
    (home / ".gitconfig").unlink()
    commit = git_objects.write_commit(store, "", {"a": b"a"}, Author("m\n", TIME))
    assert run(store, "log", "-1", "--format=%an %ce", commit) == "mlgitops mlgitops@localhost"


def test_a_file_cannot_stand_where_a_folder_is_needed(store: Path) -> None:
    first = git_objects.write_commit(store, "", {"a": b"a"}, Author("m\n", TIME))
    with pytest.raises(ToolError, match="a is in the way of a/b"):
        git_objects.write_commit(store, first, {"a/b": b"b"}, Author("m\n", TIME))
    second = git_objects.write_commit(store, "", {"a/b": b"b"}, Author("m\n", TIME))
    with pytest.raises(ToolError, match="a is in the way of a"):
        git_objects.write_commit(store, second, {"a": b"b"}, Author("m\n", TIME))


def test_nothing_is_seen_before_a_ref_is_moved(store: Path) -> None:
    git_objects.write_commit(store, "", {"a": b"a"}, Author("m\n", TIME))
    assert run(store, "for-each-ref") == ""
    assert not list(store.rglob("index*"))


def test_a_commit_may_follow_others_than_the_one_whose_files_it_changes(store: Path) -> None:
    base = git_objects.write_commit(store, "", {"a": b"1", "b": b"1"}, Author("base\n", TIME))
    branch = git_objects.write_commit(store, base, {"a": b"2", "extra": b""}, Author("branch\n", TIME))
    made = git_objects.write_commit(store, base, {"a": b"3"}, Author("next\n", TIME, (branch, base)))
    assert run(store, "rev-list", "--parents", "-1", made).split() == [made, branch, base]
    assert set(git_objects.files(store, made)) == {"a", "b"}


def test_a_commit_is_signed_where_that_is_wanted_and_configured(store: Path, tmp_path: Path) -> None:
    key = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    for name, value in (("gpg.format", "ssh"), ("user.signingKey", str(key))):
        run(store, "config", name, value)
    author = Author("one\n", TIME, signed=True)
    assert "gpgsig" not in run(store, "cat-file", "commit", git_objects.write_commit(store, "", {"a": b"1"}, author))
    run(store, "config", "commit.gpgSign", "true")
    assert "gpgsig" in run(store, "cat-file", "commit", git_objects.write_commit(store, "", {"a": b"2"}, author))
    plain = git_objects.write_commit(store, "", {"a": b"3"}, Author("one\n", TIME))
    assert "gpgsig" not in run(store, "cat-file", "commit", plain)
