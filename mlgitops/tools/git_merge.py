"""Merging two commits in a repository without any work tree, and finding the merge by which a commit came in."""

from __future__ import annotations

import re
from pathlib import Path

from mlgitops.errors import ToolError
from mlgitops.tools.git import fed, git
from mlgitops.tools.git_objects import in_directory

_IDENTITY = re.compile(r"^(.*?) ?<([^>]*)> \d+ [-+]\d{4}$")
FALLBACK = ("mlgitops", "mlgitops@localhost")


def merged_tree(git_dir: Path, ours: str, theirs: str) -> str:
    """The tree of both commits merged; empty where they conflict. Needs Git 2.38; raises ``ToolError``."""
    arguments = ["merge-tree", "--write-tree", "--no-messages", "-z", ours, theirs]
    merged = git(arguments, git_dir, accepted=(0, 1), settings=in_directory(git_dir))
    if not merged.output:  # a conflict, too, has a tree
        raise ToolError(
            f"git merge-tree failed: {merged.errors.strip()}",
            help="git 2.38 or newer is needed; fetch both branches whole",
        )
    return merged.output.partition(b"\0")[0].decode() if merged.status == 0 else ""


def write_merge(git_dir: Path, tree: str, parents: tuple[str, str], message: str, who: tuple[str, str]) -> str:
    """A merge commit by ``who`` (name, e-mail address). No branch is moved by it."""
    name, email = who
    settings = in_directory(git_dir) | {
        "GIT_AUTHOR_NAME": name,
        "GIT_AUTHOR_EMAIL": email,
        "GIT_COMMITTER_NAME": name,
        "GIT_COMMITTER_EMAIL": email,
    }
    first, second = parents
    arguments = ["commit-tree", "-p", first, "-p", second, "-F", "-", tree]
    return fed(arguments, git_dir, message.encode(), settings).decode().strip()


def merge_of(git_dir: Path, branch_head: str, merged: str) -> str:
    """The merge commit by which ``merged`` came into a branch as its second parent; empty where it did not.

    Only the branch's own line of first parents counts.
    """
    arguments = ["rev-list", "--first-parent", "--merges", "--parents", "--end-of-options", branch_head]
    listed = git(arguments, git_dir, settings=in_directory(git_dir)).output.decode().splitlines()
    commits = (line.split(" ") for line in listed)
    return next((parts[0] for parts in commits if merged in parts[2:]), "")


def identity(git_dir: Path) -> tuple[str, str]:
    """Name and e-mail address of whoever runs this, as Git knows them; ours where it knows nobody."""
    try:
        arguments = ["-c", "user.useConfigOnly=true", "var", "GIT_COMMITTER_IDENT"]
        told = git(arguments, git_dir, settings=in_directory(git_dir)).output.decode().strip()
    except ToolError:
        return FALLBACK
    found = _IDENTITY.match(told)
    return (found[1], found[2]) if found else FALLBACK
