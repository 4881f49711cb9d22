"""What Gitea and Forgejo tell of a pull request and its reviews, as the data of every forge. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlgitops.forges import PullRequest, State
from mlgitops.forges.text import line

NAME_LENGTH = 255
"""Characters of a reviewer's name that a merge's message has."""


def is_from(pull: Mapping[str, Any], branch: str) -> bool:
    """Whether a pull request is from the branch of the repository itself; a fork may have one of the same name."""
    return bool(pull["head"]["ref"] == branch and pull["head"]["repo_id"] == pull["base"]["repo_id"])


def pull_request(pull: Mapping[str, Any], reviews: list[Mapping[str, Any]]) -> PullRequest:
    """A pull request, and who reviewed it; reviews come oldest first."""
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


def reviewed(pull: Mapping[str, Any], reviews: list[Mapping[str, Any]]) -> str:
    """The lines of a merge's message about who reviewed it, as Gitea's pages propose them."""
    users = {_login_of(review): review["user"] for review in reviews if review.get("user")}
    lines = [f"Reviewed-on: {pull['html_url']}"]
    for name in pull_request(pull, reviews).approved_by:
        who = line(users[name].get("full_name") or name, NAME_LENGTH)
        lines.append(f"Reviewed-by: {who} <{line(users[name].get('email') or '', NAME_LENGTH)}>")
    return "\n".join(lines)


def _team(team: Mapping[str, Any]) -> str:
    return f"{(team.get('organization') or {}).get('username', '')}/{team['name']}"


def _login_of(item: Mapping[str, Any]) -> str:
    return str(item["user"]["login"])


def _approvers(reviews: list[Mapping[str, Any]]) -> tuple[str, ...]:
    """Whose last word was yes, and counts. Reviews come oldest first; comments and requests are no word.

    Whoever may read can approve; ``official`` is what those say who have a say.
    """
    last = {_login_of(review): review for review in reviews if review["state"] in ("APPROVED", "REQUEST_CHANGES")}
    return tuple(sorted(who for who, review in last.items() if _counts(review)))


def _counts(review: Mapping[str, Any]) -> bool:
    return bool(review["state"] == "APPROVED" and review["official"] and not (review["dismissed"] or review["stale"]))
