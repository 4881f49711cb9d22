"""What is asked for: its name, its branch, its digest, and both releases side by side."""

from __future__ import annotations

from typing import Any

import pytest

from mlgitops.promotion.branch import Kind, branch_of, group_branch
from mlgitops.promotion.request import Difference, Request, side_by_side
from mlgitops.spec.release import Release


def release(version: str, **more: Any) -> Release:
    return Release.model_validate({"version": version, "artifact": {"uri": f"s3://m/{version}"}, **more})


def test_the_same_change_has_the_same_id_and_another_one_another() -> None:
    first = Request(Kind.PROMOTE, "iris", "dev", "prod", release("1"), release("2"), reason="so")
    same = Request(Kind.PROMOTE, "iris", "dev", "prod", release("1"), release("2"), reason="other words")
    others = [
        Request(Kind.ROLLBACK, "iris", "dev", "prod", release("1"), release("2")),
        Request(Kind.PROMOTE, "iris", "dev", "prod", None, release("2")),
        Request(Kind.PROMOTE, "iris", "dev", "prod", release("1"), release("2", image="example.com/i")),
        Request(Kind.PROMOTE, "iris", "dev", "staging", release("1"), release("2")),
    ]
    assert first.id == same.id
    assert len({first.id, *(one.id for one in others)}) == 5
    assert len(first.id) == 16


@pytest.mark.parametrize(
    ("kind", "stage", "subject"),
    [
        (Kind.PROMOTE, "", "Promote iris 2 from dev to prod"),
        (Kind.ROLLBACK, "", "Roll iris in prod back to 2"),
        (Kind.RELEASE, "", "Release iris 2 to prod"),
        (Kind.RELEASE_HOLD, "", "Lift the hold on iris in prod"),
        (Kind.RETIRE, "deprecated", "Deprecate iris in prod"),
        (Kind.RETIRE, "retired", "Retire iris in prod"),
    ],
)
def test_the_subject_says_what_it_does(kind: Kind, stage: str, subject: str) -> None:
    assert Request(kind, "iris", "dev", "prod", release("1"), release("2"), stage=stage).subject == subject


def test_the_branch_follows_from_kind_environment_and_model() -> None:
    assert branch_of(Kind.PROMOTE, "prod", "fraud-detector") == "promote/prod/fraud-detector"
    assert branch_of(Kind.RELEASE_HOLD, "prod", "iris") == "release-hold/prod/iris"


@pytest.mark.parametrize("model", ["", "-x", "a..b", "a/b", "x.lock", "a b", "a\nb", ".."])
def test_a_name_that_cannot_be_part_of_a_branch_is_refused(model: str) -> None:
    with pytest.raises(ValueError, match=r"branch|keeps for itself"):
        branch_of(Kind.PROMOTE, "prod", model)


def test_both_releases_are_side_by_side_without_what_neither_says() -> None:
    tensor = {"name": "x", "datatype": "FP32", "shape": [-1, 4]}
    old = release("1", dataDigest="sha256:" + "a" * 64)
    new = release("2", framework={"name": "sklearn", "version": "1.10"}, signature={"inputs": [tensor]})
    assert side_by_side(old, new) == [
        Difference("version", "1", "2"), Difference("artifact", "s3://m/1", "s3://m/2"),
        Difference("framework", "", "sklearn 1.10"), Difference("inputs", "", "x FP32[-1, 4]"),
        Difference("data digest", "sha256:" + "a" * 64, ""),
    ]  # fmt: skip
    assert side_by_side(None, release("1"))[0] == Difference("version", "", "1")


def test_a_group_has_a_branch_of_its_own_beside_those_of_all_models() -> None:
    request = Request(Kind.PROMOTE, "team", "dev", "prod", None, release("2"))
    together = Request(Kind.PROMOTE, "team", "dev", "prod", None, release("2"), group="example.com/team=fraud.v2")
    assert (request.branch, together.branch) == ("promote/prod/team", "promote-group/prod/example.com/team/fraud.v2")
    assert request.id == together.id


@pytest.mark.parametrize("group", ["team", "team=", "=x", "team=a..b", "team=a/b", "-x=y", "team=x.lock"])
def test_a_group_that_can_be_no_branch_is_refused(group: str) -> None:
    with pytest.raises(ValueError, match=r"cannot be part|keeps for itself"):
        group_branch(Kind.PROMOTE, "prod", group)
