"""A controller that exposes a new release step by step, by what a Prometheus answers; its targets are files.

The Prometheus is one that answers what the test says, since a real one never answers nonsense on purpose.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

import orjson
import pytest
import yaml

from mlgitops.controller.loop import Controller
from mlgitops.controller.requests import Request, Verb
from mlgitops.controller.state import Key, ModelKey, State, Word
from mlgitops.controller.store import DirectoryStore
from mlgitops.errors import TargetError
from mlgitops.progressive.progress import Phase, Progress
from tests.testbed import fleet
from tests.testbed.prometheus import FakePrometheus, Vector, serving
from tests.testbed.waiting import wait_until

SECONDS = 60.0
IRIS = ModelKey("dev", "iris")
STEPS = [{"weight": 10, "hold": "200ms"}, {"weight": 50, "hold": "200ms"}]
NEVER = [{"weight": 10, "hold": "200ms"}, {"weight": 50, "hold": "1d"}]


def one(value: float | str) -> Vector:
    return [({}, str(value))]


@pytest.fixture
def prometheus() -> Iterator[FakePrometheus]:
    """One that says all is well: requests come, metrics are fresh, and one in a thousand requests fails."""
    with serving() as fake:
        fake.vectors = {"timestamp(": one(1), "* 60": one(500), "100 * ": one(0.1)}
        yield fake


class Rollouts:
    """The site's models, each in the midst of a rollout by steps."""

    def __init__(self, site: Any, prometheus: FakePrometheus) -> None:
        self.site = site
        self.prometheus = prometheus
        self.prepare()

    def prepare(self) -> None:
        """Gives every target a gateway and the Prometheus."""
        for path in (self.site.root / "targets").iterdir():
            target = yaml.safe_load(path.read_text())
            target["spec"]["components"] |= {"gatewayApi": "1.3.0", "prometheusOperator": "0.85.0"}
            gateway = {"name": "public", "namespace": "ingress", "hostname": "{model}.models.example.com"}
            target["spec"] |= {"serving": {"gateway": gateway}, "prometheus": {"url": self.prometheus.url}}
            path.write_text(yaml.safe_dump(target))

    def commit(self, *models: str, version: str = "1.1", steps: Any = STEPS, owner: str = "") -> None:
        """Has Git say that these models go from 1.0 to another version, and perhaps that somebody else owns them."""
        self.site.models(*models, version=version)
        for name in models:
            path = self.site.root / f"environments/dev/models/{name}.yaml"
            spec = yaml.safe_load(path.read_text())
            measures = [{"name": "errors", "of": "errors", "max": 1}]
            analysis = {"interval": "50ms", "window": "1m", "failures": 2, "requests": 20, "measures": measures}
            stable = {"version": "1.0", "artifact": {"uri": "s3://models/iris/1.0"}}
            spec["spec"]["rollout"] = {"strategy": "canary", "stable": stable, "steps": steps, "analysis": analysis}
            spec["spec"]["monitoring"] = {"metrics": True}
            spec["spec"]["governance"] |= {"owner": owner} if owner else {}
            path.write_text(yaml.safe_dump(spec))
        self.site.commit()

    def say(self, answers: Mapping[str, Any]) -> None:
        """What the Prometheus answers from now on: attributes of it."""
        for name, value in answers.items():
            setattr(self.prometheus, name, value)

    def weights(self, name: str = "iris") -> list[int]:
        """Of the stable and of the new release, as they are at the target."""
        route = self.site.manifests().get(f"HTTPRoute/{name}-traffic")
        if route is None:
            return []
        return [backend["weight"] for backend in route["spec"]["rules"][0]["backendRefs"]]

    def progress(self, key: ModelKey = IRIS) -> Progress:
        """How far it is, as it was kept."""
        return DirectoryStore(self.site.settings.state).read().progress[key]

    def phase(self, key: ModelKey = IRIS) -> str:
        return DirectoryStore(self.site.settings.state).read().progress[key].phase

    def until(self, weights: list[int], name: str = "iris") -> None:
        wait_until(
            lambda: self.weights(name) == weights, f"{name} to have {weights}: {self.site.lines.getvalue()}", SECONDS
        )

    def ask(self, verb: Verb, name: str = "iris") -> None:
        DirectoryStore(self.site.settings.state).ask(Request(verb, "dev", name))


@pytest.fixture
def rollouts(site: Any, prometheus: FakePrometheus) -> Rollouts:
    return Rollouts(site, prometheus)


def test_a_good_release_answers_everything_in_the_end(rollouts: Rollouts) -> None:
    rollouts.commit("iris")
    with rollouts.site.running():
        rollouts.until([0, 100])
        wait_until(lambda: rollouts.phase() == Phase.COMPLETED, "it to be remembered", SECONDS)
    steps = [line["step"] for line in map(orjson.loads, rollouts.site.lines.getvalue().splitlines()) if "step" in line]
    assert steps == sorted(steps)


