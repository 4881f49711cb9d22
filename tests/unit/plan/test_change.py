from __future__ import annotations

import pickle
from dataclasses import replace
from typing import Any

import pytest

from mlgitops.manifest import Identity, identity
from mlgitops.plan.change import ABSENT, Action, Change, FieldChange, Impact, Plan


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (("spec", "replicas"), "spec.replicas"),
        (("spec", "containers", "[main]", "args", 0), "spec.containers[main].args[0]"),
        (("metadata", "labels", "example.com/a"), "metadata.labels.example.com/a"),
        ((), ""),
    ],
)
def test_a_path_reads_as_people_write_it(path: Any, text: str) -> None:
    assert FieldChange(path, 1, 2).pointer == text


def test_what_is_absent_is_neither_null_nor_another_thing() -> None:
    assert ABSENT is not None
    assert pickle.loads(pickle.dumps(ABSENT)) is ABSENT  # noqa: S301 - our own
    assert repr(ABSENT) == "ABSENT"


def test_impacts_go_from_harmless_to_grave() -> None:
    ordered = sorted(Impact, key=lambda impact: impact.severity)
    assert ordered == list(Impact)
    assert (ordered[0], ordered[-1]) == (Impact.NONE, Impact.DESTROYS_DATA)


def test_the_content_of_a_change_is_in_no_repr() -> None:
    change = Change(Identity("", "Secret", "ml", "a"), Action.CREATE, "", Impact.NONE, (), {"data": {"x": "hunter2"}})
    assert "hunter2" not in repr(change)


def test_a_plan_of_some_objects_writes_and_releases_nothing_else(make: Any, planned: Any, applied: Any) -> None:
    a, b, c = make("a", data={"v": "2"}), make("b"), make("c")
    plan: Plan = planned([a, b], [make("a", data={"v": "1"}), c], applied(make("a", data={"v": "1"}), c, make("gone")))
    (target,) = plan.targets
    assert {str(change.identity) for change in target.pending} == {"ml/ConfigMap/a", "ml/ConfigMap/b", "ml/ConfigMap/c"}
    assert target.released

    (some,) = plan.only({"aws": {identity(a)}}).targets
    assert [change.identity.name for change in some.changes] == ["a"]
    assert (some.released, some.settled) == ((), True)
    assert plan.only({}).is_empty
    assert plan.only({"elsewhere": {identity(a)}}).is_empty
    assert not plan.is_empty


def test_a_target_that_is_not_settled_or_releases_something_is_not_empty(make: Any, planned: Any, applied: Any) -> None:
    plan: Plan = planned([make("a")], [make("a")], applied(make("a")))
    (target,) = plan.targets
    assert plan.is_empty
    assert not replace(target, settled=False).is_empty
    assert not replace(target, error="no answer in time").is_empty
    assert not replace(target, released=(identity(make("b")),)).is_empty
