"""GitHub and GitHub Enterprise Server, by their REST API (version 2022-11-28)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mlgitops.errors import NotAuthorisedError
from mlgitops.forges import CommitState, NewPullRequest, PullRequest, State, TextLimits
from mlgitops.forges.client import Client
from mlgitops.forges.once import Comment, missing, open_once, write_comment
from mlgitops.forges.text import cut, line

SCOPES = "'Pull requests' and 'Commit statuses' read and write (classic: repo)"


def headers(token: str) -> dict[str, str]:
    """The headers that carry the token."""
    return {
        "Authorization": f"Bearer {token}",
        "Accept": "application/vnd.github+json",
        "X-GitHub-Api-Version": "2022-11-28",
    }


def api(url: str) -> str:
    """Where the API of a GitHub is."""
    return "https://api.github.com" if url == "https://github.com" else f"{url}/api/v3"


class GitHub:
    """One repository. A reviewer with a '/' in the name (``org/team``) is a team."""

    limits = TextLimits(title=256, body=65_536, comment=65_536, description=140)

    def __init__(self, client: Client, repository: str, base: str) -> None:
        self._client = client
        self._base = base
        self._owner = repository.partition("/")[0]
        self._root = f"repos/{repository}"

    def find(self, branch: str) -> PullRequest | None:
        return self._find(branch, self._base)

    def open(self, request: NewPullRequest) -> PullRequest:
        number, is_new = open_once(
            lambda: self._create(request),
            lambda: self._find(request.branch, request.base),
        )
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
        body = {"state": state.value, "context": context, "description": line(description, self.limits.description)}
        path = f"{self._root}/statuses/{commit}"
        what = f"set the status {context} of commit {commit[:12]}"
        self._client.send("POST", path, what, body | ({"target_url": url} if url else {}), repeatable=True)

    def pull_request(self, number: int) -> PullRequest:
        what = f"read pull request {number}"
        pull = self._client.get(self._pull(number), what)
        reviews = list(self._client.pages(f"{self._pull(number)}/reviews", f"read who reviewed {number}"))
        return _pull_request(pull, reviews)

    def merge(self, number: int, head_commit: str) -> PullRequest:
        body = {"sha": head_commit, "merge_method": "merge"}
        self._client.send("PUT", f"{self._pull(number)}/merge", f"merge pull request {number}", body)
        return self.pull_request(number)

    def _find(self, branch: str, base: str) -> PullRequest | None:
        query = {"state": "open", "head": f"{self._owner}:{branch}", "base": base, "sort": "created"}
        listed = self._client.pages(f"{self._root}/pulls", "list the pull requests", query | {"direction": "asc"})
        # GitHub ignores a filter that it cannot read, and lists everything.
        numbers = (pull["number"] for pull in listed if _is_from(pull, branch) and pull["base"]["ref"] == base)
        number = next(numbers, None)
        return None if number is None else self.pull_request(number)

    def _create(self, request: NewPullRequest) -> int:
        body = {
            "title": line(request.title, self.limits.title),
            "body": cut(request.body, self.limits.body),
            "head": request.branch,
            "base": request.base,
        }
        what = f"open a pull request for {request.branch}"
        return int(self._client.send("POST", f"{self._root}/pulls", what, body)["number"])

    def _add(self, pull: PullRequest, labels: tuple[str, ...], reviewers: tuple[str, ...]) -> None:
        if new := missing(labels, pull.labels):
            path = f"{self._root}/issues/{pull.number}/labels"
            what = f"label pull request {pull.number}"
            self._client.send("POST", path, what, {"labels": new}, repeatable=True)
        if asked := missing(reviewers, [*pull.reviewers, pull.author]):
            people = [name for name in asked if "/" not in name]
            teams = [name.partition("/")[2] for name in asked if "/" in name]
            path = f"{self._pull(pull.number)}/requested_reviewers"
            what = f"ask {', '.join(asked)} to review pull request {pull.number}"
            self._client.send("POST", path, what, {"reviewers": people, "team_reviewers": teams}, repeatable=True)

    def _comments(self, path: str, what: str) -> Iterator[Comment]:
        me = self._login()
        for each in self._client.pages(path, what):
            author = each.get("user") or {}
            is_ours = author.get("login") == me if me else author.get("type") == "Bot"
            yield Comment(str(each["id"]), each.get("body") or "", is_ours)

    def _login(self) -> str:
        """Our login; empty for an app's token, as in GitHub Actions, which may not ask. Then only bots can be us."""
        try:
            return str(self._client.get("user", "read whose token it is")["login"])
        except NotAuthorisedError:
            return ""

    def _pull(self, number: int) -> str:
        return f"{self._root}/pulls/{number}"


def _is_from(pull: Mapping[str, Any], branch: str) -> bool:
    """Whether a pull request is from the branch of the repository itself; a fork may have one of the same name."""
    home = pull["head"].get("repo") or {}
    return bool(pull["head"]["ref"] == branch and home.get("id") == pull["base"]["repo"]["id"])


def _pull_request(pull: Mapping[str, Any], reviews: list[Mapping[str, Any]]) -> PullRequest:
    merged = bool(pull.get("merged_at"))
    asked = [user["login"] for user in pull["requested_reviewers"]]
    owner = pull["base"]["repo"]["full_name"].partition("/")[0]
    teams = [f"{owner}/{team['slug']}" for team in pull["requested_teams"]]
    author = _login_of(pull)
    reviewed = [name for review in reviews if (name := _login_of(review)) != author]
    return PullRequest(
        number=pull["number"],
        url=pull["html_url"],
        title=pull["title"],
        body=pull.get("body") or "",
        branch=pull["head"]["ref"],
        base=pull["base"]["ref"],
        head_commit=pull["head"]["sha"],
        state=State.MERGED if merged else State(pull["state"]),
        mergeable=pull.get("mergeable"),
        approved_by=_approvers(reviews, pull["head"]["sha"]),
        labels=tuple(sorted(label["name"] for label in pull["labels"])),
        merge_commit=(pull.get("merge_commit_sha") or "") if merged else "",
        author=author,
        reviewers=tuple(sorted({*asked, *teams, *reviewed})),
    )


def _login_of(item: Mapping[str, Any]) -> str:
    """Who wrote it; users who left GitHub are null."""
    return str((item.get("user") or {"login": "ghost"})["login"])


def _approvers(reviews: list[Mapping[str, Any]], head: str) -> tuple[str, ...]:
    """Whose last word was yes, said of the head commit. Reviews come oldest first; comments are no word."""
    last = {_login_of(review): review for review in reviews if review["state"] not in ("COMMENTED", "PENDING")}
    return tuple(
        sorted(who for who, review in last.items() if review["state"] == "APPROVED" and review["commit_id"] == head)
    )
