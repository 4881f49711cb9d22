"""The controller opens one pull request for what it sees, on a real Gitea, killed or not: people decide the rest."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest
import yaml

from mlgitops.controller.store import DirectoryStore
from mlgitops.response.ledger import Known
from tests.testbed.command import Command
from tests.testbed.gitea.moments import after_the_push, to_open
from tests.testbed.gitea.team import Team
from tests.testbed.prometheus import FakePrometheus, serving
from tests.testbed.proxy import Exchange, FaultProxy, Request

pytestmark = [pytest.mark.integration, pytest.mark.gitea, pytest.mark.slow]

PROD = "environments/prod/models/iris.yaml"
BRANCH = "rollback/prod/iris"
SECONDS = 60.0
LABELS = {"model": "iris", "version": "2.0", "environment": "prod", "target": "prod-here", "metric": "clicks"}
FIRES = ({"__name__": "ALERTS", "alertname": "ModelBusinessMetricBelowFloor", "alertstate": "firing", **LABELS}, "1")


class Controlled:
    """Iris 2.0 in prod, whose clicks are below their floor, and a controller with the token of a machine."""

    def __init__(self, team: Team, proxy: FaultProxy, state: Path) -> None:
        self.team = team
        self.proxy = proxy
        self.start_commit = ""
        self._state = state

    def prepare(self, prometheus: FakePrometheus, iris: dict[str, str]) -> None:
        """Has Git say all that, with the forge behind the proxy."""
        changes: dict[str, Callable[[Any], object]] = {
            "mlgitops.yaml": lambda spec: spec["forge"].update(url=self.proxy.access("").server),
            "targets/prod-here.yaml": lambda spec: spec.update(
                components={**spec["components"], "prometheusOperator": "0.85.0"}, prometheus={"url": prometheus.url}
            ),
            PROD: lambda spec: spec["monitoring"].update(business=[{"name": "clicks", "query": "clicks", "floor": 3}]),
            "environments/prod/environment.yaml": lambda spec: spec.update(
                reconcile={"responses": [{"when": ["business"], "open": "rollback"}]}
            ),
        }
        files = dict(iris)
        for path, change in changes.items():
            data = yaml.safe_load(files.get(path) or self.team.file(path))
            change(data["spec"])
            files[path] = yaml.safe_dump(data, sort_keys=False)
        with self.team.without_protection():
            self.start_commit = self.team.push(files)

    def start(self) -> Command:
        """One look at everything in prod, as a process of its own."""
        url = self.team.server.clone_url(self.team.repository)
        return self.team.ci.start(
            "controller", "--repository", url, "--state", str(self._state), "--env", "prod", "--once",
            "--open-pull-requests",
        )  # fmt: skip

    def look(self) -> Known:
        """The one cause, once the controller has looked at everything."""
        ran = self.start().ended()
        assert ran.code == 0, ran.said
        (known,) = DirectoryStore(self._state).read().responses.values()
        return known

    def pulls(self) -> list[tuple[int, str]]:
        """Every pull request that there ever was, and its state."""
        return [(pull["number"], pull["state"]) for pull in self.team.pulls("all")]


@pytest.fixture
def controlled(team: Team, model_of: Callable[..., dict[str, str]], tmp_path: Path) -> Iterator[Controlled]:
    """Nothing was looked at yet."""
    with serving() as prometheus, FaultProxy(team.server) as proxy:
        prometheus.vectors = {"ALERTS": [FIRES], "clicks": [({}, "1.5")]}
        one = Controlled(team, proxy, tmp_path / "state")
        one.prepare(prometheus, model_of("iris", "prod", "2.0"))
        yield one


def test_an_alert_becomes_one_pull_request_that_is_checked_reviewed_merged_and_audited(controlled: Controlled) -> None:
    team = controlled.team
    known = controlled.look()
    assert (known.result, known.problem) == ("opened", "")
    assert controlled.look() == known
    assert controlled.pulls() == [(1, "open")]
    head = team.fetched(BRANCH)
    changed = set(team.ann.git("diff", "--name-only", "origin/main", head).split())
    evidence = f"environments/prod/evidence/iris/causes/{known.cause.id}.json"
    assert changed >= {PROD, evidence}
    assert team.ann.git("rev-list", "--count", f"origin/main..{head}") == "1"
    assert json.loads(team.file(evidence, BRANCH))["values"][0]["value"] == 1.5
    assert "measured ModelBusinessMetricBelowFloor/clicks: 1.5" in team.pull(BRANCH)["body"]

    team.land(BRANCH)
    assert 'version: "1.0"' in team.file(PROD)
    audit = team.ann.does("audit", "verify", "--since", controlled.start_commit)
    assert audit.startswith("Passed: 1 change")
    assert not controlled.look().is_active
    assert controlled.pulls() == [(1, "closed")]


def test_a_pull_request_that_a_person_closed_is_not_opened_again(controlled: Controlled) -> None:
    controlled.look()
    team = controlled.team
    team.server.api(team.eve.user.token).request("PATCH", f"{team.path}/pulls/1", {"state": "closed"})
    assert controlled.look().result == "opened"
    assert controlled.pulls() == [(1, "closed")]


@pytest.mark.parametrize(
    ("when", "carried_out"),
    [(after_the_push, False), (to_open, False), (to_open, True)],
    ids=["after the push", "before it is opened", "before it is remembered"],
)
def test_a_controller_that_is_killed_opens_one_all_the_same(
    controlled: Controlled, when: Callable[[Request], bool], carried_out: bool
) -> None:
    running: Future[Command] = Future()

    def kill(exchange: Exchange) -> None:
        if carried_out:
            exchange.forward()
        running.result(SECONDS).send(signal.SIGKILL)
        running.result().ended()

    controlled.proxy.rule = lambda request: kill if when(request) else None
    running.set_result(controlled.start())
    ran = running.result().ended()
    assert ran.code == -signal.SIGKILL, ran.said
    pushed = controlled.team.fetched(BRANCH)
    assert len(controlled.pulls()) == int(carried_out)

    controlled.proxy.rule = lambda request: None
    known = controlled.look()
    assert known.result in (("updated", "unchanged") if carried_out else ("opened",))
    assert controlled.look() == known
    assert controlled.team.fetched(BRANCH) == pushed
    assert controlled.pulls() == [(1, "open")]
