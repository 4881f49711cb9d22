"""Somebody who works with a repository of a real Gitea: a user with a home, a clone and a token of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.testbed.errors import TestbedError
from tests.testbed.gitea.server import Gitea, User

_NOT_THEIRS = ("MLGITOPS_", "GITEA_", "GIT_")


@dataclass(frozen=True)
class Ran:
    """How a command ended and what it printed."""

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Person:
    """A user of Gitea with a home and a clone of their own. ``environment`` is that of the commands."""

    user: User
    root: Path
    environment: Mapping[str, str]

    @property
    def name(self) -> str:
        """The user's name."""
        return self.user.name

    @property
    def signature(self) -> str:
        """As Gitea writes who somebody is."""
        return f"{self.name} <{self.name}@example.com>"

    def git(self, *arguments: str) -> str:
        """What Git prints.

        Raises:
            TestbedError: Git failed.
        """
        command = ["git", *arguments]
        done = subprocess.run(command, cwd=self.root, env=self.environment, capture_output=True, text=True, check=False)
        if done.returncode:
            raise TestbedError(f"git {arguments[0]} failed: {done.stderr}")
        return done.stdout.strip()

    def write(self, files: Mapping[str, str]) -> None:
        """Files of the clone, ready to be committed."""
        for path, content in files.items():
            (self.root / path).parent.mkdir(parents=True, exist_ok=True)
            (self.root / path).write_text(content)
        self.git("add", "--all")

    def start(self, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        """mlgitops, as a process of its own that goes on running."""
        return subprocess.Popen(
            [sys.executable, "-m", "mlgitops", *arguments], cwd=self.root, env={**self.environment, **environment},
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    def run(self, *arguments: str, **environment: str) -> Ran:
        """mlgitops, until it ends."""
        process = self.start(*arguments, **environment)
        out, err = process.communicate()
        return Ran(process.returncode, out, err)

    def does(self, *arguments: str) -> str:
        """What mlgitops prints, where all goes well.

        Raises:
            TestbedError: it failed.
        """
        ran = self.run(*arguments)
        if ran.code:
            raise TestbedError(f"mlgitops {' '.join(arguments)} ended with {ran.code}: {ran.out}{ran.err}")
        return ran.out


def settle(server: Gitea, user: User, directory: Path, cache: Path) -> Person:
    """A user with an empty clone's place and a home in a directory; ``cache`` is shared, so that programs are found."""
    home = directory / "homes" / user.name
    home.mkdir(parents=True)
    identity = f"[user]\n    name = {user.name}\n    email = {user.name}@example.com\n"
    (home / ".gitconfig").write_text(f"{identity}[init]\n    defaultBranch = main\n{server.git_config(user)}")
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(_NOT_THEIRS)},
        "HOME": str(home), "XDG_CACHE_HOME": str(cache), "XDG_CONFIG_HOME": str(home / ".config"),
        "GIT_CONFIG_NOSYSTEM": "1", "GITEA_TOKEN": user.token, "SSL_CERT_FILE": str(server.certificate),
        "MLGITOPS_DEBUG": "1", "PYTHONPATH": str(Path.cwd()),
    }  # fmt: skip
    return Person(user, directory / "clones" / user.name, environment)