def test_a_bad_release_answers_nothing_any_more_and_stays_so_after_a_restart(rollouts: Rollouts) -> None:
    rollouts.commit("iris", steps=NEVER)
    with rollouts.site.running():
        rollouts.until([50, 50])
        rollouts.prometheus.vectors["100 * "] = one(9)
        rollouts.until([100, 0])
    assert (rollouts.phase(), rollouts.progress().reason) == (Phase.ABORTED, "here: errors is 9, more than 1")
    rollouts.prometheus.vectors["100 * "] = one(0)
    with rollouts.site.running() as controller:
        wait_until(lambda: bool(controller.state.targets), "a look at the target", SECONDS)
        assert rollouts.weights() == [100, 0]
    assert rollouts.phase() == Phase.ABORTED


NONSENSE: dict[str, dict[str, Any]] = {
    "a number that is none": {"vectors": {"timestamp(": one(1), "* 60": one(500), "100 * ": one("NaN")}},
    "infinity": {"vectors": {"timestamp(": one(1), "* 60": one(500), "100 * ": one("+Inf")}},
    "nothing": {"vectors": {}},
    "two numbers for one": {"vectors": {"timestamp(": one(1), "* 60": one(500), "100 * ": [*one(0), *one(0)]}},
    "old metrics": {"vectors": {"timestamp(": one(100_000), "* 60": one(500), "100 * ": one(0.1)}},
    "no scrape": {"vectors": {"* 60": one(500), "100 * ": one(0.1)}},
    "few requests": {"vectors": {"timestamp(": one(1), "* 60": one(3), "100 * ": one(0.1)}},
    "a failure": {"status": 503},
    "no rights": {"status": 401},
    "a login page": {"body": b"<html>"},
    "half an answer": {"body": b'{"status": "success", "data": {"resultType"'},
}


def test_nonsense_pauses_a_rollout_and_never_takes_it_on(rollouts: Rollouts) -> None:
    """What one kind of nonsense after the other would add to the time for which the measures have held."""
    well = {"status": 200, "body": None, "vectors": rollouts.prometheus.vectors}
    rollouts.commit("iris", steps=[{"weight": 10, "hold": "1d"}])
    with rollouts.site.running() as controller:
        rollouts.until([90, 10])
        for what, nonsense in NONSENSE.items():
            rollouts.say(nonsense)
            wait_until(lambda: controller.state.progress[IRIS].verdict == "unknown", f"{what} to be unknown", SECONDS)
            held, looked = controller.state.progress[IRIS].held, controller.state.progress[IRIS].measured
            later = partial(_looked_later, controller, looked + 0.3)
            wait_until(later, "more looks", SECONDS)
            progress = controller.state.progress[IRIS]
            assert (progress.phase, progress.step, progress.held) == (Phase.STEPPING, 0, held), what
            assert rollouts.weights() == [90, 10], what
            rollouts.say(well)
            wait_until(lambda: controller.state.progress[IRIS].verdict == "pass", f"it to be well: {what}", SECONDS)


def _looked_later(controller: Controller, than: float) -> bool:
    return controller.state.progress[IRIS].measured > than


def test_a_rollout_that_was_paused_goes_on_once_there_is_sense_again(rollouts: Rollouts) -> None:
    vectors = rollouts.prometheus.vectors
    rollouts.commit("iris", steps=[{"weight": 10, "hold": "1s"}, {"weight": 50, "hold": "1d"}])
    with rollouts.site.running() as controller:
        rollouts.until([90, 10])
        rollouts.prometheus.vectors = {}
        wait_until(lambda: controller.state.progress[IRIS].verdict == "unknown", "it to be unknown", SECONDS)
        wait_until(partial(_looked_later, controller, controller.state.progress[IRIS].measured + 1.5), "looks", SECONDS)
        assert (controller.state.progress[IRIS].phase, rollouts.weights()) == (Phase.STEPPING, [90, 10])
        rollouts.prometheus.vectors = vectors
        rollouts.until([50, 50])


def test_a_release_that_comes_in_the_midst_of_a_rollout_begins_at_nothing(rollouts: Rollouts) -> None:
    rollouts.commit("iris", steps=NEVER)
    with rollouts.site.running():
        rollouts.until([50, 50])
    rollouts.prometheus.vectors.clear()
    rollouts.commit("iris", version="1.2", steps=NEVER)
    rollouts.site.once()
    assert rollouts.weights() == [100, 0]
    assert (rollouts.progress().new, rollouts.progress().step) == ("1.2", 0)


def test_of_two_rollouts_at_once_each_ends_by_itself(rollouts: Rollouts) -> None:
    rollouts.commit("iris", "rose", steps=NEVER)
    with rollouts.site.running():
        rollouts.until([50, 50])
        rollouts.until([50, 50], "rose")
        asked = next(query for query in rollouts.prometheus.asked if "100 * " in query and 'model="rose"' in query)
        rollouts.prometheus.vectors = {asked: one(9), **rollouts.prometheus.vectors}
        rollouts.until([100, 0], "rose")
        assert rollouts.weights() == [50, 50]
    assert rollouts.phase() == Phase.STEPPING


