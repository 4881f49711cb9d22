"""The controller sees an alert, tells people, and opens one pull request for it, whatever happens in between.

Prometheus answers what the test says; the forge is a bare repository, and the receiver of notifications a real server.
"""

from __future__ import annotations

import io
import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import orjson
import pytest
import yaml

from mlgitops.controller import answering
from mlgitops.controller.goals import Chosen
from mlgitops.controller.log import Log
from mlgitops.controller.running import run_once
from mlgitops.controller.settings import Settings
from mlgitops.controller.state import State
from mlgitops.controller.store import DirectoryStore
from mlgitops.errors import TargetError
from mlgitops.progressive.progress import Phase
from mlgitops.response import ledger
from mlgitops.response.errands import Errand, Kind
from mlgitops.response.ledger import Known
from mlgitops.sources.commit import Commit
from mlgitops.workflows.project import Opened
from mlgitops.workflows.promotion.verify import verify
from tests.testbed.prometheus import FakePrometheus, serving

pytestmark = pytest.mark.integration
PROD = "environments/prod/models/iris.yaml"
BRANCH = "rollback/prod/iris"
LABELS = {"model": "iris", "version": "2.0", "environment": "prod", "target": "prod-here", "metric": "clicks"}
FIRES = ({"__name__": "ALERTS", "alertname": "ModelBusinessMetricBelowFloor", "alertstate": "firing", **LABELS}, "1")
WAY = (("promote", "iris", "--to", "staging"), ("promote", "iris", "--to", "prod"))


class Watched:
    """A shop whose iris 2.0 in prod has a business metric, and a controller that looks at it once each time."""

    def __init__(self, shop: Any, prometheus: FakePrometheus, folder: Path) -> None:
        self.shop = shop
        self.prometheus = prometheus
        self.lines = io.StringIO()
        self.got: list[dict[str, Any]] = []
        self.status = 200
        self.addresses = folder / "addresses"
        self.addresses.mkdir()
        self.settings = Settings(
            str(shop.bare), folder / "state", chosen=Chosen(("prod",)), addresses=self.addresses, opens=True
        )

    def prepare(self, **response: Any) -> None:
        """Has Git say what is watched, and what follows."""
        changes: dict[str, Callable[[Any], object]] = {
            "mlgitops.yaml": lambda spec: spec["forge"].update(url=f"file://{self.shop.bare}"),
            "targets/prod-here.yaml": self._target,
            PROD: lambda spec: spec["monitoring"].update(
                business=[{"name": "clicks", "query": "clicks", "floor": 3}]
            ),
            "environments/prod/environment.yaml": lambda spec: spec.update(reconcile=_reconcile(response)),
        }  # fmt: skip
        files = {}
        for path, change in changes.items():
            data = yaml.safe_load(self.shop.file(path))
            change(data["spec"])
            files[path] = yaml.safe_dump(data, sort_keys=False)
        self.shop.commit(files)

    def _target(self, spec: Any) -> None:
        spec["components"]["prometheusOperator"] = "0.85.0"
        spec["prometheus"] = {"url": self.prometheus.url}

    def look(self, **changes: Any) -> Known:
        """The one cause, once the controller has looked at everything."""
        state = self.once(**changes)
        assert state.responses, self.lines.getvalue()
        (known,) = state.responses.values()
        return known

    def once(self, **changes: Any) -> State:
        return run_once(replace(self.settings, **changes), Log(self.lines, time.time))

    def kept(self) -> State:
        return DirectoryStore(self.settings.state).read()


def verified(watched: Watched, branch: str) -> list[tuple[str, tuple[str, ...]]]:
    """What the check of a pull request finds: each claim, and what is wrong with it."""
    opened = Opened(watched.shop.root, Commit(watched.shop.root, "HEAD"), None)
    found = verify(opened, branch, "HEAD", "2026-12-01T00:00:00Z").checked
    return [(one.kind, one.problems) for one in found]


def _reconcile(response: dict[str, Any]) -> dict[str, Any]:
    return {
        "responses": [{"when": ["business"], "open": "rollback", **response}],
        "notifications": [{"name": "chat", "when": ["business"], "urlFrom": "chat"}],
    }


