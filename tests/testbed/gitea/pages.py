"""Gitea as people use it: its pages, with the messages that they propose for a merge, and their buttons."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any, Self
from urllib.parse import urlencode

import urllib3

from tests.testbed.errors import TestbedError
from tests.testbed.gitea.server import Gitea, User
from tests.testbed.waiting import wait_until

TIMEOUT_SECONDS = 120.0
TITLES = {"merge": "MergeTitle", "rebase-merge": "MergeTitle", "squash": "SquashMergeTitle"}
_TEXTS = re.compile(r'const (default\w+) = ("(?:[^"\\]|\\.)*");')
_BEHIND = re.compile("out-of-date with the base branch|blocked because it.{1,6}s outdated")
_COMMITS = re.compile(r"'mergeMessageFieldText': (\"(?:[^\"\\]|\\.)*\") \+ ")


class Browser:
    """A user who is signed in."""

    def __init__(self, server: Gitea, user: User) -> None:
        self._url = server.url
        self._pool = urllib3.PoolManager(ca_certs=str(server.certificate), retries=False, timeout=TIMEOUT_SECONDS)
        self._cookies: dict[str, str] = {}
        self._send("POST", "/user/login", {"user_name": user.name, "password": user.password})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.clear()

    def proposed(self, repository: str, number: int, style: str) -> tuple[str, str]:
        """The title and the text that a pull request's page proposes for a merge; empty where it shows no such field.

        Raises:
            TestbedError: the page offers no merge, though it had time to look for conflicts.
        """
        path = f"/{repository}/pulls/{number}"
        wait_until(lambda: _COMMITS.search(self._page(path)) is not None, f"{path} to offer a merge", TIMEOUT_SECONDS)
        if style not in TITLES:
            return "", ""
        page = self._page(path)
        texts = {name.removeprefix("default"): json.loads(text) for name, text in _TEXTS.findall(page)}
        if style != "squash":
            return texts[TITLES[style]], texts["MergeMessage"]
        commits = _COMMITS.search(page)
        return texts[TITLES[style]], (json.loads(commits[1]) if commits else "") + texts["SquashMergeMessage"]

    def is_behind(self, repository: str, number: int) -> bool:
        """Whether a pull request's page says by now that its base branch went on."""
        return _BEHIND.search(self._page(f"/{repository}/pulls/{number}")) is not None

    def merge(
        self, repository: str, number: int, style: str, head_commit: str, before: Callable[[], None] = lambda: None
    ) -> None:
        """Presses the button, with the message as it is proposed; ``before`` is called before each press.

        Raises:
            TestbedError: Gitea does not merge.
        """
        title, body = self.proposed(repository, number, style)
        fields = {"do": style, "head_commit_id": head_commit, "merge_title_field": title, "merge_message_field": body}
        answers: list[Any] = []

        def pressed() -> bool:
            before()
            self._page(f"/{repository}/pulls/{number}")  # Gitea may look for conflicts only once somebody looks there
            answers.append(self._send("POST", f"/{repository}/pulls/{number}/merge", fields))
            return b"not ready" not in answers[-1].data  # as it is while Gitea looks for conflicts

        wait_until(pressed, f"pull request {number} to be merged", TIMEOUT_SECONDS)
        if answers[-1].status != 200 or b"errorMessage" in answers[-1].data:
            raise TestbedError(f"pull request {number} was not merged: {answers[-1].data[:300]!r}")

    def _page(self, path: str) -> str:
        return str(self._send("GET", path).data.decode())

    def _send(self, method: str, path: str, fields: dict[str, str] | None = None) -> Any:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items())}
        if fields is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        body = None if fields is None else urlencode(fields)
        answer = self._pool.request(method, self._url + path, body=body, headers=headers, redirect=False)
        for cookie in answer.headers.getlist("Set-Cookie"):
            name, _, value = cookie.partition(";")[0].partition("=")
            self._cookies[name] = value
        return answer
