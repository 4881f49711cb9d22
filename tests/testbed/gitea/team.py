"""A repository on a real Gitea with a protected branch, and the people and machines who work with it."""

from __future__ import annotations

import contextlib
import json
import shutil
import time
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from tests.testbed.api import ApiError
from tests.testbed.command import Ran
from tests.testbed.errors import TestbedError
from tests.testbed.gitea.pages import Browser
from tests.testbed.gitea.people import Person, settle
from tests.testbed.gitea.server import Gitea, User
from tests.testbed.waiting import wait_until

RULES = {
    "enable_push": False,
    "enable_status_check": True,
    "status_check_contexts": ["mlgitops/gates"],
    "required_approvals": 1,
    "dismiss_stale_approvals": True,
    "block_on_rejected_reviews": True,
    "block_admin_merge_override": True,
}
"""The branch protection that docs/forges.md recommends."""
SETTLE_SECONDS = 120.0
PRESSES = 5
"""Gitea merges nothing while it still looks for conflicts, and then wants the button to be pressed again."""
LATER = "try again later"


class Team:
    """The repository, and who works with it.

    ``ann`` promotes, ``eve`` reviews and merges, ``mallory`` may write as well, ``ci`` has a token, ``owner`` may all.
    """

    def __init__(self, server: Gitea, directory: Path, cache: Path) -> None:
        self.server = server
        self._directory, self._cache = directory, cache
        self._approvals: dict[int, tuple[str, Person]] = {}
        owner, *writers = server.crew(5)
        self.repository = server.new_repository(owner)
        self.owner = self._person(owner)
        self.writers = tuple(map(self._person, writers))
        self.ann, self.eve, self.mallory, self.ci = self.writers
        for person in self.writers:
            server.add_collaborator(self.repository, person.user)
        self.api = server.api(owner.token)
        self.path = f"/api/v1/repos/{self.repository}"

    def begin(self, files: Mapping[str, str]) -> None:
        """Puts the project on the branch that is protected from then on; everybody has a clone."""
        self.owner.root.mkdir(parents=True)
        self.owner.git("clone", "--quiet", self.server.clone_url(self.repository), ".")
        # In place of the commit that Gitea makes, because an audit takes the first one as it is.
        self.owner.write(files)
        self.owner.git("commit", "--quiet", "--amend", "-m", "The beginning")
        self.owner.git("push", "--quiet", "--force", "origin", "HEAD:main")
        for person in self.writers:
            shutil.copytree(self.owner.root, person.root)
        self.protect()

    def protect(self, **rules: Any) -> None:
        """Protects the branch as is recommended, but for these rules."""
        self.server.protect(self.repository, {**RULES, **rules})

    def unprotect(self) -> None:
        """Everybody who may write may push again."""
        self.api.request("DELETE", f"{self.path}/branch_protections/main")

    def push(self, files: Mapping[str, str], message: str = "A change") -> str:
        """The owner's own commit, straight to the protected branch; the commit."""
        self.owner.git("pull", "--quiet")
        self.owner.write(files)
        self.owner.git("commit", "--quiet", "-m", message)
        self.owner.git("push", "--quiet", "origin", "HEAD:main")
        return self.owner.git("rev-parse", "HEAD")

    @contextlib.contextmanager
    def without_protection(self, **rules: Any) -> Iterator[None]:
        """As an administrator can, and should not; afterwards it is as recommended, but for these rules."""
        self.unprotect()
        yield
        self.protect(**rules)

    def pulls(self, state: str = "open") -> list[dict[str, Any]]:
        """The pull requests in a state, ``all`` for any."""
        return list(self.api.get(f"{self.path}/pulls", state=state))

    def pull(self, branch: str) -> dict[str, Any]:
        """The one open pull request of a branch, once Gitea knows whether it conflicts."""
        (number,) = (pull["number"] for pull in self.pulls() if pull["head"]["ref"] == branch)
        found: dict[str, Any] = {}

        def settled() -> bool:
            found.update(self.api.get(f"{self.path}/pulls/{number}"))
            return bool(found["mergeable"])

        wait_until(settled, f"pull request {number} to be without a conflict", SETTLE_SECONDS)
        return found

    def wait_for_head(self, branch: str, commit: str) -> None:
        """Until Gitea knows that a branch's pull request was pushed to."""
        wait_until(lambda: self.pull(branch)["head"]["sha"] == commit, "the pull request to follow", SETTLE_SECONDS)

    def update(self, branch: str) -> None:
        """The button that merges the protected branch into a pull request's."""
        pull = self.pull(branch)
        before, path = pull["head"]["sha"], f"{self.path}/pulls/{pull['number']}/update?style=merge"
        self.server.api(self.eve.user.token).request("POST", path)
        wait_until(lambda: self.pull(branch)["head"]["sha"] != before, "the pull request to follow", SETTLE_SECONDS)

    def fetched(self, branch: str) -> str:
        """The commit of a branch, once everybody has it."""
        for person in self.writers:
            person.git("fetch", "--quiet", "origin")
        return self.ann.git("rev-parse", f"origin/{branch}")

    def approve(self, branch: str, who: Person | None = None) -> None:
        """Somebody, or else eve, approves of a branch's pull request as it is."""
        pull = self.pull(branch)
        self._approve(pull["number"], pull["head"]["sha"], who or self.eve)

    def approved(self, branch: str) -> bool:
        """Whether there is an approval that counts."""
        return self._is_approved(self.pull(branch)["number"])

    def _approve(self, number: int, commit: str, who: Person) -> None:
        body = {"event": "APPROVED", "body": "", "commit_id": commit}
        self.server.api(who.user.token).request("POST", f"{self.path}/pulls/{number}/reviews", body)
        self._approvals[number] = commit, who

    def _approve_again(self, number: int) -> None:
        """Where an approval ended by a push that came before it, at which Gitea looked only then."""
        commit, who = self._approvals.get(number, ("", self.eve))
        head = self.api.get(f"{self.path}/pulls/{number}")["head"]["sha"]
        if head == commit and not self._is_approved(number):
            self._approve(number, commit, who)

    def _is_approved(self, number: int) -> bool:
        reviews = self.api.get(f"{self.path}/pulls/{number}/reviews")
        return any(each["state"] == "APPROVED" and not each["dismissed"] for each in reviews)

    def refused_approval(self, branch: str, who: Person) -> str:
        """Why Gitea does not take somebody's approval.

        Raises:
            TestbedError: it takes it.
        """
        try:
            self.approve(branch, who)
        except ApiError as error:
            return str(error)
        raise TestbedError(f"{who.name} could approve of {branch}")

    def check(self, branch: str) -> Ran:
        """What a job does for a pull request: check it out, verify it against the base, and say so."""
        number = self.pull(branch)["number"]
        self.ci.git("fetch", "--quiet", "origin", "main", f"+refs/pull/{number}/head:refs/remotes/origin/pull")
        self.ci.git("checkout", "--quiet", "--detach", "refs/remotes/origin/pull")
        return self.ci.run("gates", "--base", "origin/main", "--post", "--pull-request", str(number))

    def statuses(self, branch: str) -> dict[str, str]:
        """The statuses of a branch's head, by their contexts."""
        answer = self.api.get(f"{self.path}/commits/{branch}/status")
        return {each["context"]: each["status"] for each in answer["statuses"] or ()}

    def forge_status(self, branch: str) -> None:
        """Mallory says that the gates let the branch through."""
        body = {"context": "mlgitops/gates", "state": "success"}
        head = self.pull(branch)["head"]["sha"]
        self.server.api(self.mallory.user.token).request("POST", f"{self.path}/statuses/{head}", body)

    def comments(self, number: int) -> list[str]:
        """The comments of a pull request."""
        return [each["body"] for each in self.api.get(f"{self.path}/issues/{number}/comments")]

    def newcomer(self) -> Person:
        """Somebody who may read the repository, as everybody may."""
        return self._person(self.server.new_user())

    def merge(self, branch: str, style: str = "merge") -> str:
        """Eve presses the button; the commit that the protected branch is at then.

        Raises:
            TestbedError: Gitea does not merge.
        """
        pull = self.pull(branch)
        again = partial(self._approve_again, pull["number"])
        with Browser(self.server, self.eve.user) as browser:
            for _ in range(PRESSES):
                browser.merge(self.repository, pull["number"], style, pull["head"]["sha"], again)
                if self.api.get(f"{self.path}/pulls/{pull['number']}")["merged"]:
                    return str(self.api.get(f"{self.path}/branches/main")["commit"]["id"])
                time.sleep(1)
        raise TestbedError(f"pull request {pull['number']} was not merged")

    def wait_until_behind(self, branch: str) -> None:
        """Until Gitea has seen that the base of the branch's pull request went on; till then it would merge it."""
        number = self.pull(branch)["number"]
        with Browser(self.server, self.eve.user) as browser:
            wait_until(lambda: browser.is_behind(self.repository, number), f"{branch} to be behind", SETTLE_SECONDS)

    def refusal(self, branch: str) -> str:
        """Why Gitea does not merge.

        Raises:
            TestbedError: it merges.
        """
        path = f"{self.path}/pulls/{self.pull(branch)['number']}/merge"
        said: list[str] = []

        def is_told() -> bool:
            """Gitea says "Please try again later" while it still looks for conflicts."""
            try:
                self.server.api(self.eve.user.token).request("POST", path, {"Do": "merge"})
            except ApiError as error:
                said.append(str(error))
                return LATER not in said[-1]
            raise TestbedError(f"{branch} could be merged")

        wait_until(is_told, f"Gitea to say why {branch} is not merged", SETTLE_SECONDS)
        return said[-1]

    def land(self, branch: str, style: str = "merge") -> str:
        """Verified, approved and merged, as it should be; the commit on the protected branch.

        Raises:
            TestbedError: the gates do not let it through.
        """
        checked = self.check(branch)
        if checked.code:
            raise TestbedError(f"{branch} is not let through: {checked.out}{checked.err}")
        self.approve(branch)
        return self.merge(branch, style)

    def file(self, path: str, revision: str = "main") -> str:
        """A file as a branch has it at Gitea."""
        self.owner.git("fetch", "--quiet", "origin")
        return self.owner.git("show", f"origin/{revision}:{path}")

    def events(self, model: str, environment: str) -> list[dict[str, Any]]:
        """What the history says of a model in an environment."""
        told = json.loads(self.ann.does("history", model, "--env", environment, "-o", "json"))
        return list(told["events"])

    def _person(self, user: User) -> Person:
        return settle(self.server, user, self._directory, self._cache)
