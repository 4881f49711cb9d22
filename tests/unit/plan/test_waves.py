from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlgitops.manifest import Identity, Manifest, identity
from mlgitops.plan.change import Action, Change, Impact
from mlgitops.plan.waves import dependencies, waves

Make = Callable[..., Manifest]


def change(owner: str, name: str = "x", action: Action = Action.CREATE, kind: str = "InferenceService") -> Change:
    return Change(Identity("", kind, "ml", name), action, owner, Impact.NONE)


def owners(found: list[list[Change]]) -> list[list[str]]:
    return [[one.owner for one in wave] for wave in found]


def test_a_model_comes_after_what_it_depends_on() -> None:
    changes = [change("Model/a"), change("Model/b"), change("Model/c"), change("Environment/overlay", "y")]
    found = waves(changes, {"Model/a": ["Model/b"], "Model/b": ["Model/c"]})
    assert owners(found) == [["Model/c", "Environment/overlay"], ["Model/b"], ["Model/a"]]


def test_within_a_wave_it_is_the_order_of_applying() -> None:
    changes = [change("Model/a", kind="PodMonitor"), change("Model/a"), change("Model/a", kind="ServiceAccount")]
    assert [[one.identity.kind for one in wave] for wave in waves(changes, {})] == [
        ["ServiceAccount", "InferenceService", "PodMonitor"]
    ]


def test_deletes_come_at_the_end_of_the_last_wave() -> None:
    changes = [change("Model/z", action=Action.DELETE), change("Model/a"), change("Model/b")]
    assert owners(waves(changes, {"Model/a": ["Model/b"]})) == [["Model/b"], ["Model/a", "Model/z"]]
    assert owners(waves(changes[:1], {})) == [["Model/z"]]


def test_what_does_not_change_holds_nothing_back() -> None:
    changes = [change("Model/a"), change("Model/b", action=Action.UNCHANGED)]
    assert owners(waves(changes, {"Model/a": ["Model/b", "Model/elsewhere"]})) == [["Model/a"]]
    assert waves([], {"Model/a": ["Model/b"]}) == []


def test_a_circle_comes_together() -> None:
    changes = [change("Model/a"), change("Model/b"), change("Model/c")]
    found = waves(changes, {"Model/a": ["Model/b"], "Model/b": ["Model/a"], "Model/c": ["Model/c"]})
    assert owners(found) == [["Model/c"], ["Model/a", "Model/b"]]


NAMES = st.sampled_from([f"Model/{letter}" for letter in "abcdef"])


@given(st.sets(NAMES), st.dictionaries(NAMES, st.sets(NAMES)))
def test_every_change_is_made_once(changing: set[str], depends_on: dict[str, set[str]]) -> None:
    found = owners(waves([change(owner) for owner in changing], depends_on))
    assert sorted(owner for wave in found for owner in wave) == sorted(changing)
    assert [] not in found


@pytest.mark.parametrize(("written", "read"), [("b,c", {"Model/b", "Model/c"}), ("b", {"Model/b"}), ("", None)])
def test_dependencies_are_read_from_the_manifests(make: Make, written: str, read: set[str] | None) -> None:
    manifest = make("x")
    manifest["metadata"]["annotations"] = {"mlgitops.dev/depends-on": written} if written else {}
    one = Change(identity(manifest), Action.CREATE, "Model/iris", Impact.NONE, (), manifest)
    assert dependencies([one, change("Model/other")]) == ({"Model/iris": frozenset(read)} if read else {})
