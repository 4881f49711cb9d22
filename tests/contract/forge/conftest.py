"""Every kind of forge: a real Gitea, a real bare repository, and fakes of those that cannot run here."""

from __future__ import annotations

import base64
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from mlgitops.forges import Forge, open_forge
from mlgitops.forges.local import LocalForge, open_local
from tests.fakes.scene import FAKES, FakeScene, PublicScene, Scene
from tests.testbed.api import Api
from tests.testbed.gitea.fixtures import gitea
from tests.testbed.gitea.server import Gitea
from tests.testbed.waiting import wait_until

__all__ = ["gitea"]

FILE = "release.txt"
SETTLE_SECONDS = 60.0


class GiteaScene:
    """A repository of its own, our user who may write to it, and two reviewers."""

    kind = "gitea"

    def __init__(self, server: Gitea) -> None:
        self._server = server
        self.us, *others = server.crew(4)
        owner, self.stranger = others.pop(), others[0]
        self._people = (owner, others[0], others[1])
        self.reviewers = (owner.name, others[1].name)
        self.repository = server.new_repository(owner)
        server.add_collaborator(self.repository, self.us)
        server.add_collaborator(self.repository, others[1])
        self.api = server.api(owner.token)
        self._root = f"/api/v1/repos/{self.repository}"
        self._pushes = 0

    def forge(self) -> Forge:
        settings = {"kind": "gitea", "url": self._server.url, "repository": self.repository, "tokenFrom": "TOKEN"}
        environment = {"TOKEN": self.us.token, "SSL_CERT_FILE": str(self._server.certificate)}
        return open_forge(settings, environment, Path("/"))

    def push(self, branch: str) -> str:
        self._pushes += 1
        return self._write(branch, f"{branch.replace('/', '-')}-{self._pushes}.txt", "new")

    def conflict(self, branch: str) -> str:
        self._write("main", FILE, "theirs")
        return self._write(branch, FILE, "ours", start=f"{self.main()}~1")

    def approve(self, number: int) -> None:
        body = {"event": "APPROVED", "body": "fine", "commit_id": self.forge().pull_request(number).head_commit}
        self.api.request("POST", f"{self._root}/pulls/{number}/reviews", body)

    def comments(self, number: int) -> list[str]:
        return [each["body"] for each in self.api.get(f"{self._root}/issues/{number}/comments")]

    def statuses(self, commit: str) -> dict[str, str]:
        answer = self.api.get(f"{self._root}/commits/{commit}/status")
        return {each["context"]: each["status"] for each in answer["statuses"] or ()}

    def open_numbers(self) -> list[int]:
        return [each["number"] for each in self.api.get(f"{self._root}/pulls", state="open")]

    def main(self) -> str:
        return str(self.api.get(f"{self._root}/branches/main")["commit"]["id"])

    def intrude(self, number: int, body: str) -> None:
        """Somebody else comments."""
        self._as(self.stranger.token).request("POST", f"{self._root}/issues/{number}/comments", {"body": body})

    def fork_pull(self, branch: str) -> int:
        """Somebody else opens a pull request from a fork's branch of that name."""
        api, name = self._as(self.stranger.token), self.repository.partition("/")[2]
        api.request("POST", f"{self._root}/forks", {})
        wait_until(lambda: bool(self._forked(api)), "the fork", SETTLE_SECONDS)
        # The fork has its copies of all branches.
        body = {"content": base64.b64encode(b"mine").decode(), "branch": branch}
        api.request("POST", f"/api/v1/repos/{self.stranger.name}/{name}/contents/mine.txt", body)
        pull = {"title": "mine", "head": f"{self.stranger.name}:{branch}", "base": "main"}
        return int(api.request("POST", f"{self._root}/pulls", pull)["number"])

    def _forked(self, api: Api) -> bool:
        name = self.repository.partition("/")[2]
        found = api.get(f"/api/v1/users/{self.stranger.name}/repos", limit="50")
        return any(each["name"] == name and not each["empty"] for each in found)

    def _as(self, token: str) -> Api:
        return self._server.api(token)

    def _write(self, branch: str, path: str, content: str, start: str = "main") -> str:
        """The commit after writing a new file on a branch, made where it is not there."""
        body = {"content": base64.b64encode(content.encode()).decode(), "message": f"Write {path}"}
        if not self._has(branch):
            made = {"new_branch_name": branch, "old_ref_name": start.removesuffix("~1")}
            if start.endswith("~1"):
                parent = self.api.get(f"{self._root}/git/commits/{made['old_ref_name']}")["parents"][0]["sha"]
                made["old_ref_name"] = parent
            self.api.request("POST", f"{self._root}/branches", made)
        answer = self.api.request("POST", f"{self._root}/contents/{path}", body | {"branch": branch})
        return str(answer["commit"]["sha"])

    def _has(self, branch: str) -> bool:
        names = [each["name"] for each in self.api.get(f"{self._root}/branches")]
        return branch in names


