"""Many promotions at the same time, and some that are killed: on a real Gitea, as processes of their own."""

from __future__ import annotations

import os
import signal
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from mlgitops.forges import Forge, open_forge
from mlgitops.forges.answer import RefusedError
from tests.testbed.command import Command, Ran
from tests.testbed.gitea.moments import after_the_push, to_open
from tests.testbed.gitea.team import Team
from tests.testbed.proxy import Exchange, FaultProxy, Request
from tests.testbed.waiting import wait_until

pytestmark = [pytest.mark.integration, pytest.mark.gitea, pytest.mark.slow]

BRANCH = "promote/staging/iris"
RUNS = 20
MERGERS = 3
SECONDS = 300.0
LATER = 405

Files = Callable[..., dict[str, str]]
Rule = Callable[[Request], bool]


def ended(running: list[Command]) -> list[str]:
    """What processes printed that all went well."""
    told = [process.ended(SECONDS) for process in running]
    assert [ran.code for ran in told] == [0] * len(running), told
    return [ran.out for ran in told]


def test_twenty_promotions_of_one_model_give_one_pull_request(team: Team) -> None:
    told = ended([team.ann.start("promote", "iris", "--to", "staging", constants={}) for _ in range(RUNS)])
    assert all("Promote iris 2.0 from dev to staging: pull request 1 " in out for out in told)
    # Where a run is so slow to open it that another one does, the newer one is withdrawn.
    (pull,) = team.pulls("open")
    labels = ["env-staging", "mlgitops-promote"]
    assert sorted(label["name"] for label in pull["labels"]) == labels
    assert sorted(label["name"] for label in team.api.get(f"{team.path}/labels")) == labels
    assert team.ann.git("rev-list", "--count", f"origin/main..{team.fetched(BRANCH)}") == "1"
    team.land(BRANCH)
    assert team.ann.run("audit", "verify").code == 0


def test_promotions_of_twenty_models_all_land(team: Team, model_of: Files) -> None:
    names = [f"model-{number}" for number in range(RUNS)]
    files: dict[str, str] = {}
    for name in names:
        files |= model_of(name, "dev", "2.0") | model_of(name, "staging", "1.0")
    with team.without_protection():
        start = team.push(files)
    ended([team.ann.start("promote", name, "--to", "staging") for name in names])
    assert len(team.pulls("all")) == RUNS
    assert Counter(label["name"] for label in team.api.get(f"{team.path}/labels")).most_common(1)[0][1] == 1
    for name in names:
        assert team.check(f"promote/staging/{name}").code == 0
        team.approve(f"promote/staging/{name}")
    forge = forge_of(team)
    with ThreadPoolExecutor(MERGERS) as pool:
        list(pool.map(lambda name: merge(forge, f"promote/staging/{name}"), names))
    assert all('version: "2.0"' in team.file(f"environments/staging/models/{name}.yaml") for name in names)
    audit = team.ann.does("audit", "verify", "--since", start)
    assert audit.startswith(f"Passed: {RUNS} changes of releases")


def forge_of(team: Team) -> Forge:
    """Gitea as eve merges there by our own adapter."""
    settings = {"kind": "gitea", "url": team.server.url, "repository": team.repository}
    environment = {"GITEA_TOKEN": team.eve.user.token, "SSL_CERT_FILE": str(team.server.certificate)}
    return open_forge(settings, {**os.environ, **environment}, Path("/"))


def merge(forge: Forge, branch: str) -> None:
    """Each merge has Gitea look for conflicts anew in all the others, and it does not merge meanwhile."""
    pull = forge.find(branch)
    assert pull is not None
    number, head = pull.number, pull.head_commit

    def merged() -> bool:
        if not forge.pull_request(number).mergeable:
            return False
        try:
            forge.merge(number, head)
        except RefusedError as error:
            if error.status != LATER:
                raise
            return False
        return True

    wait_until(merged, f"{branch} to be merged", SECONDS)


@pytest.mark.parametrize(
    ("when", "carried_out"),
    [(after_the_push, False), (to_open, False), (to_open, True)],
    ids=["after the push", "before it is opened", "before the answer"],
)
def test_a_run_that_is_killed_is_completed_by_the_next(team: Team, when: Rule, carried_out: bool) -> None:
    running: Future[Command] = Future()

    def kill(exchange: Exchange) -> None:
        if carried_out:
            exchange.forward()
        running.result(SECONDS).send(signal.SIGKILL)
        running.result().ended()

    with FaultProxy(team.server, lambda request: kill if when(request) else None) as proxy:
        project = (team.ann.root / "mlgitops.yaml").read_text()
        through = project.replace(team.server.url, proxy.access("").server)
        (team.ann.root / "mlgitops.yaml").write_text(through)
        running.set_result(team.ann.start("promote", "iris", "--to", "staging"))
        assert running.result().ended() == Ran(-signal.SIGKILL, "", "")
        (team.ann.root / "mlgitops.yaml").write_text(project)
    pushed = team.fetched(BRANCH)
    assert len(team.pulls("all")) == int(carried_out)
    told = team.ann.does("promote", "iris", "--to", "staging")
    assert f"pull request 1 {'updated' if carried_out else 'opened'}" in told
    assert team.fetched(BRANCH) == pushed
    assert [pull["number"] for pull in team.pulls("all")] == [1]
    team.land(BRANCH)
    assert team.ann.run("audit", "verify").code == 0
