"""Merges without a work tree."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from mlgitops.errors import ToolError
from mlgitops.tools import git_merge


def git(directory: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=directory, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def commit(root: Path, path: str, content: str) -> str:
    (root / path).write_text(content)
    git(root, "add", path)
    git(root, "commit", "-q", "-m", path)
    return git(root, "rev-parse", "HEAD")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository whose branches ``main`` and ``side`` have each changed another file since they parted."""
    git(tmp_path, "init", "-q", "-b", "main")
    commit(tmp_path, "shared.txt", "first")
    git(tmp_path, "checkout", "-q", "-b", "side")
    commit(tmp_path, "side.txt", "side")
    git(tmp_path, "checkout", "-q", "main")
    commit(tmp_path, "main.txt", "main")
    return tmp_path


def heads(root: Path) -> tuple[str, str]:
    return git(root, "rev-parse", "main"), git(root, "rev-parse", "side")


def test_a_merged_tree_has_what_both_have(root: Path) -> None:
    tree = git_merge.merged_tree(root / ".git", *heads(root))
    assert git(root, "ls-tree", "--name-only", tree).split() == ["main.txt", "shared.txt", "side.txt"]


def test_a_conflict_has_no_tree(root: Path) -> None:
    commit(root, "side.txt", "main's own")
    assert git_merge.merged_tree(root / ".git", *heads(root)) == ""


def test_a_commit_that_is_not_there_is_an_error(root: Path) -> None:
    with pytest.raises(ToolError):
        git_merge.merged_tree(root / ".git", heads(root)[0], "0" * 40)


def test_a_merge_is_found_by_what_it_brought_in(root: Path) -> None:
    main, side = heads(root)
    tree = git_merge.merged_tree(root / ".git", main, side)
    merge = git_merge.write_merge(root / ".git", tree, (main, side), "Merge side\n", ("Ada", "ada@example.com"))
    assert (
        git(root, "show", "-s", "--format=%P|%an <%ae>|%s", merge) == f"{main} {side}|Ada <ada@example.com>|Merge side"
    )
    assert git_merge.merge_of(root / ".git", merge, side) == merge
    assert git_merge.merge_of(root / ".git", merge, main) == ""
    assert git_merge.merge_of(root / ".git", main, side) == ""
    assert heads(root) == (main, side)


def test_a_merge_into_another_branch_first_does_not_count(root: Path) -> None:
    git(root, "checkout", "-q", "-b", "other", "main~1")
    git(root, "merge", "-q", "--no-ff", "-m", "into other", "side")
    git(root, "checkout", "-q", "main")
    git(root, "merge", "-q", "--no-ff", "-m", "into main", "other")
    assert git_merge.merge_of(root / ".git", heads(root)[0], heads(root)[1]) == ""


def test_whoever_git_does_not_know_is_the_tool(root: Path, home: Path) -> None:
    (home / ".gitconfig").write_text("")
    assert git_merge.identity(root / ".git") == git_merge.FALLBACK