class LocalScene:
    """A bare repository, and a clone of it to push from."""

    kind = "local"
    reviewers = ("Ana <ana@example.com>", "Ben <ben@example.com>")

    def __init__(self, directory: Path) -> None:
        self._root = directory
        self._clone = directory / "clone"
        self._pushes = 0
        git(directory, "init", "-q", "--bare", "-b", "main", "shop.git")
        git(directory, "clone", "-q", "shop.git", "clone")
        self._write(FILE, "first", "main")

    def forge(self) -> LocalForge:
        return open_local(self._root, "shop.git", "main")

    def push(self, branch: str) -> str:
        self._pushes += 1
        return self._write(f"{branch.replace('/', '-')}-{self._pushes}.txt", "new", branch)

    def conflict(self, branch: str) -> str:
        git(self._clone, "fetch", "-q", "origin")
        git(self._clone, "checkout", "-q", "-B", branch, "origin/main")
        commit = self._write(FILE, "ours", branch)
        self._write(FILE, "theirs", "main")
        return commit

    def approve(self, number: int) -> None:
        self.forge().approve(number, self.reviewers[0])

    def comments(self, number: int) -> tuple[str, ...]:
        return self.forge().comments(number)

    def statuses(self, commit: str) -> dict[str, str]:
        return {context: state.value for context, state in self.forge().statuses(commit).items()}

    def open_numbers(self) -> list[int]:
        numbers = range(1, 30)
        forge = self.forge()
        return [number for number in numbers if _state(forge, number) == "open"]

    def main(self) -> str:
        return git(self._root / "shop.git", "rev-parse", "refs/heads/main")

    def _write(self, path: str, content: str, branch: str) -> str:
        git(self._clone, "fetch", "-q", "origin")
        known = git(self._clone, "branch", "--list", "-r", f"origin/{branch}")
        if known:
            git(self._clone, "checkout", "-q", "-B", branch, f"origin/{branch}")
        elif git(self._clone, "branch", "--show-current") != branch:
            git(self._clone, "checkout", "-q", "-B", branch, "origin/main")
        (self._clone / path).write_text(content)
        git(self._clone, "add", path)
        git(self._clone, "commit", "-q", "-m", f"Write {path}")
        git(self._clone, "push", "-q", "origin", branch)
        return git(self._clone, "rev-parse", "HEAD")


def git(directory: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=directory, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def _state(forge: Forge, number: int) -> str:
    from mlgitops.errors import ForgeError

    try:
        return forge.pull_request(number).state
    except ForgeError:
        return ""


@pytest.fixture(params=[*FAKES, "local", pytest.param("gitea", marks=pytest.mark.gitea)])
def scene(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Scene]:
    """Each kind of forge in turn."""
    if request.param == "local":
        yield LocalScene(tmp_path)
    elif request.param == "gitea":
        yield GiteaScene(request.getfixturevalue("gitea"))
    else:
        kind, _ = FAKES[request.param]
        with kind() as server:
            yield FakeScene(request.param, server)


@pytest.fixture(params=[*FAKES, pytest.param("gitea", marks=pytest.mark.gitea)])
def public_scene(request: pytest.FixtureRequest) -> Iterator[PublicScene]:
    """Those in which strangers can do something."""
    if request.param == "gitea":
        yield GiteaScene(request.getfixturevalue("gitea"))
    else:
        kind, _ = FAKES[request.param]
        with kind() as server:
            yield FakeScene(request.param, server)
