"""A mirror follows a branch, never backwards, and outlives what happens to its directory."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from mlgitops.errors import FindingsError, SourceError, ToolError
from mlgitops.sources import mirror as module
from mlgitops.sources import mirror_directory
from mlgitops.sources.mirror import Mirror
from mlgitops.sources.worktree import WorkTree
from mlgitops.tools.process import Limits

Git = Callable[..., str]
MakeCommit = Callable[[], str]


@pytest.fixture
def mirror(project: Path, git: Git, tmp_path: Path) -> Mirror:
    return Mirror(tmp_path / "state", str(project), "main")


def change(project: Path, content: str) -> None:
    (project / "models/fraud.yaml").write_text(content)


def objects(mirror: Mirror) -> list[Path]:
    return [path for path in (mirror.git_dir / "objects").rglob("*") if path.is_file() and path.parent.name != "info"]


def again(mirror: Mirror) -> Mirror:
    """What a restarted process has of it."""
    return Mirror(mirror.root.parents[1], mirror.address, mirror.branch, mirror.trust)


def test_it_follows_the_branch(project: Path, commit: MakeCommit, mirror: Mirror) -> None:
    first = commit()
    assert mirror.accepted == ""
    advance = mirror.advance()
    assert (advance.commit, advance.previous, advance.refused) == (first, "", None)
    assert mirror.advance().previous == first
    change(project, "kind: Model\nx: 2\n")
    second = commit()
    advance = mirror.advance()
    assert (advance.commit, advance.previous, advance.refused) == (second, first, None)
    assert mirror.accepted == again(mirror).accepted == second
    assert mirror.follows(second, first)
    assert not mirror.follows(first, second)
    assert not mirror.follows(second, "0" * 40)


def test_the_files_at_a_commit_are_read_without_any_checkout(project: Path, commit: MakeCommit, mirror: Mirror) -> None:
    commit()
    mirror.advance()
    source = mirror.source(mirror.accepted)
    assert dict(source.files()) == dict(WorkTree(project).files())
    assert (source.commit, source.dirty) == (mirror.accepted, False)
    assert sorted(path.name for path in mirror.root.iterdir()) == [".git"]


def test_a_project_in_a_folder_of_the_repository_is_read_from_there(
    project: Path, git: Git, commit: MakeCommit, mirror: Mirror
) -> None:
    expected = dict(WorkTree(project).files())
    (project / "teams/shop").mkdir(parents=True)
    for name in ("mlgitops.yaml", "targets", "models", "environments"):
        git("add", name)
        git("mv", name, f"teams/shop/{name}")
    commit()
    mirror.advance()
    assert dict(mirror.source(mirror.accepted, "teams/shop").files()) == expected
    for folder in ("../up", "/etc", "a/../b", "-x"):
        with pytest.raises(SourceError, match="is not the name of a folder"):
            mirror.source(mirror.accepted, folder)


def test_a_branch_that_was_rewritten_is_refused_and_what_was_accepted_stays(
    project: Path, git: Git, commit: MakeCommit, mirror: Mirror
) -> None:
    commit()
    change(project, "good")
    good = commit()
    mirror.advance()
    git("reset", "--quiet", "--hard", "HEAD~1")
    change(project, "evil")
    evil = commit()
    for one in (mirror, again(mirror)):
        advance = one.advance()
        assert (advance.commit, advance.previous) == (good, good)
        assert advance.refused
        assert advance.refused.commit == evil
        assert advance.refused.reason == (
            f"the branch is at {evil[:12]}, which does not follow {good[:12]}, the last accepted commit"
        )
    assert mirror.source(mirror.accepted).files()["models/fraud.yaml"] == b"good"


def test_a_branch_that_went_back_is_refused_until_it_is_ahead_again(
    project: Path, git: Git, commit: MakeCommit, mirror: Mirror
) -> None:
    first = commit()
    change(project, "2")
    second = commit()
    mirror.advance()
    git("reset", "--quiet", "--hard", first)
    advance = mirror.advance()
    assert advance.commit == second
    assert advance.refused
    assert "is older than" in advance.refused.reason
    git("reset", "--quiet", "--hard", second)
    change(project, "3")
    third = commit()
    advance = mirror.advance()
    assert (advance.commit, advance.previous, advance.refused) == (third, second, None)


def test_a_branch_that_is_gone_or_cannot_be_reached_leaves_the_commit_in_force(
    project: Path, git: Git, commit: MakeCommit, mirror: Mirror
) -> None:
    first = commit()
    mirror.advance()
    git("branch", "--move", "other")
    with pytest.raises(SourceError, match="has no branch main"):
        mirror.advance()
    project.rename(project.with_name("elsewhere"))
    with pytest.raises(ToolError, match="git ls-remote failed"):
        mirror.advance()
    assert mirror.accepted == first
    assert mirror.source(first).files()


def test_a_directory_serves_several_branches(project: Path, git: Git, commit: MakeCommit, mirror: Mirror) -> None:
    first = commit()
    mirror.advance()
    git("checkout", "--quiet", "-b", "next")
    change(project, "2")
    second = commit()
    other = Mirror(mirror.root.parents[1], str(project), "next")
    assert other.advance().commit == second
    assert mirror.advance().commit == first


def break_nothing(mirror: Mirror) -> None:
    pass


def remove_repository(mirror: Mirror) -> None:
    shutil.rmtree(mirror.git_dir)


def remove_head(mirror: Mirror) -> None:
    (mirror.git_dir / "HEAD").unlink()


def garble_settings(mirror: Mirror) -> None:
    (mirror.git_dir / "config").write_bytes(b"\x00[garbage")


def remove_objects(mirror: Mirror) -> None:
    for path in objects(mirror):
        path.unlink()


def empty_objects(mirror: Mirror) -> None:
    for path in objects(mirror):
        path.chmod(0o600)
        path.write_bytes(b"")


def garble_reference(mirror: Mirror) -> None:
    (mirror.git_dir / "refs/mlgitops/accepted").write_bytes(b"\x00" * 41)


def leave_locks(mirror: Mirror) -> None:
    for ref in ("refs/mlgitops/accepted", "refs/remotes/origin/main"):
        (mirror.git_dir / f"{ref}.lock").write_text("")


@pytest.mark.parametrize(
    "damage",
    [
        break_nothing,
        remove_repository,
        remove_head,
        garble_settings,
        remove_objects,
        empty_objects,
        garble_reference,
        leave_locks,
    ],
)
def test_a_broken_repository_is_made_anew_and_still_does_not_go_back(
    project: Path, git: Git, commit: MakeCommit, mirror: Mirror, damage: Callable[[Mirror], None]
) -> None:
    first = commit()
    change(project, "2")
    second = commit()
    mirror.advance()
    damage(mirror)
    assert again(mirror).accepted == second
    git("reset", "--quiet", "--hard", first)
    advance = again(mirror).advance()
    assert advance.commit == second
    assert advance.refused
    git("reset", "--quiet", "--hard", second)
    change(project, "3")
    third = commit()
    advance = again(mirror).advance()
    assert (advance.commit, advance.previous, advance.refused) == (third, second, None)
    assert mirror.source(third).files()["models/fraud.yaml"] == b"3"
    assert [path.name for path in mirror.root.parent.glob("new-*")] == []


def test_a_file_that_turns_out_to_be_broken_is_fetched_again(
    project: Path, git: Git, commit: MakeCommit, mirror: Mirror
) -> None:
    head = commit()
    mirror.advance()
    blob = git("rev-parse", "HEAD:models/fraud.yaml")
    file = mirror.git_dir / "objects" / blob[:2] / blob[2:]
    file.chmod(0o600)
    file.write_bytes(file.read_bytes()[:-6])
    with pytest.raises(ToolError):
        mirror.source(head)
    assert mirror.advance().commit == head
    assert mirror.source(head).files()["models/fraud.yaml"] == b"kind: Model\n"


def test_a_directory_that_is_lost_where_the_branch_was_rewritten_is_a_new_beginning(
    project: Path, git: Git, commit: MakeCommit, mirror: Mirror
) -> None:
    commit()
    mirror.advance()
    shutil.rmtree(mirror.root.parents[1])
    git("commit", "--quiet", "--amend", "-m", "other")
    advance = mirror.advance()
    assert (advance.commit, advance.previous) == (git("rev-parse", "HEAD"), "")


def test_a_rewritten_branch_is_refused_although_its_old_commits_are_gone_everywhere(
    project: Path, git: Git, commit: MakeCommit, mirror: Mirror
) -> None:
    first = commit()
    mirror.advance()
    remove_repository(mirror)
    git("commit", "--quiet", "--amend", "-m", "other")
    git("reflog", "expire", "--expire=now", "--all")
    git("gc", "--quiet", "--prune=now")
    advance = again(mirror).advance()
    assert (advance.commit, advance.previous) == (first, first)
    assert advance.refused
    with pytest.raises(SourceError, match="there is no commit"):
        mirror.source(first)


def test_two_processes_may_advance_the_same_mirror_at_once(
    project: Path, commit: MakeCommit, mirror: Mirror, tmp_path: Path
) -> None:
    head = commit()
    code = (
        "import sys; from pathlib import Path; from mlgitops.sources.mirror import Mirror; "
        "m = Mirror(Path(sys.argv[1]), sys.argv[2], 'main'); a = m.advance(); "
        "print(a.commit, len(m.source(a.commit).files()))"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "state"), str(project)]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    assert {process.communicate(timeout=120)[0] for process in running} == {f"{head} 5\n"}


def test_a_mirror_that_another_process_keeps_is_not_waited_for_for_ever(
    commit: MakeCommit, mirror: Mirror, monkeypatch: pytest.MonkeyPatch
) -> None:
    import fcntl

    commit()
    mirror.advance()
    monkeypatch.setattr(mirror_directory, "LOCK_SECONDS", 0.2)
    with (mirror.root.parent / "lock").open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(SourceError, match="another process"):
            mirror.advance()
    assert mirror.advance().commit == mirror.accepted


def test_a_killed_fetch_is_done_again(project: Path, commit: MakeCommit, mirror: Mirror, tmp_path: Path) -> None:
    head = commit()
    slow = tmp_path / "bin"
    slow.mkdir()
    real = shutil.which("git")
    script = f'#!/bin/sh\ncase "$*" in *" fetch "*) touch {tmp_path}/begun; sleep 60;; esac\nexec {real} "$@"\n'
    (slow / "git").write_text(script)
    (slow / "git").chmod(0o755)
    code = (
        "import sys; from pathlib import Path; from mlgitops.sources.mirror import Mirror; "
        "Mirror(Path(sys.argv[1]), sys.argv[2], 'main').advance()"
    )
    environment = {**os.environ, "PATH": f"{slow}:{os.environ['PATH']}"}
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path / "state"), str(project)], env=environment, start_new_session=True
    )
    while not (tmp_path / "begun").exists():
        assert process.poll() is None
        time.sleep(0.02)
    process.kill()
    process.wait()
    assert list(mirror.root.parent.glob("new-*"))
    assert mirror.advance().commit == head
    assert not list(mirror.root.parent.glob("new-*"))


def test_a_server_that_never_answers_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ASKING", Limits(timeout=0.5, output=1 << 20))
    monkeypatch.setattr(module, "FETCHING", Limits(timeout=0.5, output=1 << 20))
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"https://127.0.0.1:{silent.getsockname()[1]}/shop.git"
        with pytest.raises(ToolError, match=r"did not end within 0\.5 s"):
            Mirror(tmp_path / "state", address, "main").advance()
    assert not list((tmp_path / "state").rglob("new-*"))


@pytest.mark.parametrize(
    "address",
    [
        "ext::sh -c touch% x",
        "-u",
        "http://example.com/x",
        "https://bot:canary-123@example.com/x",
        "--upload-pack=x",
        "",
    ],
)
def test_an_address_that_is_none_or_holds_a_login_is_refused_without_being_shown(tmp_path: Path, address: str) -> None:
    with pytest.raises(SourceError) as caught:
        Mirror(tmp_path, address, "main")
    assert "canary" not in caught.value.message


def test_a_token_that_git_was_given_for_the_address_is_nowhere_to_be_seen(tmp_path: Path, home: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with (home / ".gitconfig").open("a") as file:
        file.write(f'[url "https://bot:canary-123@127.0.0.1:{port}/"]\n    insteadOf = https://example.com/\n')
    mirror = Mirror(tmp_path / "state", "https://example.com/shop.git", "main")
    with pytest.raises(ToolError, match="git fetch failed") as caught:
        mirror.advance()
    assert "canary" not in f"{caught.value} {caught.value.help} {caught.value.__cause__}"
    assert not [path for path in (tmp_path / "state").rglob("*") if path.is_file() and b"canary" in path.read_bytes()]


@pytest.mark.parametrize("branch", ["-x", "HEAD", "a..b", "refs/../x", "a b", "", "a.lock", "x:y", "+x"])
def test_a_branch_that_cannot_be_one_is_refused(tmp_path: Path, branch: str) -> None:
    with pytest.raises(SourceError):
        Mirror(tmp_path, "https://example.com/x", branch)


def test_what_a_commit_holds_is_inert(project: Path, git: Git, commit: MakeCommit, mirror: Mirror) -> None:
    """Hooks, submodules, attributes with filters and odd paths in the fetched branch run and write nothing."""
    (project / ".gitmodules").write_text('[submodule "x"]\n  path = x\n  url = ext::sh -c "touch /tmp/never"\n')
    (project / ".gitattributes").write_text("* filter=evil\n")
    (project / "models/link.yaml").symlink_to("/etc/passwd")
    git("update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},x")
    head = commit()
    assert mirror.advance().commit == head
    with pytest.raises(FindingsError):
        mirror.source(head)
    assert sorted(path.name for path in mirror.root.iterdir()) == [".git"]


def test_what_stands_in_the_way_of_its_directory_is_an_error(commit: MakeCommit, project: Path, tmp_path: Path) -> None:
    commit()
    (tmp_path / "file").write_text("")
    with pytest.raises(SourceError, match="cannot be kept"):
        Mirror(tmp_path / "file", str(project), "main").advance()


def test_many_threads_may_read_while_it_advances(project: Path, commit: MakeCommit, mirror: Mirror) -> None:
    commit()
    mirror.advance()
    wrong: list[object] = []

    def read() -> None:
        for _ in range(3):
            try:
                assert len(mirror.source(mirror.accepted).files()) == 5
            except BaseException as error:
                wrong.append(error)

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for number in range(3):
        change(project, str(number))
        commit()
        mirror.advance()
    for reader in readers:
        reader.join()
    assert wrong == []
