"""Somebody who works with a repository of a real Gitea: a user with a home, a clone and a token of their own."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from tests.testbed.command import Command, Ran
from tests.testbed.errors import TestbedError
from tests.testbed.gitea.server import Gitea, User

LOOKING = {"mlgitops.workflows.promotion.proposal.POLL_SECONDS": 0.1}
"""Between looks whether another run opens a pull request: here there is one only where a test begins it."""
_NOT_THEIRS = ("MLGITOPS_", "GITEA_", "GIT_")


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

    def start(self, *arguments: str, constants: Mapping[str, float] = LOOKING, **environment: str) -> Command:
        """mlgitops, as a process of its own that goes on running; ``constants`` are as a ``Command`` takes them."""
        said = Path(self.environment["HOME"]) / "said" / uuid4().hex
        said.mkdir(parents=True)
        return Command(arguments, self.root, {**self.environment, **environment}, said, constants)

    def run(self, *arguments: str, **environment: str) -> Ran:
        """mlgitops, until it ends."""
        return self.start(*arguments, constants=LOOKING, **environment).ended()

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
