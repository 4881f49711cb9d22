"""The rules of the audit, and what the history tells, over steps made by hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from mlgitops.promotion.audit import Policy, verify
from mlgitops.promotion.branch import Kind
from mlgitops.promotion.history import events
from mlgitops.promotion.trail import INVALID, Brought, ReleaseChange, Step
from mlgitops.promotion.trailers import Trailers, message

OLD, NEW = {"version": "1", "artifact": {"uri": "s3://m/1"}}, {"version": "2", "artifact": {"uri": "s3://m/2"}}
DIGESTS = {"1": "sha256:" + "1" * 64, "2": "sha256:" + "2" * 64}
EVIDENCE = "sha256:" + "e" * 64


def change(
    environment: str, old: Mapping[str, Any] | None, new: Mapping[str, Any] | None, evidence: str = ""
) -> ReleaseChange:
    path = f"environments/{environment}/models/iris.yaml"
    return ReleaseChange(path, environment, "iris", old, new, DIGESTS[new["version"]] if new else "", evidence)


def step(commit: str, *changes: ReleaseChange, brought: tuple[Brought, ...] = (), text: str = "Merge") -> Step:
    return Step(
        commit, "2026-01-01T00:00:00Z", text, "Ann <a@b>", is_first=False, merges=True, brought=brought, changes=changes
    )


def promoted(kind: Kind = Kind.PROMOTE, source: str = "dev", digest: str = DIGESTS["2"], **more: Any) -> Brought:
    trailers = Trailers(
        "0" * 16, kind, "iris", source, "prod", digest, more.pop("evidence", ""), "", (("soaked", "pass"),), "Bob"
    )
    return Brought("b" * 40, message("Subject", "", trailers), "Ann <a@b>", **more)


START = replace(step("0" * 40, change("dev", None, NEW), change("prod", None, OLD)), is_first=True, merges=False)
MERGED = step(
    "1" * 40, change("prod", OLD, NEW), brought=(promoted(),), text="Merge pull request #7 from x\n\nReviewed-by: Eve"
)


def reasons(*steps: Step, policy: Policy | None = None) -> list[tuple[str, str]]:
    verdict = verify([START, *steps], policy or Policy())
    return [(found.field, found.reason) for found in verdict.violations]


def test_a_merged_promotion_is_in_order() -> None:
    verdict = verify([START, MERGED], Policy())
    assert (verdict.passed, verdict.steps, verdict.changes, verdict.taken) == (True, 2, 1, 2)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (replace(MERGED, merges=False), "a direct commit"),
        (replace(MERGED, brought=()), "no commit of the merge has a promotion's trailers"),
        (
            replace(MERGED, brought=(promoted(digest=DIGESTS["1"]),)),
            "the release is not the one that bbbbbbbbbbbb promoted",
        ),
        (
            replace(MERGED, brought=(promoted(source="staging"),)),
            "says that it comes from staging, where it has not been",
        ),
        (replace(MERGED, brought=(promoted(kind=Kind.RELEASE),)), "says that it comes from dev, where it has not been"),
        (
            replace(MERGED, brought=(Brought("b" * 40, "S\n\nMlgitops-Model: iris\n"),)),
            "are not valid: Mlgitops-Promotion-Id",
        ),
        (replace(MERGED, brought=(replace(promoted(), commit=MERGED.commit),)), "no commit of the merge"),
        (replace(MERGED, changes=(replace(MERGED.changes[0], digest=""),)), "not a valid release"),
    ],
)
def test_anything_else_is_not(wrong: Step, words: str) -> None:
    found = reasons(wrong)
    assert [field for field, _ in found] == ["spec.release.version", "spec.release.artifact.uri"]
    assert all(words in reason for _, reason in found), found


def test_a_true_claim_counts_beside_a_false_one() -> None:
    assert reasons(replace(MERGED, brought=(promoted(digest=DIGESTS["1"]), promoted()))) == []


def test_evidence_must_be_what_it_was() -> None:
    wrong = step("1" * 40, change("prod", OLD, NEW, EVIDENCE), brought=(promoted(),))
    assert [field for field, _ in reasons(wrong)] == ["spec.release.evidence"]
    assert reasons(step("1" * 40, change("prod", OLD, NEW, EVIDENCE), brought=(promoted(evidence=EVIDENCE),))) == []


def test_a_rollback_goes_to_what_was_there_before() -> None:
    back = promoted(Kind.ROLLBACK, "prod", DIGESTS["1"])
    assert reasons(MERGED, step("2" * 40, change("prod", NEW, OLD), brought=(back,))) == []
    never = step("1" * 40, change("prod", OLD, NEW), brought=(promoted(Kind.ROLLBACK, "prod"),))
    assert "comes from prod, where it has not been" in reasons(never)[0][1]


def test_a_hold_changes_by_a_claim_about_what_runs() -> None:
    lifted = replace(change("prod", OLD, OLD), beside=("spec.hold",))
    lifting = promoted(Kind.RELEASE_HOLD, "prod", DIGESTS["1"])
    assert reasons(step("1" * 40, lifted, brought=(lifting,))) == []
    other = promoted(Kind.RETIRE, "prod", DIGESTS["1"])
    assert reasons(step("1" * 40, lifted, brought=(other,))) == [
        ("spec.hold", "bbbbbbbbbbbb is there to retire, and changes no hold")
    ]
    assert [field for field, _ in reasons(replace(step("1" * 40, lifted), merges=False))] == ["spec.hold"]
    assert len(events([START, step("1" * 40, lifted)], "iris", ["prod"])) == 1


def test_a_stable_release_is_one_that_the_environment_has_had() -> None:
    kept = replace(MERGED, changes=(replace(MERGED.changes[0], stable=DIGESTS["1"]),))
    assert reasons(kept) == []
    aside = replace(step("2" * 40, replace(change("prod", NEW, NEW), stable=DIGESTS["1"])), merges=False)
    assert reasons(MERGED, aside) == []
    for digest in ("sha256:" + "3" * 64, INVALID):
        other = replace(aside, changes=(replace(aside.changes[0], stable=digest),))
        assert reasons(MERGED, other) == [("spec.rollout.stable", "it is not a release that prod has had before")]
    assert len(events([START, MERGED, aside], "iris", ["prod"])) == 2


def test_a_stable_release_that_was_there_when_the_history_began_is_taken() -> None:
    unknown = "sha256:" + "3" * 64
    begun = replace(START, changes=(START.changes[0], replace(START.changes[1], stable=unknown)))
    again = step("1" * 40, replace(change("prod", OLD, OLD), stable=unknown))
    assert verify([begun, again], Policy()).passed


@pytest.mark.parametrize(
    ("letter", "words"),
    [("", "is not signed"), ("N", "is not signed"), ("B", "bad signature"), ("U", "not trusted"), ("X", "has expired"),
     ("Y", "key that has expired"), ("R", "revoked"), ("E", "cannot be checked")],
)  # fmt: skip
def test_only_a_good_signature_counts(letter: str, words: str) -> None:
    policy = Policy(signatures=True)
    found = reasons(replace(MERGED, brought=(promoted(signature=letter),)), policy=policy)
    assert words in found[0][1]
    assert reasons(replace(MERGED, brought=(promoted(signature="G"),)), policy=policy) == []


def test_a_release_that_is_taken_away_needs_a_promotion_too() -> None:
    assert reasons(step("1" * 40, change("prod", OLD, None))) == [
        ("spec.release", "no commit of the merge has a promotion's trailers about it")
    ]


def test_environments_squashing_and_what_is_taken_are_matters_of_policy() -> None:
    direct = replace(MERGED, merges=False, brought=(replace(promoted(), commit=MERGED.commit),))
    assert reasons(direct, policy=Policy(environments=frozenset({"dev"}))) == []
    assert reasons(direct, policy=Policy(squash=True)) == []
    assert verify([START, direct], Policy(), {direct.commit}).passed
    assert not verify([START, direct], Policy()).passed


def test_the_history_tells_what_the_trailers_and_the_merge_say() -> None:
    first, second = events([START, MERGED], "iris", ["prod"])
    assert (first.version, first.kind, first.actor, first.pull_request) == ("1", "", "Ann <a@b>", None)
    assert (second.version, second.kind, second.source, second.actor) == ("2", "promote", "dev", "Bob")
    assert (second.pull_request, second.approved_by, second.gates) == (7, ("Eve",), (("soaked", "pass"),))
    assert second.to_json()["releaseDigest"] == DIGESTS["2"]
    assert events([START, MERGED], "rose") == []


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("Merge pull request #12 from shop/promote/prod/iris\n\nTitle", 12),
        ("Merge pull request 3: Promote iris", 3),
        ("Merge pull request 'Promote iris' (#45) from promote/prod/iris into main\n\nReviewed-on: x", 45),
        ("Merge branch 'x' into 'main'\n\nTitle\n\nSee merge request shop/models!67", 67),
        ("Merged PR 89: Promote iris", 89),
        ("Promote iris (#10)\n\nBody", 10),
        ("Merge branch 'x'", None),
    ],
)
def test_the_number_is_found_in_the_messages_of_all_forges(text: str, number: int | None) -> None:
    assert step("1" * 40, text=text).pull_request == number


@pytest.mark.parametrize(
    ("text", "approved"),
    [
        (
            "Merge pull request 'x' (#7) from b into main\n\nReviewed-on: https://h/7\nReviewed-by: Eve <e@h>\n",
            ("Eve <e@h>",),
        ),
        ("Merge\n\napproved-by: Eve\nAcked-by: Bob\nApproved-by: Eve", ("Eve", "Bob")),
        ("Merge pull request 7: x\n\nApproved-by: forged in a description\n\nFrom branch b.\n", ()),
        ("Approved-by: forged in a subject", ()),
    ],
)
def test_who_approved_is_told_by_the_merges_trailers_alone(text: str, approved: tuple[str, ...]) -> None:
    assert step("1" * 40, text=text).approved_by == approved
