"""A forge without a server: pull requests beside the branches of a bare repository, merged by merge commits.

Whether a pull request is merged is told by the base branch alone: it has a merge commit whose second parent is the
pull request's head. So ``git merge --no-ff`` by hand counts as well, and nothing recorded here can claim a merge.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from mlgitops.errors import ForgeError, SourceError, ToolError
from mlgitops.forges import CommitState, NewPullRequest, PullRequest, State, TextLimits
from mlgitops.forges.answer import RefusedError
from mlgitops.forges.local_record import (
    FOLDER,
    Change,
    Files,
    Record,
    comment_file,
    comments_of,
    context_of,
    decoded,
    encoded,
    numbers_in,
    pull_file,
    status_file,
    statuses_of,
)
from mlgitops.forges.text import cut, line, marked
from mlgitops.tools import git_merge, git_refs


def open_local(root: Path, url: str, base: str) -> LocalForge:
    """The forge of a bare repository: a path below the project's root, or a file URL.

    Whoever Git knows in the project opens and merges. Raises ``ForgeError`` where there is no bare repository.
    """
    path = repository_at(root, url)
    return LocalForge(path, base, git_merge.identity(_project(root) or path))


def repository_at(root: Path, url: str) -> Path:
    """The bare repository of a local forge, by its path below the project's root or its file URL.

    Raises ``ForgeError`` where there is none.
    """
    path = (Path(unquote(urlsplit(url).path)) if url.startswith("file://") else root / url).resolve()
    if not url or not (path / "HEAD").is_file():
        made = shlex.join(["git", "init", "--bare", str(path)]) if url else "git init --bare PATH"
        raise ForgeError(
            f"forge.url {url!r} is not a bare repository" + ("" if path.exists() else f", since {path} does not exist"),
            help=f"Correct spec.forge.url in mlgitops.yaml, or make it by `{made}` and push the branch there.",
        )
    return path


class LocalForge:
    """The pull requests of one bare repository into ``base``."""

    limits = TextLimits(title=255, body=1_000_000, comment=1_000_000, description=255)

    def __init__(self, git_dir: Path, base: str, who: tuple[str, str] | None = None) -> None:
        self._git_dir = git_dir
        self._base = base
        self._who = who or git_merge.identity(git_dir)
        self._record = Record(git_dir)

    def find(self, branch: str) -> PullRequest | None:
        return self._find(self._record.read(FOLDER), branch, self._base)

    def open(self, request: NewPullRequest) -> PullRequest:
        head = self._head(request.branch)
        if not head:
            raise RefusedError(
                f"there is no branch {request.branch} to open a pull request for",
                422,
                "",
                help="Push the branch first.",
            )
        numbers: list[int] = []

        def add(files: Files) -> Mapping[str, bytes]:
            there = self._find(files, request.branch, request.base)
            numbers[:] = [there.number if there else max(numbers_in(files), default=0) + 1]
            return {} if there else {pull_file(numbers[0]): encoded(self._new(request, head))}

        self._change(f"Open a pull request for {request.branch}", add)
        return self.pull_request(numbers[0])

    def update(
        self, number: int, title: str, body: str, labels: tuple[str, ...], reviewers: tuple[str, ...]
    ) -> PullRequest:
        head = self.pull_request(number).head_commit

        def edit(data: dict[str, Any]) -> None:
            data |= self._text(title, body) | {"head": head}
            data["labels"] = sorted({*data["labels"], *labels})
            data["reviewers"] = sorted({*data["reviewers"], *reviewers} - {data["author"]})

        self._edit(number, f"Update pull request {number}", edit)
        return self.pull_request(number)

    def comment(self, number: int, marker: str, text: str) -> None:
        self.pull_request(number)
        body = marked(marker, text, self.limits.comment)
        path = comment_file(number, marker)
        self._change(f"Comment on pull request {number}", lambda _: {path: body.encode()})

    def status(self, commit: str, context: str, state: CommitState, description: str, url: str) -> None:
        content = {"state": state.value, "description": line(description, self.limits.description), "url": url}
        path = status_file(commit, context)
        self._change(f"Status {context} of {commit[:12]}: {state}", lambda _: {path: encoded(content)})

    def pull_request(self, number: int) -> PullRequest:
        found = self._record.read(pull_file(number)).get(pull_file(number))
        if found is None:
            raise RefusedError(
                f"there is no pull request {number} in {self._git_dir}",
                404,
                "",
                help="mlgitops review list shows those that wait.",
            )
        pull = self._shown(number, decoded(found))
        if pull.state is not State.OPEN:
            return pull
        return replace(pull, mergeable=self._goes_in(pull))

    def merge(self, number: int, head_commit: str) -> PullRequest:
        pull = self.pull_request(number)
        if pull.state is State.MERGED and pull.head_commit == head_commit:
            return pull
        self._require_mergeable(pull, head_commit)
        self._edit(number, f"Merge pull request {number}", lambda data: data.update(head=head_commit))
        base_head = self._head(pull.base)
        tree = git_merge.merged_tree(self._git_dir, base_head, head_commit)
        if not tree:
            raise RefusedError(
                f"pull request {number} conflicts with {pull.base}",
                409,
                "",
                help="Close it, and open it anew by the verb that opened it.",
            )
        commit = git_merge.write_merge(self._git_dir, tree, (base_head, head_commit), _message(pull), self._who)
        if not git_refs.advance(self._git_dir, pull.base, commit, base_head):
            raise RefusedError(f"{pull.base} moved while pull request {number} was merged", 409, "", "Run this again.")
        return self.pull_request(number)

    def approve(self, number: int, name: str) -> PullRequest:
        """Records that somebody (``NAME <MAIL>``) approves of a pull request's head commit as it is now.

        Raises ``ForgeError`` where it is not open, or their own.
        """
        name, pull = line(name, self.limits.title), self.pull_request(number)
        if pull.state is not State.OPEN:
            raise RefusedError(
                f"pull request {number} is {pull.state}", 409, "", help="Only an open pull request can be approved of."
            )
        if _mail(name) == _mail(pull.author):
            raise RefusedError(
                f"pull request {number} is by {pull.author}, who cannot approve of it",
                422,
                "",
                help="Have somebody else approve of it.",
            )
        given = {name: pull.head_commit}
        self._edit(number, f"{name} approves of {number}", lambda data: data["approvals"].update(given))
        return self.pull_request(number)

    def waiting(self) -> tuple[PullRequest, ...]:
        """The open pull requests by number."""
        numbers = sorted(numbers_in(self._record.read(FOLDER)))
        return tuple(pull for pull in map(self.pull_request, numbers) if pull.state is State.OPEN)

    def comments(self, number: int) -> tuple[str, ...]:
        """The comments of a pull request, by the order of their markers."""
        files = self._record.read(comments_of(number))
        return tuple(content.decode() for _, content in sorted(files.items()))

    def statuses(self, commit: str) -> dict[str, CommitState]:
        """The statuses of a commit by their contexts."""
        files = self._record.read(statuses_of(commit))
        return {context_of(path): CommitState(decoded(content)["state"]) for path, content in files.items()}

    def _require_mergeable(self, pull: PullRequest, head_commit: str) -> None:
        unhappy = {name: state for name, state in self.statuses(head_commit).items() if state != CommitState.SUCCESS}
        problems = [f"its status {name} is {state}" for name, state in unhappy.items()]
        if pull.state is not State.OPEN:
            problems = [f"it is {pull.state}"]
        elif pull.head_commit != head_commit:
            problems = [f"{pull.branch} is at {pull.head_commit[:12]} by now"]
        if problems:
            raise RefusedError(
                f"pull request {pull.number} cannot be merged: {'; '.join(problems)}",
                409,
                "",
                help=f"See all of it by: mlgitops review show {pull.number}",
            )

    def _goes_in(self, pull: PullRequest) -> bool:
        base_head = self._head(pull.base)
        return bool(base_head and git_merge.merged_tree(self._git_dir, base_head, pull.head_commit))

    def _find(self, files: Files, branch: str, base: str) -> PullRequest | None:
        records = ((number, decoded(files[pull_file(number)])) for number in sorted(numbers_in(files)))
        its_own = ((number, data) for number, data in records if (data["branch"], data["base"]) == (branch, base))
        pulls = (self._shown(number, data) for number, data in its_own)
        return next((pull for pull in pulls if pull.state is State.OPEN), None)

    def _new(self, request: NewPullRequest, head: str) -> dict[str, Any]:
        author = "{} <{}>".format(*self._who)
        return {
            **self._text(request.title, request.body),
            "branch": request.branch,
            "base": request.base,
            "head": head,
            "labels": sorted(set(request.labels)),
            "reviewers": sorted({*request.reviewers} - {author}),
            "author": author,
            "approvals": {},
        }

    def _text(self, title: str, body: str) -> dict[str, str]:
        return {"title": line(title, self.limits.title), "body": cut(body, self.limits.body)}

    def _shown(self, number: int, data: Mapping[str, Any]) -> PullRequest:
        """A record beside what Git says of its branches."""
        now, as_recorded = self._head(data["branch"]), self._merge_of(data["base"], data["head"])
        merge = as_recorded or (now and self._merge_of(data["base"], now))
        head = data["head"] if not now or as_recorded else now
        return PullRequest(
            number=number,
            url=f"{self._git_dir.as_uri()}#{number}",
            title=data["title"],
            body=data["body"],
            branch=data["branch"],
            base=data["base"],
            head_commit=head,
            state=State.MERGED if merge else State.OPEN if now else State.CLOSED,
            approved_by=tuple(sorted(name for name, commit in data["approvals"].items() if commit == head)),
            labels=tuple(data["labels"]),
            merge_commit=merge,
            author=data["author"],
            reviewers=tuple(data["reviewers"]),
        )

    def _merge_of(self, base: str, commit: str) -> str:
        base_head = self._head(base)
        return git_merge.merge_of(self._git_dir, base_head, commit) if base_head else ""

    def _edit(self, number: int, message: str, edit: Callable[[dict[str, Any]], None]) -> None:
        def change(files: Files) -> Mapping[str, bytes]:
            if pull_file(number) not in files:
                raise RefusedError(
                    f"there is no pull request {number} in {self._git_dir}",
                    404,
                    "",
                    help="mlgitops review list shows those that wait.",
                )
            data = decoded(files[pull_file(number)])
            edit(data)
            return {pull_file(number): encoded(data)}

        self._change(message, change)

    def _change(self, message: str, change: Change) -> None:
        try:
            self._record.change(message, change)
        except (ToolError, SourceError) as error:
            raise ForgeError(f"{self._git_dir}: {error.message}", help=error.help) from error

    def _head(self, branch: str) -> str:
        return git_refs.branch_head(self._git_dir, branch)


def _message(pull: PullRequest) -> str:
    """A merge commit's message, with who approved of what it merges; nothing in the record adds a line to it."""
    longest = LocalForge.limits.title
    approvals = "".join(f"Approved-by: {line(name, longest)}\n" for name in pull.approved_by)
    first = f"Merge pull request {pull.number}: {line(pull.title, longest)}\n\nFrom branch {pull.branch}.\n"
    return f"{first}\n{approvals}" if approvals else first


def _project(root: Path) -> Path | None:
    """The repository that holds the project; None where it is in none."""
    try:
        return git_refs.common_directory(root)
    except SourceError:
        return None


def _mail(name: str) -> str:
    """What tells people apart: the address in ``NAME <MAIL>``, or all of it."""
    return name.rpartition("<")[2].casefold()
