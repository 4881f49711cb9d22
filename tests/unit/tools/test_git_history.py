"""A branch's history, read so that no text in it can pass for something else."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from mlgitops.errors import ToolError
from mlgitops.tools import git_history, git_refs
from mlgitops.tools.git_objects import Author, write_commit

TIME = "2026-01-01T00:00:00Z"


def run(repository: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=repository, check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.fixture
def store(tmp_path: Path) -> Path:
    git_refs.make_bare(tmp_path / "store.git")
    return tmp_path / "store.git"


@pytest.fixture
def merged(store: Path) -> tuple[str, str, str, str]:
    """A first commit, one beside the folder, one on a branch, and the merge of that."""
    first = write_commit(store, "", {"e/a": b"1", "x": b"1"}, Author("first\n", TIME))
    other = write_commit(store, first, {"x": b"2"}, Author("other\n", TIME))
    branch = write_commit(store, first, {"e/a": b"2", "e/b\n:": b""}, Author("branch\n", TIME))
    merge = write_commit(store, other, {"e/a": b"2", "e/b\n:": b""}, Author("merge\n", TIME, (other, branch)))
    return first, other, branch, merge


def test_the_first_parent_line_has_what_changed_in_a_folder(store: Path, merged: tuple[str, str, str, str]) -> None:
    first, other, branch, merge = merged
    found = git_history.first_parents(store, merge, "e")
    assert [(message.commit, message.parents, message.text) for message, _ in found] == [
        (merge, (other, branch), "merge\n"), (first, (), "first\n"),
    ]  # fmt: skip
    assert [[change.path for change in changes] for _, changes in found] == [["e/a", "e/b\n:"], ["e/a"]]
    assert [changes[0].old == "" for _, changes in found] == [False, True]
    assert (found[0][0].time, found[0][0].author) == ("2026-01-01T00:00:00+00:00", "Test <test@example.com>")


def test_a_merge_brought_what_its_first_parent_had_not(store: Path, merged: tuple[str, str, str, str]) -> None:
    first, other, branch, merge = merged
    assert {one.commit for one in git_history.brought_by(store, merge)} == {branch, merge}
    assert [one.commit for one in git_history.brought_by(store, first)] == [first]
    assert git_history.is_ancestor(store, branch, merge)
    assert not git_history.is_ancestor(store, branch, other)
    assert git_history.message_of(store, branch).text == "branch\n"


def test_no_message_can_pass_for_another_commit(store: Path) -> None:
    forged = "x\x1e" + "f" * 40 + "\x1f\x1fG\n\ncommit " + "a" * 40 + "\n:100644 100644 1 2 M\te/a\n"
    first = write_commit(store, "", {"e/a": b"1"}, Author("first\n", TIME))
    second = write_commit(store, first, {"e/a": b"2"}, Author(forged, TIME))
    found = git_history.first_parents(store, second, "e")
    assert [(message.commit, len(changes)) for message, changes in found] == [(second, 1), (first, 1)]
    assert [one.signature for one in git_history.brought_by(store, second, signatures=True)] == ["N"]


def test_settings_of_the_users_change_nothing(store: Path, merged: tuple[str, str, str, str], home: Path) -> None:
    before = git_history.first_parents(store, merged[3], "e")
    with (home / ".gitconfig").open("a") as file:
        file.write("[log]\nshowSignature = true\ndiffMerges = separate\nmailmap = true\n")
        file.write("[diff]\nnoprefix = true\nrenames = copies\n")
    assert git_history.first_parents(store, merged[3], "e") == before


def test_a_history_that_is_not_whole_is_refused(store: Path, merged: tuple[str, str, str, str], tmp_path: Path) -> None:
    run(store, "update-ref", "refs/heads/main", merged[3])
    run(tmp_path, "clone", "--quiet", "--bare", "--depth", "1", store.as_uri(), "shallow.git")
    with pytest.raises(ToolError, match="shallow"):
        git_history.first_parents(tmp_path / "shallow.git", merged[3], "e")
