"""Git as a program: what it tells, and that nothing in a repository is run."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from mlgitops.errors import SourceError, ToolError, ToolMissingError
from mlgitops.tools import git


def run(repository: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=repository, check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with one commit of one file."""
    repository = tmp_path / "repository"
    (repository / "models").mkdir(parents=True)
    (repository / "models/a.yaml").write_text("a: 1\n")
    run(repository, "init", "-q")
    run(repository, "add", ".")
    run(repository, "commit", "-q", "-m", "x")
    return repository


def test_the_commit_that_is_checked_out(repository: Path, tmp_path: Path) -> None:
    assert git.head_commit(repository) == git.head_commit(repository / "models") == run(repository, "rev-parse", "HEAD")
    assert git.head_commit(tmp_path) == ""
    run(tmp_path, "init", "-q", "empty")
    assert git.head_commit(tmp_path / "empty") == ""


def test_a_damaged_repository_is_an_error(tmp_path: Path) -> None:
    (tmp_path / ".git").write_text("gitdir: nowhere")
    with pytest.raises(ToolError, match="git rev-parse failed"):
        git.head_commit(tmp_path)


@pytest.mark.parametrize(
    ("path", "dirty"),
    [
        ("models/a.yaml", True),
        ("models/new.yaml", True),
        ("models/ignored.yaml", True),
        ("models/deep/ignored.yml", True),
        ("models/ignored.bin", False),
        ("elsewhere.yaml", False),
    ],
)
def test_changed_new_and_ignored_specs_make_a_work_tree_dirty(repository: Path, path: str, dirty: bool) -> None:
    (repository / ".git/info/exclude").write_text("ignored.*\n")
    assert not git.is_dirty(repository, ["models"])
    (repository / path).parent.mkdir(exist_ok=True)
    (repository / path).write_text("changed")
    assert git.is_dirty(repository, ["models"]) is dirty


def test_paths_are_taken_literally(repository: Path) -> None:
    (repository / "b.yaml").write_text("x")
    assert not git.is_dirty(repository, [":(top)*", "*"])


def test_outside_a_repository_nothing_is_dirty(tmp_path: Path) -> None:
    assert not git.is_dirty(tmp_path, ["models"])


def test_the_tree_and_the_blobs_of_a_commit(repository: Path) -> None:
    (repository / "models/link").symlink_to("a.yaml")
    (repository / "models/bytes").write_bytes(b"\x00\nblob 3\n\xff")
    run(repository, "add", ".")
    run(repository, "commit", "-q", "-m", "y")
    entries = {entry.path: entry for entry in git.tree(repository, git.head_commit(repository))}
    assert {path: (entry.mode, entry.size) for path, entry in entries.items()} == {
        "models/a.yaml": ("100644", 5),
        "models/link": ("120000", 6),
        "models/bytes": ("100644", 10),
    }
    contents = git.blobs(repository, [entry.object for entry in entries.values()])
    assert [contents[entries[f"models/{name}"].object] for name in ("a.yaml", "link", "bytes")] == [
        b"a: 1\n",
        b"a.yaml",
        b"\x00\nblob 3\n\xff",
    ]
    assert entries["models/link"].is_link
    assert not entries["models/a.yaml"].is_link


def test_an_object_that_is_missing_is_an_error(repository: Path) -> None:
    with pytest.raises(ToolError, match="no object"):
        git.blobs(repository, ["0" * 40])


@pytest.mark.parametrize("revision", ["-x", "--help", "", "no-such-branch", "HEAD:models", "x\ny"])
def test_what_is_no_revision_is_refused(repository: Path, revision: str) -> None:
    with pytest.raises(SourceError):
        git.commit_of(repository, revision)


def test_branches_tags_and_short_ids_are_revisions(repository: Path) -> None:
    head = git.head_commit(repository)
    run(repository, "tag", "-a", "v1", "-m", "x")
    run(repository, "branch", "topic/one")
    assert {git.commit_of(repository, revision) for revision in ("v1", "topic/one", head[:8], "HEAD")} == {head}


def test_hooks_and_file_watchers_of_a_repository_are_not_run(repository: Path, tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    script = tmp_path / "script"
    script.write_text(f"#!/bin/sh\ntouch '{ran}'\n")
    script.chmod(0o755)
    for hook in ("post-index-change", "post-checkout", "reference-transaction"):
        (repository / ".git/hooks" / hook).symlink_to(script)
    run(repository, "config", "core.fsmonitor", str(script))
    ran.unlink(missing_ok=True)
    (repository / "models/a.yaml").write_text("a: 2\n")
    assert git.is_dirty(repository, ["models"])
    git.blobs(repository, [entry.object for entry in git.tree(repository, git.commit_of(repository, "HEAD"))])
    assert not ran.exists()


def test_the_callers_git_variables_are_not_passed_on(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_EXTERNAL_DIFF", "touch x")
    monkeypatch.setenv("CANARY", "canary")
    assert git.head_commit(repository)
    environment = git.environment()
    assert environment["GIT_TERMINAL_PROMPT"] == "0"
    assert not {"GIT_DIR", "GIT_CONFIG_COUNT", "GIT_EXTERNAL_DIFF", "CANARY"} & environment.keys()
    assert environment["PATH"] == os.environ["PATH"]


def test_an_ext_url_is_never_run(repository: Path, tmp_path: Path) -> None:
    with pytest.raises(ToolError, match="not allowed"):
        git.git(["fetch", f"ext::touch {tmp_path}/ran"], repository)
    assert not (tmp_path / "ran").exists()


def test_a_login_in_a_url_is_not_shown(repository: Path) -> None:
    with pytest.raises(ToolError) as caught:
        git.git(["fetch", "https://me:hunter2@localhost:1/x"], repository)
    assert "hunter2" not in caught.value.message


def test_without_git_the_error_says_so(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(ToolMissingError):
        git.head_commit(repository)
    with pytest.raises(ToolMissingError):
        git.blobs(repository, ["0" * 40])


def test_what_git_is_fed_is_read_and_its_failure_names_the_verb(repository: Path) -> None:
    blob = git.fed(["-c", "core.autocrlf=true", "hash-object", "-w", "--stdin"], repository, b"a\r\n").decode().strip()
    assert git.blobs(repository, [blob]) == {blob: b"a\r\n"}
    with pytest.raises(ToolError, match=r"^git mktree failed: fatal: input format error"):
        git.fed(["-c", "core.autocrlf=true", "mktree"], repository, b"nonsense\n")


@pytest.mark.parametrize("login", ["me:hunter2", "hunter2", "me:hun@hunter2"])
def test_a_login_in_a_url_is_masked(login: str) -> None:
    said = git.without_login(f"cannot reach 'https://{login}@git.example.com/a@b'")
    assert said == "cannot reach 'https://***@git.example.com/a@b'"
