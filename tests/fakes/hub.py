"""The state behind every fake forge: branches, pull requests, comments, statuses. The fakes give it their shapes."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

ME = "release-bot"
REVIEWER = "ana"
SECOND_REVIEWER = "ben"
STRANGER = "mallory"
USERS = {ME: 101, REVIEWER: 102, SECOND_REVIEWER: 103, STRANGER: 104}
TOKEN = "fake-token-7c1e9a40d2"


class RefusedByHubError(Exception):
    """What the fake answers instead: an HTTP status and words."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status = status
        self.words = words


@dataclass
class Comment:
    """A comment; ``id`` is unique in the hub."""

    id: int
    author: str
    body: str


@dataclass
class Pull:
    """A pull request; ``state`` is open, merged or closed."""

    number: int
    author: str
    title: str
    body: str
    branch: str
    base: str
    head: str
    state: str = "open"
    from_fork: bool = False
    checks: int = 0
    merge_commit: str = ""
    labels: list[str] = field(default_factory=list)
    reviewers: list[str] = field(default_factory=list)
    approvals: list[tuple[str, str]] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)


class Hub:
    """One repository."""

    def __init__(self) -> None:
        self.branches = {"main": new_commit()}
        self.commits = set(self.branches.values())
        self.pulls: list[Pull] = []
        self.statuses: dict[str, dict[str, tuple[str, str, str]]] = {}
        self.conflicting: set[str] = set()
        self._last_comment = 1000

    def push(self, branch: str) -> str:
        """A new commit on a branch, which is made where it is not there."""
        commit = new_commit()
        self.branches[branch] = commit
        self.commits.add(commit)
        for pull in self.pulls:
            if pull.branch == branch and pull.state == "open" and not pull.from_fork:
                pull.head = commit
        return commit

    def fork_pull(self, branch: str) -> int:
        """A pull request by a stranger from a fork's branch of that name."""
        pull = Pull(len(self.pulls) + 1, STRANGER, "mine", "", branch, "main", new_commit(), from_fork=True)
        self.pulls.append(pull)
        return pull.number

    def pull(self, number: int) -> Pull:
        """Raises 404 for a number that is not there."""
        if not 0 < number <= len(self.pulls):
            raise RefusedByHubError(404, "Not Found")
        return self.pulls[number - 1]

    def open(self, title: str, body: str, branch: str, base: str, duplicate: RefusedByHubError) -> Pull:
        """A new pull request of ours, unless its branch has an open one already."""
        if branch not in self.branches or base not in self.branches:
            raise RefusedByHubError(422, f"the branch {branch} or {base} is invalid")
        if any((pull.branch, pull.base, pull.from_fork) == (branch, base, False) for pull in self.of("open")):
            raise duplicate
        pull = Pull(len(self.pulls) + 1, ME, title, body, branch, base, self.branches[branch])
        self.pulls.append(pull)
        return pull

    def of(self, state: str) -> list[Pull]:
        """The pull requests in a state."""
        return [pull for pull in self.pulls if pull.state == state]

    def comment(self, number: int, author: str, body: str) -> Comment:
        """A new comment."""
        self._last_comment += 1
        comment = Comment(self._last_comment, author, body)
        self.pull(number).comments.append(comment)
        return comment

    def rewrite(self, comment_id: int, author: str, body: str) -> Comment:
        """A comment with other text, by its author alone."""
        found = next((each for pull in self.pulls for each in pull.comments if each.id == comment_id), None)
        if found is None:
            raise RefusedByHubError(404, "Not Found")
        if found.author != author:
            raise RefusedByHubError(403, "Forbidden")
        found.body = body
        return found

    def status(self, commit: str, context: str, state: str, description: str, url: str) -> None:
        """Sets a status. Raises 422 for a commit that is not there."""
        if commit not in self.commits:
            raise RefusedByHubError(422, f"No commit found for SHA: {commit}")
        self.statuses.setdefault(commit, {})[context] = (state, description, url)

    def merge(self, number: int, head: str) -> Pull:
        """Merges a pull request whose branch is still at ``head``. Raises 405 or 409."""
        pull = self.pull(number)
        if pull.state != "open" or pull.branch in self.conflicting:
            raise RefusedByHubError(405, "Pull Request is not mergeable")
        if pull.head != head:
            raise RefusedByHubError(409, "Head branch was modified. Review and try the merge again.")
        pull.merge_commit = self.push("main")
        pull.state = "merged"
        return pull

    def require_users(self, names: list[str]) -> None:
        """Raises 422 for somebody unknown."""
        if unknown := [name for name in names if name not in USERS]:
            raise RefusedByHubError(422, f"Reviews may only be requested from collaborators, not from {unknown[0]}")


def new_commit() -> str:
    """A commit id that no other has."""
    return secrets.token_hex(20)
