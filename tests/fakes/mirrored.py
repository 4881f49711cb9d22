"""A fake forge over a real bare repository: its branches and commits are those that were pushed there."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.fakes.hub import Hub, Pull


class Commits:
    """The commits of a repository, as far as one asks whether one is there."""

    def __init__(self, git_dir: Path) -> None:
        self._git_dir = git_dir

    def __contains__(self, commit: str) -> bool:
        found = subprocess.run(["git", "cat-file", "-e", f"{commit}^{{commit}}"], cwd=self._git_dir, check=False)
        return found.returncode == 0


class MirroredHub(Hub):
    """``git_dir`` is the bare repository. Pull requests follow their branches, as in a forge; nothing is merged."""

    def __init__(self, git_dir: Path) -> None:
        self._git_dir = git_dir
        self._pulls: list[Pull] = []
        super().__init__()
        self.commits = Commits(git_dir)  # type: ignore[assignment]

    @property
    def branches(self) -> dict[str, str]:
        """The heads of all branches."""
        listed = subprocess.run(
            ["git", "for-each-ref", "--format=%(refname:lstrip=2) %(objectname)", "refs/heads"],
            cwd=self._git_dir, check=True, capture_output=True, text=True,
        )  # fmt: skip
        return dict(line.split(" ") for line in listed.stdout.splitlines())

    @branches.setter
    def branches(self, made: dict[str, str]) -> None:
        """The hub's own are not wanted."""

    @property
    def pulls(self) -> list[Pull]:
        """All of them, the open ones at their branches' heads."""
        heads = self.branches
        for pull in self._pulls:
            if pull.state == "open" and not pull.from_fork:
                pull.head = heads.get(pull.branch, pull.head)
        return self._pulls

    @pulls.setter
    def pulls(self, made: list[Pull]) -> None:
        """The hub's own are not wanted."""
