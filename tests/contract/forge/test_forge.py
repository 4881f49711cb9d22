"""What every forge does: one pull request a branch, found again, updated in place, merged only as it was seen."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from mlgitops.errors import ForgeError
from mlgitops.forges import CommitState, NewPullRequest, PullRequest, State, gitea
from tests.fakes.scene import PublicScene, Scene

BRANCH = "promote/fraud-detector/prod"
SETTLE_SECONDS = 60.0
PUSHES = 3
"""Gitea looks at pushes side by side: one that it is late with can give back an approval that a later one ended."""


def requested(scene: Scene, branch: str = BRANCH) -> NewPullRequest:
    return NewPullRequest(
        title="Promote fraud-detector 1.2 to prod",
        body="What changes.\n\n| a | b |\n|---|---|\n",
        branch=branch,
        base="main",
        labels=("mlgitops", "prod"),
        reviewers=(scene.reviewers[0],),
    )


def opened(scene: Scene, branch: str = BRANCH) -> PullRequest:
    scene.push(branch)
    return scene.forge().open(requested(scene, branch))


def settled(scene: Scene, number: int) -> PullRequest:
    """The pull request once the forge has found out whether it can be merged."""
    deadline = time.monotonic() + SETTLE_SECONDS
    pull = scene.forge().pull_request(number)
    while pull.mergeable is None and time.monotonic() < deadline:
        time.sleep(0.1)
        pull = scene.forge().pull_request(number)
    return pull


def test_a_branch_without_a_pull_request_has_none(scene: Scene) -> None:
    scene.push(BRANCH)
    assert scene.forge().find(BRANCH) is None


def test_an_opened_pull_request_shows_what_it_was_opened_with(scene: Scene) -> None:
    commit = scene.push(BRANCH)
    pull = scene.forge().open(requested(scene))
    assert (pull.title, pull.branch, pull.base) == ("Promote fraud-detector 1.2 to prod", BRANCH, "main")
    assert pull.body.strip() == requested(scene).body.strip()
    assert (pull.state, pull.head_commit, pull.merge_commit) == (State.OPEN, commit, "")
    assert (pull.labels, pull.reviewers, pull.approved_by) == (("mlgitops", "prod"), (scene.reviewers[0],), ())
    assert pull.author not in ("", *scene.reviewers)
    assert str(pull.number) in pull.url


def test_an_open_pull_request_is_found_by_its_branch(scene: Scene) -> None:
    pull = opened(scene)
    opened(scene, "promote/another/prod")
    found = scene.forge().find(BRANCH)
    assert found is not None
    assert found.number == pull.number


def test_opening_again_gives_the_one_that_is_open(scene: Scene) -> None:
    first = opened(scene)
    again = scene.forge().open(replace(requested(scene), title="Another title"))
    assert (again.number, again.title) == (first.number, first.title)
    assert list(scene.open_numbers()) == [first.number]


def test_twenty_that_open_at_once_open_one(scene: Scene) -> None:
    scene.push(BRANCH)
    with ThreadPoolExecutor(20) as pool:
        numbers = set(pool.map(lambda _: scene.forge().open(requested(scene)).number, range(20)))
    assert numbers == set(scene.open_numbers())
    assert len(numbers) == 1


def test_an_update_rewrites_the_text_and_adds_labels_and_reviewers(scene: Scene) -> None:
    pull = opened(scene)
    updated = scene.forge().update(pull.number, "Promote 1.3", "New text.", ("urgent",), (scene.reviewers[1],))
    assert (updated.number, updated.title, updated.body.strip()) == (pull.number, "Promote 1.3", "New text.")
    assert updated.labels == ("mlgitops", "prod", "urgent")
    assert updated.reviewers == tuple(sorted(scene.reviewers))


def test_an_update_that_changes_nothing_leaves_it_as_it_is(scene: Scene) -> None:
    pull = opened(scene)
    again = scene.forge().update(pull.number, pull.title, pull.body, pull.labels, pull.reviewers)
    assert replace(again, mergeable=None) == replace(pull, mergeable=None)


def test_a_branch_that_moves_keeps_its_pull_request(scene: Scene) -> None:
    pull = opened(scene)
    commit = scene.push(BRANCH)
    deadline = time.monotonic() + SETTLE_SECONDS
    while (found := scene.forge().find(BRANCH)) and found.head_commit != commit and time.monotonic() < deadline:
        time.sleep(0.1)
    assert found is not None
    assert (found.number, found.head_commit) == (pull.number, commit)


def test_a_comment_is_rewritten_in_place(scene: Scene) -> None:
    number = opened(scene).number
    scene.forge().comment(number, "gates", "first")
    scene.forge().comment(number, "plan", "a plan")
    scene.forge().comment(number, "gates", "second")
    scene.forge().comment(number, "gates", "second")
    bodies = sorted(body.rstrip() for body in scene.comments(number))
    assert bodies == ["<!-- mlgitops:gates -->\nsecond", "<!-- mlgitops:plan -->\na plan"]


def test_a_comment_is_found_on_a_later_page(public_scene: PublicScene) -> None:
    number = opened(public_scene).number
    for each in range(5):
        public_scene.intrude(number, f"remark {each}")
    public_scene.forge().comment(number, "gates", "first")
    public_scene.forge().comment(number, "gates", "second")
    ours = [body for body in public_scene.comments(number) if "mlgitops:gates" in body]
    assert [body.rstrip() for body in ours] == ["<!-- mlgitops:gates -->\nsecond"]


def test_somebody_elses_comment_with_our_marker_is_not_ours(public_scene: PublicScene) -> None:
    number = opened(public_scene).number
    forged = "<!-- mlgitops:gates -->\nall gates passed"
    public_scene.intrude(number, forged)
    public_scene.forge().comment(number, "gates", "one gate failed")
    bodies = [body.rstrip() for body in public_scene.comments(number)]
    assert bodies == [forged, "<!-- mlgitops:gates -->\none gate failed"]


def test_a_forks_branch_of_the_same_name_is_not_ours(public_scene: PublicScene) -> None:
    public_scene.push(BRANCH)
    theirs = public_scene.fork_pull(BRANCH)
    assert public_scene.forge().find(BRANCH) is None
    assert public_scene.forge().open(requested(public_scene)).number != theirs


def test_a_status_replaces_the_one_of_its_context(scene: Scene) -> None:
    commit = scene.push(BRANCH)
    scene.forge().status(commit, "mlgitops/gates", CommitState.PENDING, "checking", "https://ci.example.com/1")
    scene.forge().status(commit, "mlgitops/gates", CommitState.PENDING, "checking", "https://ci.example.com/1")
    scene.forge().status(commit, "mlgitops/plan", CommitState.FAILURE, "no", "")
    scene.forge().status(commit, "mlgitops/gates", CommitState.SUCCESS, "all 7 gates passed", "")
    words = scene.statuses(commit)
    assert words.keys() == {"mlgitops/gates", "mlgitops/plan"}
    assert words["mlgitops/gates"] in ("success", "succeeded")
    assert words["mlgitops/plan"] in ("failure", "failed")


def test_an_approval_counts_and_is_the_reviewers(scene: Scene) -> None:
    number = opened(scene).number
    scene.approve(number)
    assert scene.forge().pull_request(number).approved_by == (scene.reviewers[0],)


def test_an_approval_of_an_older_commit_does_not_count(scene: Scene) -> None:
    if scene.kind == "gitlab":
        pytest.skip("GitLab does not tell what was approved; a project sets that approvals end with a push")
    number = opened(scene).number
    scene.approve(number)
    for _ in range(PUSHES):
        scene.push(BRANCH)
        if not approved_after(scene, number, SETTLE_SECONDS / PUSHES):
            return
    raise AssertionError("the approval still counts")


def approved_after(scene: Scene, number: int, seconds: float) -> bool:
    """Whether an approval counts still, so many seconds after a push at the latest."""
    deadline = time.monotonic() + seconds
    while (approved := bool(scene.forge().pull_request(number).approved_by)) and time.monotonic() < deadline:
        time.sleep(0.1)
    return approved


def test_a_merge_brings_the_branch_in_by_a_merge_commit(scene: Scene) -> None:
    pull = opened(scene)
    assert settled(scene, pull.number).mergeable is True
    before = scene.main()
    merged = scene.forge().merge(pull.number, pull.head_commit)
    assert merged.state is State.MERGED
    assert merged.merge_commit == scene.main() != before
    assert merged.head_commit == pull.head_commit
    assert scene.forge().find(BRANCH) is None


def test_a_merge_needs_the_commit_that_was_seen(scene: Scene) -> None:
    pull = opened(scene)
    scene.push(BRANCH)
    settled(scene, pull.number)
    before = scene.main()
    with pytest.raises(ForgeError):
        scene.forge().merge(pull.number, pull.head_commit)
    assert scene.main() == before


def test_a_conflict_is_not_merged(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gitea, "_PAUSE_SECONDS", 0.05)  # it insists, since Gitea might still be looking
    commit = scene.conflict(BRANCH)
    pull = scene.forge().open(requested(scene))
    before = scene.main()
    with pytest.raises(ForgeError):
        scene.forge().merge(pull.number, commit)
    assert scene.main() == before
    assert not scene.forge().pull_request(pull.number).mergeable


def test_a_branch_is_promoted_again_after_a_merge(scene: Scene) -> None:
    first = opened(scene)
    settled(scene, first.number)
    scene.forge().merge(first.number, first.head_commit)
    second = opened(scene)
    assert second.number != first.number
    found = scene.forge().find(BRANCH)
    assert found is not None
    assert found.number == second.number
    assert scene.forge().pull_request(first.number).state is State.MERGED


def test_a_number_that_is_not_there_is_an_error_that_helps(scene: Scene) -> None:
    with pytest.raises(ForgeError, match=r"404|no pull request 999"):
        scene.forge().pull_request(999)


def test_a_branch_that_is_not_there_cannot_be_opened(scene: Scene) -> None:
    with pytest.raises(ForgeError):
        scene.forge().open(requested(scene, "promote/missing/prod"))
    assert list(scene.open_numbers()) == []


def test_a_reviewer_whom_nobody_knows_is_an_error_after_it_is_open(public_scene: PublicScene) -> None:
    public_scene.push(BRANCH)
    with pytest.raises(ForgeError):
        public_scene.forge().open(replace(requested(public_scene), reviewers=("nobody-at-all",)))
    assert public_scene.forge().find(BRANCH) is not None


def test_long_text_is_cut_and_says_so(scene: Scene) -> None:
    scene.push(BRANCH)
    forge = scene.forge()
    row = "| a cell with some text in it | another |\n"
    body = row * (forge.limits.body // len(row) + 10)
    pull = forge.open(replace(requested(scene), title="t" * 999, body=body))
    assert len(pull.body) <= forge.limits.body
    assert "Cut here: this forge takes no more." in pull.body
    assert len(pull.title) <= forge.limits.title


def test_a_title_is_one_line(scene: Scene) -> None:
    scene.push(BRANCH)
    pull = scene.forge().open(replace(requested(scene), title="Promote 1.2\nto: prod  é"))
    assert pull.title == "Promote 1.2 to: prod é"


def test_an_odd_marker_is_refused(scene: Scene) -> None:
    number = opened(scene).number
    with pytest.raises(ForgeError, match="is not the name of a comment"):
        scene.forge().comment(number, "gates -->", "text")
    assert list(scene.comments(number)) == []
