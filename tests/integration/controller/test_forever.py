"""A controller that runs for ever: what it notices by itself, what hangs, and how it ends."""

from __future__ import annotations

import json
import os
import signal
import threading
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
import urllib3

from mlgitops.controller.state import Key
from mlgitops.targets.directory import DirectoryConnection
from tests.integration.controller.conftest import SECONDS, Site, of, until, words
from tests.testbed.command import Command

pytestmark = pytest.mark.integration


def test_a_new_commit_is_applied_once_somebody_tells_that_there_is_one(site: Site) -> None:
    with site.running() as controller:
        until(lambda: words(controller.state) == {"here": "applied"})
        site.models("iris", "rose")
        head = site.commit()
        controller.poke()
        until(lambda: controller.state.commit == head and site.applied_commit() == head)
        assert "InferenceService/rose" in site.manifests()


def test_git_is_asked_again_and_again(site: Site) -> None:
    with site.running(interval=0.1) as controller:
        until(lambda: words(controller.state) == {"here": "applied"})
        site.models("iris", "rose")
        head = site.commit()
        until(lambda: site.applied_commit() == head)


def test_drift_is_repaired_at_the_next_resync_although_git_stays_as_it_is(site: Site) -> None:
    site.reconcile(resync="200ms")
    site.commit()
    with site.running() as controller:
        until(lambda: words(controller.state) == {"here": "applied"})
        site.service().unlink()
        until(lambda: (site.root / "clusters/here").exists() and "InferenceService/iris" in site.manifests())


def test_git_that_cannot_be_read_leaves_targets_looked_after_by_the_last_commit(site: Site) -> None:
    site.reconcile(resync="200ms")
    head = site.commit()
    with site.running(interval=0.1) as controller:
        until(lambda: words(controller.state) == {"here": "applied"})
        (site.root / ".git").rename(site.root / ".gone")
        until(lambda: controller.state.refused != "")
        service = site.service()
        service.unlink()
        until(service.exists)
        assert controller.state.commit == head
        (site.root / ".gone").rename(site.root / ".git")
        until(lambda: controller.state.refused == "")


@pytest.fixture
def stuck(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """A target named there hangs when it is read, until the event is set."""
    freed = threading.Event()
    read = DirectoryConnection.inventory

    def hanging(self: DirectoryConnection) -> object:
        if self._id.endswith("/there"):
            assert freed.wait(SECONDS)
        return read(self)

    monkeypatch.setattr(DirectoryConnection, "inventory", hanging)
    yield freed
    freed.set()


def test_a_target_that_hangs_holds_nobody_and_is_tried_again_only_once_it_ended(
    site: Site, stuck: threading.Event
) -> None:
    site.targets("here", "there", "yonder")
    site.reconcile(deadline="1s", resync="300ms")
    site.commit()
    with site.running(concurrency=1, interval=0.1) as controller:
        until(lambda: words(controller.state).get("there") == "failed")
        assert "it took longer than 1s, and is left behind" in of(controller.state, "there").result.reason  # type: ignore[union-attr]
        until(lambda: words(controller.state)["here"] == words(controller.state)["yonder"] == "in-sync")
        site.models("iris", "rose")
        head = site.commit()
        until(lambda: site.applied_commit("here") == site.applied_commit("yonder") == head)
        assert sum(thread.name == f"job {Key('dev', 'there')}" for thread in threading.enumerate()) == 1
        stuck.set()
        until(lambda: words(controller.state)["there"] in ("applied", "in-sync"))
        assert "InferenceService/rose" in site.manifests("there")


class Ran:
    """The command, running as a process of its own, and what it says."""

    def __init__(self, site: Site, *more: str) -> None:
        said = site.settings.state.with_name(f"said-{uuid4().hex}")
        said.mkdir()
        arguments = ["controller", "--repository", str(site.root), "--state", str(site.settings.state), *more]
        self.log = said / "err"
        self.process = Command(arguments, site.root, {**os.environ, "MLGITOPS_DEBUG": "1"}, said)

    def line(self, message: str) -> dict[str, Any]:
        """A line of its log, once it comes."""
        found: list[dict[str, Any]] = []

        def is_there() -> bool:
            whole = self.log.read_text().rpartition("\n")[0]
            found[:] = [line for line in map(json.loads, whole.splitlines()) if line["message"] == message]
            return bool(found)

        until(is_there)
        return found[0]


@pytest.mark.slow
def test_a_signal_ends_it_and_what_it_serves_tells_how_it_stands(site: Site) -> None:
    ran = Ran(site, "--listen", "127.0.0.1:0")
    page = f"http://127.0.0.1:{ran.line('serving')['port']}"
    ran.line("applied")
    assert [urllib3.request("GET", f"{page}/{name}").status for name in ("healthz", "readyz")] == [200, 200]
    until(lambda: b'"word":"applied"' in urllib3.request("GET", f"{page}/status").data)
    metrics = urllib3.request("GET", f"{page}/metrics").data.decode()
    assert 'mlgitops_target_result{environment="dev",result="applied",target="here"} 1.0' in metrics
    ran.process.send(signal.SIGTERM)
    assert ran.process.ended().code == 143


@pytest.mark.slow
def test_the_exit_code_says_whether_anything_is_wrong_or_held_back(site: Site) -> None:
    site.reconcile(mode="manual")
    site.commit()
    assert Ran(site, "--once").process.ended().code == 0
    assert Ran(site, "--once", "--detailed-exitcode").process.ended().code == 2
    site.reconcile()
    site.commit()
    assert Ran(site, "--once", "--detailed-exitcode").process.ended().code == 0
    (site.root / "clusters/here/.mlgitops/shop.dev.here/inventory").write_text("{}")
    ended = Ran(site, "--once").process.ended()
    assert ended.code == 1
    assert ended.out.splitlines()[1].startswith("  unreachable  dev/here for ")
    assert ended.out.splitlines()[-1] == "1 target: 1 unreachable."
