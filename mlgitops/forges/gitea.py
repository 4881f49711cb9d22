"""Gitea and Forgejo, by their REST API (v1)."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping
from itertools import count
from random import SystemRandom
from typing import Any

from mlgitops.forges import CommitState, NewPullRequest, PullRequest, TextLimits
from mlgitops.forges.answer import RefusedError
from mlgitops.forges.client import Client
from mlgitops.forges.gitea_pulls import is_from, pull_request, reviewed
from mlgitops.forges.once import Comment, keep_oldest, missing, open_once, write_comment
from mlgitops.forges.text import cut, line

SCOPES = "the scopes write:repository, write:issue and read:user"
LABEL_COLOUR = "#0e8a16"
_PAUSE_SECONDS = 0.5  # on average
_PASSING = {405: (40, "try again"), 409: (60, "already changed|push out of date|cannot lock ref")}
"""How often a change is sent, by the status of the refusal, and the words that say that it passes."""


def headers(token: str) -> dict[str, str]:
    """The headers that carry the token."""
    return {"Authorization": f"token {token}"}


def api(url: str) -> str:
    """Where the API is."""
    return f"{url}/api/v1"


class Gitea:
    """One repository. A reviewer with a '/' in the name (``org/team``) is a team."""

    # Neither Gitea nor Forgejo documents a limit of texts; this is what stays readable in a browser.
    limits = TextLimits(title=255, body=65_536, comment=65_536, description=255)

    def __init__(self, client: Client, repository: str, base: str) -> None:
        self._client = client
        self._base = base
        self._root = f"repos/{repository}"

    def find(self, branch: str) -> PullRequest | None:
        return self._find(branch, self._base)

    def open(self, request: NewPullRequest) -> PullRequest:
        number, is_new = open_once(
            lambda: self._create(request),
            lambda: self._find(request.branch, request.base),
        )
        if is_new:
            kept = keep_oldest(number, self._open_numbers(request.branch, request.base), self._withdraw)
            number, is_new = kept, kept == number
        if is_new:
            self._add(self.pull_request(number), request.labels, request.reviewers)
        return self.pull_request(number)

    def update(
        self, number: int, title: str, body: str, labels: tuple[str, ...], reviewers: tuple[str, ...]
    ) -> PullRequest:
        text = {"title": line(title, self.limits.title), "body": cut(body, self.limits.body)}
        what = f"update pull request {number}"
        _insist(lambda: self._client.send("PATCH", self._pull(number), what, text, repeatable=True))
        self._add(self.pull_request(number), labels, reviewers)
        return self.pull_request(number)

    def comment(self, number: int, marker: str, text: str) -> None:
        what = f"comment on pull request {number}"
        path = f"{self._root}/issues/{number}/comments"
        write_comment(
            self._comments(path, what),
            (marker, text, self.limits.comment),
            lambda body: self._client.send("POST", path, what, {"body": body}),
            lambda known, body: self._client.send(
                "PATCH", f"{self._root}/issues/comments/{known}", what, {"body": body}, repeatable=True
            ),
        )

    def status(self, commit: str, context: str, state: CommitState, description: str, url: str) -> None:
        body = {
            "state": state.value,
            "context": context,
            "description": line(description, self.limits.description),
            "target_url": url,
        }
        what = f"set the status {context} of commit {commit[:12]}"
        self._client.send("POST", f"{self._root}/statuses/{commit}", what, body, repeatable=True)

    def pull_request(self, number: int) -> PullRequest:
        return pull_request(*self._read(number))

    def merge(self, number: int, head_commit: str) -> PullRequest:
        def send() -> None:
            # What is merged through the API names no reviewer by itself, other than what is merged at a page; and
            # Gitea may leave a pull request unchecked until somebody looks at it.
            said = reviewed(*self._read(number))
            body = {"Do": "merge", "head_commit_id": head_commit, "MergeMessageField": said}
            self._client.send("POST", f"{self._pull(number)}/merge", f"merge pull request {number}", body)

        _insist(send)
        return self.pull_request(number)

    def _read(self, number: int) -> tuple[Mapping[str, Any], list[Mapping[str, Any]]]:
        """A pull request and its reviews, oldest first."""
        pull = self._client.get(self._pull(number), f"read pull request {number}")
        reviews = self._client.pages(f"{self._pull(number)}/reviews", f"read who reviewed {number}", size="limit")
        return pull, list(reviews)

    def _find(self, branch: str, base: str) -> PullRequest | None:
        numbers = self._open_numbers(branch, base)
        return self.pull_request(min(numbers)) if numbers else None

    def _open_numbers(self, branch: str, base: str) -> list[int]:
        query = {"state": "open", "base_branch": base, "sort": "oldest"}
        listed = self._client.pages(f"{self._root}/pulls", "list the pull requests", query, size="limit")
        return [pull["number"] for pull in listed if is_from(pull, branch) and pull["base"]["ref"] == base]

    def _create(self, request: NewPullRequest) -> int:
        body = {
            "title": line(request.title, self.limits.title),
            "body": cut(request.body, self.limits.body),
            "head": request.branch,
            "base": request.base,
        }
        what = f"open a pull request for {request.branch}"
        return int(self._client.send("POST", f"{self._root}/pulls", what, body)["number"])

    def _withdraw(self, number: int) -> None:
        what = f"withdraw pull request {number}, which another run was faster to open"
        self._client.send("PATCH", self._pull(number), what, {"state": "closed"}, repeatable=True)

    def _add(self, pull: PullRequest, labels: tuple[str, ...], reviewers: tuple[str, ...]) -> None:
        if new := missing(labels, pull.labels):
            path = f"{self._root}/issues/{pull.number}/labels"
            what = f"label pull request {pull.number}"
            self._client.send("POST", path, what, {"labels": self._label_ids(new)}, repeatable=True)
        if asked := missing(reviewers, [*pull.reviewers, pull.author]):
            people = [name for name in asked if "/" not in name]
            teams = [name.partition("/")[2] for name in asked if "/" in name]
            path = f"{self._pull(pull.number)}/requested_reviewers"
            what = f"ask {', '.join(asked)} to review pull request {pull.number}"
            self._client.send("POST", path, what, {"reviewers": people, "team_reviewers": teams}, repeatable=True)

    def _label_ids(self, names: list[str]) -> list[int]:
        """The ids of labels, which are made where the repository has none of that name."""
        there = self._labels()
        if new := missing(names, there):
            made = {self._make_label(name) for name in new}
            there = self._labels()
            for id in made - set(there.values()):
                self._client.send("DELETE", f"{self._root}/labels/{id}", "remove a label that is there twice", None)
        return [there[name.casefold()] for name in names]

    def _labels(self) -> dict[str, int]:
        """Ids by folded name: the oldest one, since Gitea lets two runs at once make a label of the same name each."""
        listed = self._client.pages(f"{self._root}/labels", "list the labels", size="limit")
        newest_first = sorted(listed, key=lambda label: int(label["id"]), reverse=True)
        return {label["name"].casefold(): label["id"] for label in newest_first}

    def _make_label(self, name: str) -> int:
        body = {"name": name, "color": LABEL_COLOUR}
        return int(self._client.send("POST", f"{self._root}/labels", f"make the label {name}", body)["id"])

    def _comments(self, path: str, what: str) -> Iterator[Comment]:
        me = self._client.get("user", "read whose token it is")["id"]
        for each in self._client.pages(path, what, size="limit"):
            author = each.get("user") or {}
            yield Comment(str(each["id"]), each.get("body") or "", author.get("id") == me)

    def _pull(self, number: int) -> str:
        return f"{self._root}/pulls/{number}"


def _insist(send: Callable[[], Any]) -> None:
    """Sends a change again for as long as Gitea refuses it for what passes, since it does several at once badly.

    405 says 'try again later' while it checks for conflicts, and for good where it found one.
    """
    for tried in count(1):
        try:
            send()
            return
        except RefusedError as error:
            tries, words = _PASSING.get(error.status, (0, ""))
            if tried >= tries or not re.search(words, error.words, re.IGNORECASE):
                raise
        time.sleep(SystemRandom().uniform(0, 2 * _PAUSE_SECONDS))  # so that those who collided do not again
