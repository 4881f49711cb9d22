"""Gitea and Forgejo, by their REST API (v1)."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from itertools import count
from typing import Any

from mlgitops.forges import CommitState, NewPullRequest, PullRequest, State, TextLimits
from mlgitops.forges.answer import RefusedError
from mlgitops.forges.client import Client
from mlgitops.forges.once import Comment, keep_oldest, missing, open_once, write_comment
from mlgitops.forges.text import cut, line

SCOPES = "the scopes write:repository, write:issue and read:user"
LABEL_COLOUR = "#0e8a16"
MERGE_TRIES = 20
MERGE_PAUSE_SECONDS = 0.5


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
        self._client.send("PATCH", self._pull(number), f"update pull request {number}", text, repeatable=True)
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
        pull = self._client.get(self._pull(number), f"read pull request {number}")
        reviews = self._client.pages(f"{self._pull(number)}/reviews", f"read who reviewed {number}", size="limit")
        return _pull_request(pull, list(reviews))

    def merge(self, number: int, head_commit: str) -> PullRequest:
        body = {"Do": "merge", "head_commit_id": head_commit}
        for tried in count(1):
            try:
                self._client.send("POST", f"{self._pull(number)}/merge", f"merge pull request {number}", body)
                return self.pull_request(number)
            except RefusedError as error:
                # 405 says 'try again later' while Gitea still checks for conflicts, and for good where it found one.
                if error.status != 405 or "try again" not in error.words.lower() or tried == MERGE_TRIES:
                    raise
            time.sleep(MERGE_PAUSE_SECONDS)
        raise AssertionError("the loop above has no end")

    def _find(self, branch: str, base: str) -> PullRequest | None:
        numbers = self._open_numbers(branch, base)
        return self.pull_request(min(numbers)) if numbers else None

    def _open_numbers(self, branch: str, base: str) -> list[int]:
        query = {"state": "open", "base_branch": base, "sort": "oldest"}
        listed = self._client.pages(f"{self._root}/pulls", "list the pull requests", query, size="limit")
        return [pull["number"] for pull in listed if _is_from(pull, branch) and pull["base"]["ref"] == base]

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
        path = f"{self._root}/labels"
        known = {each["name"]: each["id"] for each in self._client.pages(path, "list the labels", size="limit")}
        for name in missing(names, known):
            body = {"name": name, "color": LABEL_COLOUR}
            known[name] = self._client.send("POST", path, f"make the label {name}", body)["id"]
        folded = {name.casefold(): known[name] for name in known}
        return [folded[name.casefold()] for name in names]

    def _comments(self, path: str, what: str) -> Iterator[Comment]:
        me = self._client.get("user", "read whose token it is")["id"]
        for each in self._client.pages(path, what, size="limit"):
            author = each.get("user") or {}
            yield Comment(str(each["id"]), each.get("body") or "", author.get("id") == me)

    def _pull(self, number: int) -> str:
        return f"{self._root}/pulls/{number}"


def _is_from(pull: Mapping[str, Any], branch: str) -> bool:
    """Whether a pull request is from the branch of the repository itself; a fork may have one of the same name."""
    return bool(pull["head"]["ref"] == branch and pull["head"]["repo_id"] == pull["base"]["repo_id"])


def _pull_request(pull: Mapping[str, Any], reviews: list[Mapping[str, Any]]) -> PullRequest:
    merged = bool(pull.get("merged"))
    author = _login_of(pull)
    given = [review for review in reviews if review.get("user") and _login_of(review) != author]
    asked = [user["login"] for user in pull.get("requested_reviewers") or ()]
    teams = [_team(team) for team in pull.get("requested_reviewers_teams") or ()]
    return PullRequest(
        number=pull["number"],
        url=pull["html_url"],
        title=pull["title"],
        body=pull.get("body") or "",
        branch=pull["head"]["ref"],
        base=pull["base"]["ref"],
        head_commit=pull["head"]["sha"],
        state=State.MERGED if merged else State(pull["state"]),
        mergeable=None if merged or pull["state"] != "open" else bool(pull["mergeable"]) or None,
        approved_by=_approvers(given),
        labels=tuple(sorted(label["name"] for label in pull.get("labels") or ())),
        merge_commit=(pull.get("merge_commit_sha") or "") if merged else "",
        author=author,
        reviewers=tuple(sorted({*asked, *teams, *map(_login_of, given)})),
    )


def _team(team: Mapping[str, Any]) -> str:
    return f"{(team.get('organization') or {}).get('username', '')}/{team['name']}"


def _login_of(item: Mapping[str, Any]) -> str:
    return str(item["user"]["login"])


def _approvers(reviews: list[Mapping[str, Any]]) -> tuple[str, ...]:
    """Whose last word was yes, and still counts. Reviews come oldest first; comments and requests are no word."""
    last = {_login_of(review): review for review in reviews if review["state"] in ("APPROVED", "REQUEST_CHANGES")}
    return tuple(
        sorted(
            who
            for who, review in last.items()
            if review["state"] == "APPROVED" and not review["dismissed"] and not review["stale"]
        )
    )
