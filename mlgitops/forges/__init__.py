"""Where pull requests live: the protocol that every kind of forge satisfies, and how one is opened.

Numbers are the forge's own pull request numbers, commits are full hexadecimal ids, users are login names. Every method
raises ``NotAuthorisedError`` where the forge says no to the token, and ``ForgeError`` for whatever else fails.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol


class State(StrEnum):
    """Whether a pull request still waits, and how it ended."""

    OPEN = "open"
    MERGED = "merged"
    CLOSED = "closed"


class CommitState(StrEnum):
    """A commit status. ``ERROR`` is for a check that could not be made, ``FAILURE`` for one that said no."""

    PENDING = "pending"
    SUCCESS = "success"
    FAILURE = "failure"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class TextLimits:
    """The most characters that a forge takes. An adapter cuts what is longer, at a line, and says so in the text."""

    title: int
    body: int
    comment: int
    description: int  # of a commit status


@dataclass(frozen=True, slots=True)
class PullRequest:
    """A pull request as the forge tells it.

    ``mergeable`` tells whether the branch goes in without a conflict, None while the forge is still finding out.
    ``approved_by`` holds who approves of its head commit, as far as the forge tells: not who took it back, was
    dismissed, or saw an older commit. ``merge_commit`` is the commit by which it entered the base branch, empty unless
    it is merged.
    """

    number: int
    url: str
    title: str
    body: str
    branch: str
    base: str
    head_commit: str
    state: State
    mergeable: bool | None = None
    approved_by: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    merge_commit: str = ""
    author: str = ""
    reviewers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NewPullRequest:
    """What a pull request is opened with: ``branch`` is pushed already, and goes into ``base``."""

    title: str
    body: str
    branch: str
    base: str
    labels: tuple[str, ...] = ()
    reviewers: tuple[str, ...] = ()


class Forge(Protocol):
    """One repository at one forge. ``tests/contract/forge`` states what each kind does."""

    @property
    def limits(self) -> TextLimits:
        """How much text it takes."""

    def find(self, branch: str) -> PullRequest | None:
        """The open pull request from a branch of this repository (not of a fork) into the protected branch.

        The oldest one where a race has made several; ``open`` withdraws the others.
        """

    def open(self, request: NewPullRequest) -> PullRequest:
        """Opens a pull request; the one that is open already where another run was faster, unchanged.

        Labels that do not exist are made where the forge has them in a list. A reviewer that the forge does not know
        raises ``ForgeError`` after the pull request is open, so that a second run finds it.
        """

    def update(
        self, number: int, title: str, body: str, labels: tuple[str, ...], reviewers: tuple[str, ...]
    ) -> PullRequest:
        """Sets title and body; adds labels and reviewers, and takes nobody's own labels or reviewers away."""

    def comment(self, number: int, marker: str, text: str) -> None:
        """Writes our comment of that marker, or rewrites it in place.

        ``marker`` is a short name such as ``gates``, kept in the comment where readers do not see it. A comment by
        somebody else that carries the same marker is not ours and is left alone.
        """

    def status(self, commit: str, context: str, state: CommitState, description: str, url: str) -> None:
        """Sets the status of a commit, in place of an earlier one of the same context. ``url`` may be empty."""

    def pull_request(self, number: int) -> PullRequest:
        """A pull request in any state, with who approved of it."""

    def merge(self, number: int, head_commit: str) -> PullRequest:
        """Merges by a merge commit, only while the branch is at ``head_commit`` and the forge's rules allow it.

        Raises ``ForgeError`` where the branch has moved, conflicts, or lacks what its protection asks for.
        """


def open_forge(settings: Mapping[str, Any], environment: Mapping[str, str], root: Path) -> Forge:
    """Opens a Project's forge block (as in YAML: kind, url, repository, branch, tokenFrom). Nothing is sent by opening.

    ``root`` is the project's root, to which a local forge's relative path belongs. The token is read from
    ``environment``, else asked of Git's credential helpers when it is first needed.

    Raises ``ForgeError`` for a block that names no repository, and ``NotAuthorisedError`` where there is no token.
    """
    from mlgitops.forges.opening import open_configured

    return open_configured(settings, environment, root)