@pytest.fixture
def watched(shop: Any, tmp_path: Path) -> Iterator[Watched]:
    """What fires is on; nothing was looked at yet."""
    for arguments in WAY:
        shop.promoted(*arguments)
    with serving() as prometheus:
        one = Watched(shop, prometheus, tmp_path)

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                one.got.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(one.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
            threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
            (one.addresses / "chat").write_text(f"http://127.0.0.1:{server.server_port}/T0KEN\n")
            one.prepare()
            prometheus.vectors = {"ALERTS": [FIRES], "clicks": [({}, "1.5")]}
            yield one
            server.shutdown()


def test_an_alert_becomes_one_pull_request_with_the_evidence_and_one_notification(watched: Watched) -> None:
    known = watched.look()
    pull = watched.shop.forge.find(BRANCH)
    assert (known.result, known.values[0].value) == ("opened", 1.5)
    assert pull is not None
    assert "measured ModelBusinessMetricBelowFloor/clicks: 1.5" in pull.body
    evidence = orjson.loads(watched.shop.file(f"environments/prod/evidence/iris/causes/{known.cause.id}.json", BRANCH))
    assert evidence["values"][0]["value"] == 1.5
    assert yaml.safe_load(watched.shop.file(PROD, BRANCH))["spec"]["release"]["version"] == "1.0"
    (told,) = watched.got
    assert (told["event"], told["signal"], told["response"]["pullRequest"]) == ("began", "business", known.url)
    assert "T0KEN" not in watched.lines.getvalue()


def test_what_was_done_is_not_done_again(watched: Watched) -> None:
    watched.look()
    before = watched.shop.git("show-ref", at=watched.shop.bare)
    assert watched.look().times == 1
    assert watched.shop.git("show-ref", at=watched.shop.bare) == before
    assert len(watched.got) == 1


def test_a_controller_killed_before_it_remembered_finds_its_pull_request(watched: Watched) -> None:
    first = watched.look()
    forget(watched, first)
    before = watched.shop.git("rev-parse", BRANCH, at=watched.shop.bare)
    assert watched.look().result == "unchanged"
    assert watched.shop.git("rev-parse", BRANCH, at=watched.shop.bare) == before
    assert watched.shop.open_pulls() == [BRANCH]


def test_a_pull_request_that_a_person_closed_is_not_opened_again(watched: Watched) -> None:
    watched.look()
    watched.shop.git("branch", "-D", BRANCH, at=watched.shop.bare)
    watched.look()
    assert not watched.shop.open_pulls()


def test_a_pull_request_is_verified_and_once_merged_the_cause_is_over(watched: Watched) -> None:
    first = watched.look()
    watched.shop.pull()
    watched.shop.git("fetch", "--quiet", str(watched.shop.bare), f"{BRANCH}:{BRANCH}")
    assert verified(watched, BRANCH) == [("rollback", ())]
    watched.shop.merge(BRANCH)
    forget(watched, first)
    assert not watched.look().is_active
    assert not watched.shop.open_pulls()


def test_what_was_merged_before_the_controller_could_remember_it_is_known(watched: Watched) -> None:
    watched.prepare(open="deprecate")
    first = watched.look()
    watched.shop.merge("retire/prod/iris")
    forget(watched, first)
    known = watched.look()
    assert (known.is_active, known.result, watched.shop.open_pulls()) == (True, "merged", [])


def forget(watched: Watched, known: Known) -> None:
    """The controller was killed before it remembered that it opened the pull request."""
    forgot = replace(known, result="", url="", errands=(Errand(Kind.PULL),))
    DirectoryStore(watched.settings.state).write(replace(watched.kept(), responses={known.cause: forgot}))


@pytest.mark.parametrize(
    "nonsense",
    [
        {"status": 503},
        {"body": b"<html>"},
        {"vectors": {"ALERTS": [({}, "1")]}},
        {"vectors": {"ALERTS": [(FIRES[0], "NaN")]}},
    ],
    ids=["away", "a login page", "no alert", "no number"],
)  # fmt: skip
def test_nonsense_begins_nothing_and_ends_nothing(
    watched: Watched, nonsense: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger, "QUIET", 0.0)
    well = {"status": 200, "body": None, "vectors": watched.prometheus.vectors}
    for name, value in nonsense.items():
        setattr(watched.prometheus, name, value)
    assert not watched.once().responses
    for name, value in well.items():
        setattr(watched.prometheus, name, value)
    watched.look()
    for name, value in nonsense.items():
        setattr(watched.prometheus, name, value)
    assert watched.look().is_active


def test_an_end_is_told(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger, "QUIET", 0.0)
    watched.look()
    watched.prometheus.vectors = {}
    assert not watched.look().is_active
    assert [one["event"] for one in watched.got] == ["began", "ended"]


def test_without_the_right_people_are_told_what_to_run(watched: Watched) -> None:
    known = watched.look(opens=False)
    assert (known.result, watched.shop.open_pulls()) == ("", [])
    assert watched.got[0]["response"]["command"] == "mlgitops rollback iris --env prod"


def test_a_receiver_that_is_away_is_told_later(watched: Watched) -> None:
    watched.status = 503
    known = watched.look()
    (left,) = known.errands
    assert (left.kind, left.tries) == ("notice", 1)
    assert left.at > known.since


def test_a_missing_address_is_told_without_a_pull_request_being_lost(watched: Watched) -> None:
    (watched.addresses / "chat").unlink()
    assert watched.look().result == "opened"
    assert "there is no address in the file chat" in watched.lines.getvalue()


def test_what_git_has_replaced_by_now_is_not_rolled_back(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    def moved(self: answering.Answering, known: Known, *rest: Any) -> Any:
        return original(self, replace(known, cause=replace(known.cause, version="0.9")), *rest)

    original = answering.Answering.answer
    monkeypatch.setattr(answering.Answering, "answer", moved)
    known = watched.look()
    assert (known.result, watched.shop.open_pulls()) == ("given-up", [])
    assert "but Git has 2.0 in prod by now" in known.problem


def test_a_model_is_only_announced_to_end(watched: Watched) -> None:
    watched.prepare(open="deprecate")
    assert watched.look().result == "opened"
    path = "retire/prod/iris"
    assert yaml.safe_load(watched.shop.file(PROD, path))["spec"]["lifecycle"]["stage"] == "deprecated"


def ended_rollout(watched: Watched, phase: Phase) -> None:
    """Iris 2.0 is brought out in prod beside 1.0, and its rollout by steps has ended so."""
    data = yaml.safe_load(watched.shop.file(PROD))
    stable = {"version": "1.0", "artifact": {"uri": "s3://models/iris/1.0"}}
    data["spec"]["rollout"] = {"strategy": "canary", "stable": stable, "steps": [{"weight": 10, "hold": "1d"}]}
    target = yaml.safe_load(watched.shop.file("targets/prod-here.yaml"))
    gateway = {"name": "public", "namespace": "ingress", "hostname": "{model}.models.example.com"}
    target["spec"]["serving"] = {"gateway": gateway}
    target["spec"]["components"]["gatewayApi"] = "1.3.0"
    environment = yaml.safe_load(watched.shop.file("environments/prod/environment.yaml"))
    opens = {"rolloutAborted": "rollback", "rolloutCompleted": "complete"}
    responses = [{"when": [signal], "open": action} for signal, action in opens.items()]
    environment["spec"]["reconcile"] = {"responses": responses}
    environment["spec"]["policy"]["rules"]["rollout-not-analysed"] = "off"
    files = {PROD: data, "targets/prod-here.yaml": target, "environments/prod/environment.yaml": environment}
    watched.shop.commit({path: yaml.safe_dump(content, sort_keys=False) for path, content in files.items()})
    watched.prometheus.vectors = {}
    state = watched.once()
    (key,) = state.progress
    progress = replace(state.progress[key], phase=phase, reason="here: errors is 9, more than 1")
    DirectoryStore(watched.settings.state).write(replace(state, progress={key: progress}))


def test_an_aborted_rollout_becomes_a_rollback_to_the_stable_release(watched: Watched) -> None:
    ended_rollout(watched, Phase.ABORTED)
    known = watched.look()
    assert (known.result, known.reason) == ("opened", "here: errors is 9, more than 1"), watched.lines.getvalue()
    spec = yaml.safe_load(watched.shop.file(PROD, BRANCH))["spec"]
    assert (spec["release"]["version"], "stable" in spec["rollout"]) == ("1.0", False)
    assert spec["hold"]["reason"] == "rolloutAborted was seen of 2.0"


def test_a_completed_rollout_is_completed_in_git_and_is_over_once_that_is_merged(watched: Watched) -> None:
    ended_rollout(watched, Phase.COMPLETED)
    assert watched.look().result == "opened", watched.lines.getvalue()
    watched.shop.pull()
    watched.shop.git("fetch", "--quiet", str(watched.shop.bare), "complete/prod/iris:complete/prod/iris")
    assert verified(watched, "complete/prod/iris") == [("complete", ())]
    watched.shop.merge("complete/prod/iris")
    spec = yaml.safe_load(watched.shop.file(PROD))["spec"]
    assert (spec["release"]["version"], "stable" in spec["rollout"]) == ("2.0", False)
    assert not watched.look().is_active
    assert watched.shop.run("audit", "verify").code == 0


def test_a_model_is_trained_anew_where_its_pipeline_is(watched: Watched) -> None:
    watched.prepare(open="retrain")
    target = yaml.safe_load(watched.shop.file("targets/dev-here.yaml"))
    target["spec"]["components"]["argoWorkflows"] = "3.7.1"
    steps = [{"name": "fit", "image": "example.com/fit:1"}]
    pipeline = {"metadata": {"name": "training"}, "spec": {"model": "iris", "steps": steps}}
    head = {"apiVersion": "mlgitops.dev/v1alpha1", "kind": "Pipeline"}
    path = "environments/dev/pipelines/training.yaml"
    watched.shop.commit({
        path: yaml.safe_dump({**head, **pipeline}), "targets/dev-here.yaml": yaml.safe_dump(target, sort_keys=False)
    })  # fmt: skip
    known = watched.look()
    assert known.result == "opened", known.problem
    run = yaml.safe_load(watched.shop.file(path, "retrain/dev/iris"))["spec"]["run"]
    assert run == {"number": 1, "reason": "business (ModelBusinessMetricBelowFloor/clicks) was seen of 2.0"}
    watched.shop.pull()
    watched.shop.git("fetch", "--quiet", str(watched.shop.bare), "retrain/dev/iris:retrain/dev/iris")
    assert verified(watched, "retrain/dev/iris") == []


def test_a_model_of_which_a_newer_release_waits_is_not_trained_anew(watched: Watched, model_text: Any) -> None:
    watched.prepare(open="retrain")
    spec = yaml.safe_load(watched.shop.file("environments/dev/models/iris.yaml"))
    spec["spec"]["release"]["version"] = "3.0"
    target = yaml.safe_load(watched.shop.file("targets/dev-here.yaml"))
    target["spec"]["components"]["argoWorkflows"] = "3.7.1"
    head = {"apiVersion": "mlgitops.dev/v1alpha1", "kind": "Pipeline", "metadata": {"name": "training"}}
    steps = [{"name": "fit", "image": "example.com/fit:1"}]
    files = {
        "environments/dev/models/iris.yaml": spec,
        "environments/dev/pipelines/training.yaml": {**head, "spec": {"model": "iris", "steps": steps}},
        "targets/dev-here.yaml": target,
    }
    watched.shop.commit({path: yaml.safe_dump(content, sort_keys=False) for path, content in files.items()})
    known = watched.look()
    assert (known.result, watched.shop.open_pulls()) == ("given-up", [])
    assert "dev has 3.0 of iris, which is not what this was seen of (2.0)" in known.problem


def test_nothing_is_done_that_could_not_be_remembered(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: DirectoryStore, state: State) -> None:
        raise TargetError("no space left on device", help="Make room.")

    with monkeypatch.context() as patched:
        patched.setattr(DirectoryStore, "write", full)
        assert watched.look().errands
    assert (watched.got, watched.shop.open_pulls()) == ([], [])
    assert watched.look().result == "opened"


def test_an_alert_that_git_has_no_longer_is_over(watched: Watched) -> None:
    watched.look()
    data = yaml.safe_load(watched.shop.file(PROD))
    del data["spec"]["monitoring"]["business"]
    watched.shop.commit({PROD: yaml.safe_dump(data, sort_keys=False)})
    known = watched.look()
    assert not known.is_active
    assert [one["event"] for one in watched.got] == ["began", "ended"]
    assert watched.look() == known
