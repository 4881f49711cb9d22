"""What a contract test does to any forge, and looks at, apart from the adapter that it tests."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from mlgitops.forges import Forge, open_forge
from tests.fakes.azure_devops import FakeAzureDevOps
from tests.fakes.github import FakeGitHub
from tests.fakes.gitlab import FakeGitLab
from tests.fakes.hub import REVIEWER, SECOND_REVIEWER, STRANGER, TOKEN

Fake = FakeGitHub | FakeGitLab | FakeAzureDevOps
FAKES: dict[str, tuple[type[Fake], str]] = {
    "github": (FakeGitHub, "acme/shop"),
    "gitlab": (FakeGitLab, "acme/ml/shop"),
    "azureDevOps": (FakeAzureDevOps, "acme/ml/shop"),
}


class Scene(Protocol):
    """One forge with one repository, whose branch ``main`` is there. ``reviewers`` are two users but ours."""

    kind: str
    reviewers: tuple[str, str]

    def forge(self) -> Forge:
        """The forge, opened anew as another process would."""

    def push(self, branch: str) -> str:
        """A new commit on a branch, made from ``main`` where it is not there; its id."""

    def conflict(self, branch: str) -> str:
        """A new commit on a branch that conflicts with ``main``; its id."""

    def approve(self, number: int) -> None:
        """The first reviewer approves of a pull request as it is now."""

    def comments(self, number: int) -> Sequence[str]:
        """The bodies of its comments."""

    def statuses(self, commit: str) -> dict[str, str]:
        """The statuses of a commit by context, in the forge's own words."""

    def open_numbers(self) -> Sequence[int]:
        """The numbers of all open pull requests."""

    def main(self) -> str:
        """The commit that ``main`` is at."""


class PublicScene(Scene, Protocol):
    """A forge that strangers can reach."""

    def intrude(self, number: int, body: str) -> None:
        """Somebody else comments."""

    def fork_pull(self, branch: str) -> int:
        """Somebody else opens a pull request from a fork's branch of that name; its number."""


class FakeScene:
    """A fake server, the adapter pointed at it."""

    reviewers = (REVIEWER, SECOND_REVIEWER)

    def __init__(self, kind: str, server: Fake) -> None:
        self.kind = kind
        self.server = server
        self.hub = server.hub

    def forge(self) -> Forge:
        settings = {"kind": self.kind, "url": self.server.url, "repository": FAKES[self.kind][1], "tokenFrom": "TOKEN"}
        return open_forge(settings, {"TOKEN": TOKEN}, Path("/"))

    def push(self, branch: str) -> str:
        return self.hub.push(branch)

    def conflict(self, branch: str) -> str:
        self.hub.conflicting.add(branch)
        return self.hub.push(branch)

    def approve(self, number: int) -> None:
        pull = self.hub.pull(number)
        pull.approvals.append((REVIEWER, pull.head))

    def comments(self, number: int) -> list[str]:
        return [comment.body for comment in self.hub.pull(number).comments]

    def statuses(self, commit: str) -> dict[str, str]:
        return {context: status[0] for context, status in self.hub.statuses.get(commit, {}).items()}

    def open_numbers(self) -> list[int]:
        return [pull.number for pull in self.hub.of("open")]

    def main(self) -> str:
        return self.hub.branches["main"]

    def intrude(self, number: int, body: str) -> None:
        """Somebody else comments."""
        self.hub.comment(number, STRANGER, body)

    def fork_pull(self, branch: str) -> int:
        """Somebody else opens a pull request from a fork's branch of that name."""
        return self.hub.fork_pull(branch)
