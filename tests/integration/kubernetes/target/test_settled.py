"""What a controller need not look at again, on a real API: nothing that changes there escapes it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from mlgitops.controller.goals import Goal, Policy, contents_of
from mlgitops.controller.looking import look
from mlgitops.controller.reconcile import Attempt, Surroundings, reconcile
from mlgitops.controller.schedule import Withheld
from mlgitops.controller.settled import MOST, Settled
from mlgitops.controller.state import Result, Word
from mlgitops.manifest import Manifest, digest, identity
from mlgitops.plan.selection import Selection
from mlgitops.render.rendering import Rendering, TargetRendering
from mlgitops.spec.reconcile import Reconcile
from mlgitops.targets.kubernetes import listing
from mlgitops.workflows.apply.course import Interruption
from mlgitops.workflows.wait import Clock

KINDS = ("ConfigMap", "ServiceAccount")


class Reconciled:
    """A target that the same controller looks at again and again."""

    def __init__(self, target: Any) -> None:
        self.target = target
        self.settled = Settled()
        clock = Clock(time.monotonic, time.sleep)
        self._outside = Surroundings(
            lambda _: target.connect(), lambda _one, _other: True, time.time, clock, self.settled
        )

    def goal(self, *manifests: Manifest, commit: str = "c1") -> Goal:
        rendered = TargetRendering("aws", {"kubernetes": {}}, manifests)
        rendering = Rendering("shop", "dev", (rendered,), commit=commit)
        return Goal(rendering, Policy(Reconcile(), ("aws",), {}, ()), digest(list(manifests)), contents_of(rendered))

    def once(self, goal: Goal, **more: Any) -> Result:
        return reconcile(Attempt(goal, **more), self._outside)


@pytest.fixture
def reconciled(target: Any) -> Reconciled:
    return Reconciled(target)


@pytest.fixture
def objects(target: Any) -> list[Manifest]:
    return [*(target.make(name, data={"v": "1"}) for name in ("a", "b", "c")), target.make("a", "ServiceAccount")]


def stamped(goal: Goal) -> Sequence[Manifest]:
    """What a person writes who applies the goal by hand."""
    return list(Selection().manifests(goal.target, goal.rendering.commit))


def listed(target: Any, work: Callable[[], object]) -> list[str]:
    """The kinds of which lists were asked for meanwhile."""
    with target.plane.audit.recording() as recorded:
        work()
    assert not recorded.mutating()
    return sorted(event.resource for event in recorded.events if event.verb == "list")


def test_where_nothing_moved_only_metadata_is_listed(
    reconciled: Reconciled, objects: list[Manifest], target: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    goal = reconciled.goal(*objects)
    assert [reconciled.once(goal).word for _ in range(3)] == [Word.APPLIED, Word.IN_SYNC, Word.IN_SYNC]
    monkeypatch.setattr(listing, "JSON", "application/never")
    assert listed(target, lambda: reconciled.once(goal)) == ["configmaps", "serviceaccounts"]
    result = reconciled.once(goal)
    assert (result.word, result.commit, result.applied) == (Word.IN_SYNC, "c1", "c1")


@pytest.mark.parametrize("what", ["field", "label", "deleted", "inventory", "health rules"])
def test_any_change_is_seen_at_the_next_look(
    reconciled: Reconciled, objects: list[Manifest], target: Any, what: str
) -> None:
    goal = reconciled.goal(*objects)
    reconciled.once(goal)
    reconciled.once(goal)
    assert reconciled.settled.holds(goal, target.connect())
    match what:
        case "field":
            target.edit(objects[0], "autotuner", data={"v": "2"})
        case "label":
            target.edit(objects[0], "autotuner", metadata={"labels": {"new": "one"}})
        case "deleted":
            target.plane.api.delete(objects[0])
        case "inventory":
            target.apply(*objects, target.make("d", data={}))
        case "health rules":
            goal = Goal(goal.rendering, Policy(Reconcile(), ("aws",), {}, (object(),)), goal.digest, goal.contents)  # type: ignore[arg-type]
    assert not reconciled.settled.holds(goal, target.connect())
    if what in ("field", "deleted"):
        assert reconciled.once(goal).word is Word.APPLIED
        assert target.read(objects[0])["data"] == {"v": "1"}


def test_what_git_changes_a_little_is_looked_at_by_itself_and_the_rest_the_next_time(
    reconciled: Reconciled, objects: list[Manifest], target: Any
) -> None:
    changed, gone, theirs = {**objects[0], "data": {"v": "2"}}, objects[1], objects[2]
    goal, after = reconciled.goal(*objects), reconciled.goal(changed, *objects[2:], commit="c2")
    reconciled.once(goal)
    reconciled.once(goal)
    target.edit(theirs, "autotuner", data={"v": "theirs"})
    with target.plane.audit.recording() as recorded:
        result = reconciled.once(after)
    assert (result.word, result.written) == (Word.APPLIED, 2)
    assert not [event for event in recorded.events if event.verb == "list"]
    assert target.read(changed)["data"] == {"v": "2"}
    assert not target.plane.api.exists(gone)
    assert target.read(theirs)["data"] == {"v": "theirs"}

    assert result.narrow

    result = reconciled.once(after)
    assert (result.word, result.narrow) == (Word.APPLIED, False)
    assert target.read(theirs)["data"] == {"v": "1"}


def test_everything_is_looked_at_where_it_is_time_for_that_however_little_git_changed(
    reconciled: Reconciled, objects: list[Manifest], target: Any
) -> None:
    goal = reconciled.goal(*objects)
    reconciled.once(goal)
    reconciled.once(goal)
    target.edit(objects[2], "autotuner", data={"v": "theirs"})
    result = reconciled.once(reconciled.goal({**objects[0], "data": {"v": "2"}}, *objects[1:], commit="c2"), whole=True)
    assert (result.word, result.written, result.narrow) == (Word.APPLIED, 2, False)


def test_what_git_takes_back_before_the_next_look_at_everything_is_taken_back(
    reconciled: Reconciled, objects: list[Manifest], target: Any
) -> None:
    first, second, third, account = objects
    goal = reconciled.goal(*objects)
    reconciled.once(goal)
    reconciled.once(goal)
    added = target.make("d", data={"v": "1"})
    reconciled.once(reconciled.goal({**first, "data": {"v": "2"}}, second, third, account, added, commit="c2"))
    assert target.plane.api.exists(added)
    result = reconciled.once(reconciled.goal(first, {**second, "data": {"v": "2"}}, third, account, commit="c3"))
    assert (result.word, result.written, result.narrow) == (Word.APPLIED, 3, True)
    assert target.read(first)["data"] == {"v": "1"}
    assert target.read(second)["data"] == {"v": "2"}
    assert not target.plane.api.exists(added)


def test_what_was_seen_after_a_plan_went_stale_is_remembered(
    reconciled: Reconciled, objects: list[Manifest], target: Any
) -> None:
    goal = reconciled.goal(*objects)
    steps: list[str] = []

    @contextmanager
    def step(name: str) -> Iterator[None]:
        """Just before it applies, a person does."""
        steps.append(name)
        if name == "apply":
            target.apply(*stamped(goal))
        yield

    result = reconciled.once(goal, step=step)
    assert (result.word, steps) == (Word.IN_SYNC, ["plan", "apply", "plan"])
    assert reconciled.settled.holds(goal, target.connect())


def test_whoever_wants_something_else_by_now_need_not_wait_until_it_is_ready(
    reconciled: Reconciled, target: Any
) -> None:
    stop = Interruption()
    goal = reconciled.goal(target.service())
    result = reconciled.once(goal, interruption=stop, waits=lambda _objects: stop.stop())
    assert (result.word, result.touched, result.written) == (Word.PROGRESSING, True, 1)
    assert result.reason == "not all of commit c1 was ready when a newer one said something else"
    assert target.plane.api.exists(target.service())
    assert reconciled.once(goal, interruption=stop, waits=lambda _objects: stop.stop()).word is Word.PROGRESSING


def test_after_a_look_that_found_something_amiss_everything_is_looked_at(
    reconciled: Reconciled, objects: list[Manifest], target: Any
) -> None:
    goal = reconciled.goal(*objects)
    reconciled.once(goal)
    reconciled.once(goal)
    target.edit(objects[1], "autotuner", data={"v": "by hand"})
    assert reconciled.once(goal, withheld=Withheld(Word.DRIFTED, "not now"), whole=True).drifted == 1
    changed = reconciled.goal({**objects[0], "data": {"v": "2"}}, *objects[1:], commit="c2")
    assert reconciled.settled.changed(changed) is None


@pytest.mark.parametrize(
    "what", ["much", "only removed", "ignore rules", "connection", "nothing looked at", "asked before"]
)
def test_everything_is_looked_at_where_git_changes_more_than_a_few_objects(
    reconciled: Reconciled, objects: list[Manifest], what: str
) -> None:
    goal = reconciled.goal(*objects)
    if what != "nothing looked at":
        reconciled.once(goal)
        reconciled.once(goal)
    changed = {**objects[0], "data": {"v": "2"}}
    after = reconciled.goal(changed, *objects[1:], commit="c2")
    match what:
        case "much":
            many = [{**objects[0], "metadata": {**objects[0]["metadata"], "name": f"m-{n}"}} for n in range(MOST)]
            after = reconciled.goal(*many, commit="c2")
        case "only removed":  # a target at which nothing is wanted is taken for an accident
            after = reconciled.goal(*objects[1:], commit="c2")
        case "ignore rules":
            rule = {"kind": "ConfigMap", "pointers": ["/data"], "managers": []}
            after = replace(after, rendering=replace(after.rendering, ignore=(rule,)))
        case "connection":
            moved = replace(after.target, connection={"kubernetes": {"context": "other"}})
            after = replace(after, rendering=replace(after.rendering, targets=(moved,)))
        case "asked before":
            assert reconciled.settled.changed(after) == {identity(changed)}
    assert reconciled.settled.changed(after) is None


def test_the_versions_are_those_of_what_was_looked_at(
    reconciled: Reconciled, objects: list[Manifest], target: Any
) -> None:
    goal = reconciled.goal(*objects)
    reconciled.once(goal)
    found = look(goal, target.connect())
    assert found.versions == target.connect().versions([identity(one) for one in objects])
