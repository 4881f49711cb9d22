"""A controller at a small site, on a real API, while the repository's host is away: it goes on by what it fetched last.

The host is a bare repository that is moved out of the way; the state directory is what a volume of the site keeps.
"""

from __future__ import annotations

import http.client
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.integration.kubernetes.faults.test_deposed import data
from tests.testbed.api import ApiError
from tests.testbed.command import Command, Ran
from tests.testbed.process import free_port
from tests.testbed.scene import Scene

SECONDS = 90.0
NOT_AS_ASKED = 1


class Site:
    """A scene whose commits are pushed to a host that may go away, and a controller that follows that host."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.host = scene.root.with_name(f"{scene.root.name}-host.git")
        self.away = self.host.with_suffix(".away")
        self.state = scene.root.with_name(f"{scene.root.name}-state")
        self.port = free_port()

    def push(self, value: str) -> str:
        """Has Git say this value, at the host. The commit's id."""
        self.scene.objects(*data(value, "a", "b"))
        head = self.scene.commit()
        if not self.host.exists():
            self._git("init", "--quiet", "--bare", "--initial-branch", "main", str(self.host))
        self._git("push", "--quiet", str(self.host), "HEAD:refs/heads/main")
        return head

    def goes_away(self) -> None:
        self.host.rename(self.away)

    def comes_back(self) -> None:
        self.away.rename(self.host)

    def once(self, code: int = 0, state: Path | None = None, more: Sequence[str] = ()) -> Ran:
        ran = self.scene.run(*self._arguments(state), "--once", *more)
        assert ran.code == code, ran.said
        return ran

    @contextmanager
    def running(self) -> Iterator[Command]:
        """A controller that runs until the block ends, and says at ``port`` whether it is ready."""
        listen = f"--listen=127.0.0.1:{self.port}"
        command = self.scene.start(*self._arguments(), "--interval", "1s", listen)
        try:
            yield command
        finally:
            command.send(signal.SIGTERM)
            command.ended()

    def is_ready(self) -> bool:
        """Whether the running controller says so."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", "/readyz")
            return connection.getresponse().status == http.HTTPStatus.OK
        except OSError:
            return False
        finally:
            connection.close()

    def delete(self, name: str) -> None:
        """Somebody deletes a live object."""
        self.scene.plane.api.request("DELETE", self._path(name))

    def value(self, name: str) -> str:
        """What a live object says; empty where it is not there."""
        try:
            return str(self.scene.plane.api.get(self._path(name))["data"]["value"])
        except ApiError:
            return ""

    def _arguments(self, state: Path | None = None) -> tuple[str, ...]:
        place = ("--repository", self.host.as_uri(), "--state", str(state or self.state))
        return ("controller", *place)

    def _path(self, name: str) -> str:
        return f"/api/v1/namespaces/{self.scene.namespace}/configmaps/{name}"

    def _git(self, *arguments: str) -> None:
        subprocess.run(["git", *arguments], cwd=self.scene.root, check=True)


@pytest.fixture
def site(scene: Scene) -> Site:
    return Site(scene)


def until(condition: Callable[[], bool]) -> None:
    """Waits for something to come to pass."""
    deadline = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < deadline, "it did not come to pass"
        time.sleep(0.1)


@pytest.mark.parametrize("elected", [False, True], ids=["alone", "elected"])
def test_a_controller_that_starts_while_the_host_is_away_repairs_by_the_last_good_commit(
    site: Site, elected: bool
) -> None:
    more = ["--leader-election", site.scene.namespace] if elected else []
    head = site.push("1")
    site.once(more=more)
    site.goes_away()
    site.delete("a")
    ran = site.once(NOT_AS_ASKED, more=more)
    assert "not followed" in ran.out
    assert head[:12] in ran.out
    assert "1 target: 1 applied." in ran.out
    assert (site.value("a"), site.value("b")) == ("1", "1")
    assert site.scene.inventory()["metadata"]["annotations"]["mlgitops.dev/commit"] == head


def test_one_that_runs_on_takes_up_the_branch_once_the_host_is_back(site: Site) -> None:
    site.scene.write({"environments/dev/environment.yaml": _every_second(site)})
    site.push("1")
    site.once()
    site.goes_away()
    site.delete("a")
    with site.running():
        until(lambda: site.value("a") == "1" and site.is_ready())
        site.delete("b")
        until(lambda: site.value("b") == "1")
        site.comes_back()
        site.push("2")
        until(lambda: (site.value("a"), site.value("b")) == ("2", "2"))


def test_one_that_lost_its_state_does_nothing_until_the_host_is_back(site: Site, tmp_path: Path) -> None:
    site.push("1")
    site.once()
    site.goes_away()
    site.delete("a")
    with site.scene.recording() as recorded:
        ran = site.once(NOT_AS_ASKED, tmp_path / "empty")
    assert recorded.counts() == {}
    assert "not followed" in ran.out
    site.comes_back()
    site.once(state=tmp_path / "empty")
    assert site.value("a") == "1"


def _every_second(site: Site) -> str:
    """The scene's environment, which is looked at every second."""
    path = site.scene.root / "environments/dev/environment.yaml"
    return path.read_text() + "  reconcile: {resync: 1s}\n"