def test_a_rollout_goes_on_over_any_number_of_restarts(rollouts: Rollouts) -> None:
    rollouts.commit("iris", steps=[{"weight": 10, "hold": "1ms"}, {"weight": 50, "hold": "1ms"}])
    seen = []
    for _ in range(40):
        rollouts.site.once()
        seen.append(rollouts.weights()[1])
        if seen[-1] == 100:
            break
    assert seen == sorted(seen)
    assert set(seen) == {0, 10, 50, 100}


def test_a_person_ends_a_rollout_and_has_it_begin_anew(rollouts: Rollouts) -> None:
    rollouts.commit("iris", steps=NEVER)
    with rollouts.site.running() as controller:
        rollouts.until([50, 50])
        rollouts.ask(Verb.ABORT)
        rollouts.until([100, 0])
        assert rollouts.progress().reason == "a person ended it"
        rollouts.ask(Verb.RESUME)
        controller.poke()  # which looks for what people ask every half a minute where nothing else is due
        rollouts.until([50, 50])


def test_a_state_that_is_lost_takes_everything_back_first(rollouts: Rollouts) -> None:
    rollouts.commit("iris", steps=NEVER)
    with rollouts.site.running():
        rollouts.until([50, 50])
    (rollouts.site.settings.state / "state.json").unlink()
    rollouts.prometheus.vectors.clear()
    rollouts.site.once()
    assert rollouts.weights() == [100, 0]


def test_in_a_freeze_a_rollout_does_not_go_on_but_is_taken_back(rollouts: Rollouts) -> None:
    rollouts.commit("iris", steps=[{"weight": 10, "hold": "3s"}, {"weight": 50, "hold": "1d"}])
    with rollouts.site.running() as controller:
        rollouts.until([90, 10])
        freeze = {"from": "2020-01-01T00:00:00Z", "until": "2099-01-01T00:00:00Z", "reason": "stocktaking"}
        rollouts.site.reconcile(freezes=[freeze])
        rollouts.site.commit()
        controller.poke()
        wait_until(lambda: "stocktaking" in controller.state.progress[IRIS].reason, "it to be held back", SECONDS)
        rollouts.prometheus.vectors["100 * "] = one(9)
        rollouts.until([100, 0])


def test_what_waits_for_the_end_of_a_freeze_does_not_keep_a_bad_release_there(rollouts: Rollouts) -> None:
    rollouts.commit("iris", steps=NEVER)
    with rollouts.site.running() as controller:
        rollouts.until([50, 50])
        freeze = {"from": "2020-01-01T00:00:00Z", "until": "2099-01-01T00:00:00Z", "reason": "stocktaking"}
        rollouts.site.reconcile(freezes=[freeze])
        rollouts.commit("iris", steps=NEVER, owner="others@example.com")
        controller.poke()
        here = Key("dev", "here")
        wait_until(lambda: controller.state.targets[here].word is Word.PENDING, "something to wait", SECONDS)
        rollouts.prometheus.vectors["100 * "] = one(9)
        rollouts.until([100, 0])
        wait_until(lambda: controller.state.targets[here].word is Word.PENDING, "the rest to wait", SECONDS)
    owner = rollouts.site.manifests()["InferenceService/iris"]["metadata"]["annotations"]["mlgitops.dev/owner"]
    assert owner == "shop@example.com"


def test_a_target_that_cannot_be_read_does_not_keep_a_bad_release_at_the_others(rollouts: Rollouts) -> None:
    rollouts.site.targets("here", "there")
    rollouts.prepare()
    rollouts.commit("iris", steps=NEVER)
    with rollouts.site.running() as controller:
        rollouts.until([50, 50])
        wait_until(lambda: controller.state.progress[IRIS].verdict == "pass", "both to be well", SECONDS)
        inventory = fleet.damage(rollouts.site.root, "there")
        rollouts.commit("iris", steps=NEVER, owner="others@example.com")
        controller.poke()
        there = Key("dev", "there")
        wait_until(lambda: controller.state.targets[there].word is Word.UNREACHABLE, "it to be away", SECONDS)
        rollouts.prometheus.vectors["100 * "] = one(9)
        rollouts.until([100, 0])
        assert inventory.exists()
    assert rollouts.phase() == Phase.ABORTED


def test_what_cannot_be_remembered_exposes_nothing_further_and_keeps_no_bad_release_there(
    rollouts: Rollouts, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: DirectoryStore, state: State) -> None:
        raise TargetError("no space left on device", help="Make room.")

    rollouts.commit("iris", steps=[{"weight": 10, "hold": "2s"}, {"weight": 50, "hold": "1d"}])
    with rollouts.site.running() as controller:
        rollouts.until([90, 10])
        monkeypatch.setattr(DirectoryStore, "write", full)
        asked = len(rollouts.prometheus.asked)
        time.sleep(4)
        assert rollouts.weights() == [90, 10]
        assert controller.state.progress[IRIS].step == 0
        assert len(rollouts.prometheus.asked) - asked < 3 * 4 / 0.05 + 30  # as often as the interval says
        rollouts.prometheus.vectors["100 * "] = one(9)
        rollouts.until([100, 0])
