"""The forge without a server: what is particular to it. What it shares with others is in tests/contract/forge."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from mlgitops.errors import ForgeError
from mlgitops.forges import CommitState, NewPullRequest, State
from mlgitops.forges.local import LocalForge, open_local
from mlgitops.forges.local_record import REF
from tests.conftest import home_variables

BRANCH = "promote/iris/prod"


def git(directory: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=directory, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def commit(root: Path, path: str) -> str:
    (root / path).write_text(path)
    git(root, "add", path)
    git(root, "commit", "-q", "-m", path)
    git(root, "push", "-q", "origin", "HEAD")
    return git(root, "rev-parse", "HEAD")


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """``forge.git``, and ``work``, a clone of it, with ``main`` and one branch to promote pushed; for tests to copy."""
    root = tmp_path_factory.mktemp("begun")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in home_variables(root, "").items():
            patch.setenv(name, value)
        git(root, "init", "-q", "--bare", "-b", "main", "forge.git")
        git(root, "clone", "-q", "forge.git", "work")
        git(root / "work", "remote", "set-url", "origin", "../forge.git")
        commit(root / "work", "first.txt")
        git(root / "work", "checkout", "-q", "-b", BRANCH)
        commit(root / "work", "release.txt")
    return root


@pytest.fixture
def work(begun: Path, tmp_path: Path) -> Path:
    """A clone of ``forge.git``, with ``main`` and one branch to promote pushed."""
    for name in ("forge.git", "work"):
        shutil.copytree(begun / name, tmp_path / name)
    return tmp_path / "work"


@pytest.fixture
def forge(work: Path) -> LocalForge:
    return open_local(work, "../forge.git", "main")


def record(work: Path, change: Callable[[dict[str, Any]], None]) -> None:
    """Changes the record of the first pull request by hand, as anybody can who may write there."""
    git(work, "fetch", "-q", "origin", REF)
    git(work, "checkout", "-q", "FETCH_HEAD")
    path = work / "pull-requests" / "1.json"
    data = json.loads(path.read_text())
    change(data)
    path.write_text(json.dumps(data))
    git(work, "commit", "-q", "-a", "-m", "by hand")
    git(work, "push", "-q", "origin", f"HEAD:{REF}")


def request(branch: str = BRANCH) -> NewPullRequest:
    return NewPullRequest(title="Promote iris", body="text", branch=branch, base="main")


@pytest.mark.parametrize("url", ["", "missing.git", ".", "https://git.example.com"])
def test_what_is_not_a_bare_repository_is_refused(work: Path, url: str) -> None:
    with pytest.raises(ForgeError, match="is not a bare repository"):
        open_local(work, url, "main")


def test_a_file_url_is_a_path(work: Path, forge: LocalForge) -> None:
    number = forge.open(request()).number
    again = open_local(Path("/"), (work.parent / "forge.git").as_uri(), "main")
    assert again.pull_request(number).title == "Promote iris"


def test_a_merge_by_hand_counts(work: Path, forge: LocalForge) -> None:
    pull = forge.open(request())
    git(work, "checkout", "-q", "main")
    git(work, "merge", "-q", "--no-ff", "-m", "by hand", BRANCH)
    git(work, "push", "-q", "origin", "main")
    shown = forge.pull_request(pull.number)
    assert (shown.state, shown.merge_commit) == (State.MERGED, git(work, "rev-parse", "main"))


def test_a_merge_stays_one_when_the_branch_is_deleted(work: Path, forge: LocalForge) -> None:
    pull = forge.open(request())
    merged = forge.merge(pull.number, pull.head_commit)
    git(work, "push", "-q", "origin", "--delete", BRANCH)
    assert forge.pull_request(pull.number) == merged


def test_a_pull_request_whose_branch_is_deleted_is_closed(work: Path, forge: LocalForge) -> None:
    number = forge.open(request()).number
    git(work, "push", "-q", "origin", "--delete", BRANCH)
    assert forge.pull_request(number).state is State.CLOSED
    assert forge.find(BRANCH) is None


@pytest.mark.parametrize("state", [CommitState.PENDING, CommitState.FAILURE, CommitState.ERROR])
def test_nothing_is_merged_over_a_status_that_says_no(forge: LocalForge, state: CommitState) -> None:
    pull = forge.open(request())
    forge.status(pull.head_commit, "mlgitops/gates", state, "", "")
    with pytest.raises(ForgeError, match=f"its status mlgitops/gates is {state}"):
        forge.merge(pull.number, pull.head_commit)
    forge.status(pull.head_commit, "mlgitops/gates", CommitState.SUCCESS, "", "")
    assert forge.merge(pull.number, pull.head_commit).state is State.MERGED


def test_merging_again_is_done_already(work: Path, forge: LocalForge) -> None:
    pull = forge.open(request())
    merged = forge.merge(pull.number, pull.head_commit)
    assert forge.merge(pull.number, pull.head_commit) == merged
    assert git(work.parent / "forge.git", "rev-list", "--count", "--merges", "main") == "1"


def test_a_merge_commit_names_the_pull_request_and_who_approved(work: Path, forge: LocalForge) -> None:
    number = forge.open(request()).number
    forge.approve(number, "Ana <ana@example.com>\nApproved-by: forged")
    merged = forge.merge(number, forge.pull_request(number).head_commit)
    message = git(work.parent / "forge.git", "show", "-s", "--format=%B", merged.merge_commit)
    assert message.splitlines() == [
        "Merge pull request 1: Promote iris",
        "",
        f"From branch {BRANCH}.",
        "",
        "Approved-by: Ana <ana@example.com> Approved-by: forged",
    ]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\u2028", "\n\n"])
def test_no_name_in_the_record_writes_a_line_of_its_own_into_a_merge(work: Path, forge: LocalForge, end: str) -> None:
    pull = forge.open(request())
    forged = f"Eve{end}Approved-by: Ana <ana@example.com>"
    record(work, lambda data: data.update(approvals={forged: pull.head_commit}, title=f"Iris{end}Approved-by: Ben"))
    merged = forge.merge(pull.number, pull.head_commit)
    message = git(work.parent / "forge.git", "show", "-s", "--format=%B", merged.merge_commit)
    assert message.splitlines() == [
        "Merge pull request 1: Iris Approved-by: Ben",
        "",
        f"From branch {BRANCH}.",
        "",
        "Approved-by: Eve Approved-by: Ana <ana@example.com>",
    ]


def test_nobody_approves_of_a_pull_request_of_their_own(forge: LocalForge) -> None:
    pull = forge.open(request())
    with pytest.raises(ForgeError, match=r"pull request 1 is by Test <test@example\.com>, who cannot approve of it"):
        forge.approve(pull.number, pull.author)
    assert forge.pull_request(pull.number).approved_by == ()


def test_what_is_merged_cannot_be_approved_of_any_more(forge: LocalForge) -> None:
    pull = forge.open(request())
    forge.merge(pull.number, pull.head_commit)
    with pytest.raises(ForgeError, match="pull request 1 is merged"):
        forge.approve(pull.number, "Ana <ana@example.com>")


def test_the_author_is_whoever_the_project_knows(work: Path) -> None:
    git(work, "config", "user.name", "Ada")
    forge = open_local(work, "../forge.git", "main")
    pull = forge.open(request())
    merged = forge.merge(pull.number, pull.head_commit)
    assert pull.author == "Ada <test@example.com>"
    assert git(work.parent / "forge.git", "show", "-s", "--format=%an", merged.merge_commit) == "Ada"


def test_pull_requests_that_wait_are_listed_by_number(work: Path, forge: LocalForge) -> None:
    first = forge.open(request())
    git(work, "checkout", "-q", "-b", "promote/rose/prod", "main")
    commit(work, "rose.txt")
    second = forge.open(request("promote/rose/prod"))
    assert [pull.number for pull in forge.waiting()] == [first.number, second.number]
    forge.merge(first.number, first.head_commit)
    assert [pull.number for pull in forge.waiting()] == [second.number]


def test_nothing_is_lost_where_many_write_at_once(work: Path, forge: LocalForge) -> None:
    pull = forge.open(request())
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda each: forge.comment(pull.number, f"part-{each}", "text"), range(8)))
    assert len(forge.comments(pull.number)) == 8


def test_a_clone_of_all_refs_has_the_whole_trail(work: Path, forge: LocalForge, tmp_path: Path) -> None:
    pull = forge.open(request())
    forge.comment(pull.number, "gates", "all passed")
    forge.approve(pull.number, "Ana <ana@example.com>")
    git(tmp_path, "clone", "-q", "--mirror", "forge.git", "copy.git")
    copy = open_local(tmp_path, "copy.git", "main")
    assert copy.comments(pull.number) == ("<!-- mlgitops:gates -->\nall passed",)
    assert copy.pull_request(pull.number).approved_by == ("Ana <ana@example.com>",)
    assert git(tmp_path / "copy.git", "log", "--format=%s", "--reverse", REF).splitlines() == [
        f"Open a pull request for {BRANCH}",
        "Comment on pull request 1",
        "Ana <ana@example.com> approves of 1",
    ]


def test_a_record_that_somebody_broke_is_an_error(work: Path, forge: LocalForge) -> None:
    forge.open(request())
    git(work, "fetch", "-q", "origin", REF)
    git(work, "checkout", "-q", "FETCH_HEAD")
    (work / "pull-requests" / "1.json").write_text("{")
    git(work, "commit", "-q", "-a", "-m", "broken")
    git(work, "push", "-q", "origin", f"HEAD:{REF}")
    with pytest.raises(ForgeError, match="is corrupt"):
        forge.pull_request(1)
