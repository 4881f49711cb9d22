"""Anchors and aliases by themselves."""

from __future__ import annotations

from mlgitops.spec.aliases import MAX_ALIASED_VALUES, Anchored, Anchors, Refusal


def test_a_known_anchor_is_used_and_counted() -> None:
    anchors = Anchors({"a": Anchored([1, 2], 3, 1)})
    assert anchors.use("a", []) == Anchored([1, 2], 3, 1)
    assert (anchors.uses, anchors.repeated) == (1, 3)


def test_reading_goes_on_after_an_unknown_alias_only() -> None:
    anchors = Anchors({"a": Anchored("x", MAX_ALIASED_VALUES + 1, 0)})
    refusals = [anchors.use("b", []), anchors.use("a", ["a"]), anchors.use("a", [])]
    assert [(r.code, r.final) for r in refusals if isinstance(r, Refusal)] == [
        ("unknown-alias", False),
        ("recursive-alias", True),
        ("too-many-aliases", True),
    ]
