"""Branches here and elsewhere are moved only from where they were."""

from __future__ import annotations

import subprocess
from functools import partial
from pathlib import Path

import pytest

from mlgitops.errors import NotAuthorisedError, SourceError, ToolError
from mlgitops.tools import git_objects, git_refs
from mlgitops.tools.git_objects import Author


def run(repository: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=repository, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def commit(store: Path, parent: str, content: bytes) -> str:
    return git_objects.write_commit(store, parent, {"a": content}, Author("m\n", "2026-01-01T00:00:00Z"))


@pytest.fixture
def store(tmp_path: Path) -> Path:
    git_refs.make_bare(tmp_path / "store.git")
    return tmp_path / "store.git"


@pytest.fixture
def remote(tmp_path: Path) -> Path:
    git_refs.make_bare(tmp_path / "remote.git")
    return tmp_path / "remote.git"


def test_a_branch_is_moved_only_from_where_it_was(store: Path) -> None:
    first = commit(store, "", b"1")
    second = commit(store, first, b"2")
    assert git_refs.branch_head(store, "deploy/a") == ""
    assert git_refs.advance(store, "deploy/a", first, "")
    assert not git_refs.advance(store, "deploy/a", second, "")
    assert git_refs.advance(store, "deploy/a", second, first)
    assert not git_refs.advance(store, "deploy/a", first, first)
    assert git_refs.branch_head(store, "deploy/a") == second


def test_a_branch_whose_name_is_in_the_way_of_another_is_an_error(store: Path) -> None:
    first = commit(store, "", b"1")
    assert git_refs.advance(store, "deploy", first, "")
    with pytest.raises(ToolError, match="git update-ref failed"):
        git_refs.advance(store, "deploy/a", first, "")


def test_another_repositorys_branch_is_only_moved_forward(store: Path, remote: Path) -> None:
    address = str(remote)
    first = commit(store, "", b"1")
    assert git_refs.remote_head(store, address, "deploy") == ""
    assert git_refs.push(store, address, "deploy", first)
    assert git_refs.push(store, address, "deploy", commit(store, first, b"2"))
    assert not git_refs.push(store, address, "deploy", commit(store, first, b"other"))
    assert not git_refs.push(store, address, "deploy", commit(store, "", b"root"))
    assert git_refs.remote_head(store, address, "deploy") == commit(store, first, b"2")
    assert git_refs.remote_head(store, address, "ploy") == ""


def test_only_the_branch_is_fetched(store: Path, remote: Path) -> None:
    first = commit(remote, "", b"1")
    for branch in ("deploy", "other"):
        git_refs.advance(remote, branch, first, "")
    git_refs.fetch(store, str(remote), "deploy", "refs/mlgitops/branches/deploy")
    assert git_objects.has_commit(store, first)
    assert run(store, "for-each-ref", "--format=%(refname)") == "refs/mlgitops/branches/deploy"
    assert not (store / "FETCH_HEAD").exists()


def test_the_reason_for_which_the_other_side_refuses_is_told(store: Path, remote: Path) -> None:
    hook = remote / "hooks/pre-receive"
    hook.parent.mkdir()
    hook.write_text("#!/bin/sh\necho this branch is protected\nexit 1\n")
    hook.chmod(0o755)
    with pytest.raises(ToolError, match=r"pre-receive hook declined[\s\S]*this branch is protected"):
        git_refs.push(store, str(remote), "deploy", commit(store, "", b"1"))


def test_a_refused_login_is_told_from_other_failures(
    store: Path, tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ssh = tmp_path / "ssh"
    ssh.write_text("#!/bin/sh\necho 'git@git.example.com: Permission denied (publickey).' >&2\nexit 255\n")
    ssh.chmod(0o755)
    run(home, "config", "--global", "core.sshCommand", str(ssh))
    with pytest.raises(NotAuthorisedError, match="Permission denied"):
        git_refs.remote_head(store, "ssh://git@git.example.com/x", "deploy")
    with pytest.raises(ToolError, match="git ls-remote failed"):
        git_refs.remote_head(store, str(tmp_path / "nowhere"), "deploy")


@pytest.mark.parametrize("address", ["ext::touch {mark}", "--upload-pack=touch {mark}"])
def test_an_address_runs_nothing(store: Path, tmp_path: Path, home: Path, address: str) -> None:
    run(home, "config", "--global", "protocol.ext.allow", "always")
    mark = tmp_path / "ran"
    for ask in (git_refs.remote_head, partial(git_refs.fetch, ref="refs/x/y")):
        with pytest.raises(ToolError, match=r"git (ls-remote|fetch) failed"):
            ask(store, address.format(mark=mark), "deploy")
    assert not mark.exists()


def test_where_a_repository_and_its_remotes_are(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="not in a Git repository"):
        git_refs.common_directory(tmp_path)
    assert git_refs.address_of(tmp_path, "origin") == ""
    run(tmp_path, "init", "-q", "own")
    own = tmp_path / "own"
    run(own, "commit", "-q", "--allow-empty", "-m", "x")
    run(own, "worktree", "add", "-q", "../linked", "-b", "side")
    assert git_refs.common_directory(own) == git_refs.common_directory(tmp_path / "linked") == own / ".git"
    assert git_refs.address_of(own, "origin") == ""
    run(own, "remote", "add", "origin", "https://me:hunter2@git.example.com/x")
    assert git_refs.address_of(own, "origin") == "https://git.example.com/x"
    assert git_refs.checked_out(own / ".git", "side") == str(tmp_path / "linked")
    assert git_refs.checked_out(own / ".git", "main") == str(own)
    assert git_refs.checked_out(own / ".git", "deploy") == ""


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1/x.git", "http://ann:secret@localhost:1/x.git", "http://[::1]:1/x.git"]
)
def test_plain_http_is_for_a_forge_on_this_machine(tmp_path: Path, url: str) -> None:
    git_refs.make_bare(tmp_path / "store.git")
    run(tmp_path / "store.git", "remote", "add", "origin", url)
    for address in (url, "origin"):
        with pytest.raises(ToolError, match=r"(?i)connect") as failed:
            git_refs.remote_head(tmp_path / "store.git", address, "main")
        assert "secret" not in str(failed.value)


@pytest.mark.parametrize(
    "url", ["http://git.example.com/x.git", "http://localhost.example.com/x.git", "http://a@b@127.0.0.1/x"]
)
def test_plain_http_is_for_no_other_host(tmp_path: Path, url: str) -> None:
    git_refs.make_bare(tmp_path / "store.git")
    with pytest.raises(ToolError, match="transport 'http' not allowed"):
        git_refs.remote_head(tmp_path / "store.git", url, "main")
