"""Files of a commit: the same as on disk, whatever happens on disk."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from mlgitops.errors import FindingsError, SourceError
from mlgitops.sources import MAX_FILE_BYTES, Source
from mlgitops.sources.commit import Commit
from mlgitops.sources.worktree import WorkTree
from mlgitops.tools.git import blobs

Git = Callable[..., str]
MakeCommit = Callable[[], str]


def refused(root: Path) -> list[tuple[str, str]]:
    with pytest.raises(FindingsError) as caught:
        Commit(root, "HEAD").files()
    return [(finding.code, finding.location.path) for finding in caught.value.findings]


def test_a_commits_files_are_those_that_were_on_disk(project: Path, commit: MakeCommit) -> None:
    (project / "environments/prod").symlink_to("dev")
    (project / "models/same.yaml").symlink_to("../environments/prod/models/fraud.yaml")
    (project / "models/ü space.yaml").write_bytes(b"\x00\xff\n")
    (project / "models/empty.yaml").write_bytes(b"")
    head = commit()
    source: Source = Commit(project, "main")
    files = source.files()
    assert dict(files) == dict(WorkTree(project).files())
    assert list(files) == sorted(files)
    assert len(files) == 10
    assert (source.commit, source.dirty) == (head, False)


def test_the_work_tree_is_not_looked_at(project: Path, commit: MakeCommit) -> None:
    commit()
    (project / "models/fraud.yaml").write_text("truncat")
    (project / "models/new.yaml").write_text("new")
    (project / "targets/aws.yaml").unlink()
    files = Commit(project, "HEAD").files()
    assert files["models/fraud.yaml"] == b"kind: Model\n"
    assert "targets/aws.yaml" in files
    assert "models/new.yaml" not in files


def test_an_older_revision_can_be_read(project: Path, commit: MakeCommit) -> None:
    first = commit()
    (project / "models/fraud.yaml").write_text("changed")
    commit()
    assert Commit(project, "HEAD~1").commit == first
    assert Commit(project, first[:12]).files()["models/fraud.yaml"] == b"kind: Model\n"


def test_a_project_in_a_folder_of_its_repository_has_paths_from_its_root(project: Path, tmp_path: Path) -> None:
    for arguments in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "x"]):
        subprocess.run(["git", *arguments], cwd=tmp_path, check=True)
    assert dict(Commit(project, "HEAD").files()) == dict(WorkTree(project).files())
    assert WorkTree(project).commit == Commit(project, "HEAD").commit


@pytest.mark.parametrize(
    ("target", "code"),
    [
        ("/etc/passwd", "link-leaves-project"),
        ("../../project-evil/models/secret.yaml", "link-leaves-project"),
        ("../models/../../x", "link-leaves-project"),
        ("link.yaml", "link-loop"),
        ("nothing.yaml", "dangling-link"),
        ("../src/nothing", "dangling-link"),
    ],
)
def test_a_bad_link_is_refused(project: Path, commit: MakeCommit, target: str, code: str) -> None:
    (project / "models/link.yaml").symlink_to(target)
    commit()
    assert refused(project) == [(code, "models/link.yaml")]


def test_a_folders_link_to_itself_is_refused(project: Path, commit: MakeCommit) -> None:
    (project / "environments/dev/up").symlink_to("..")
    commit()
    assert refused(project) == [("link-loop", "environments/dev/up")]


def test_a_well_known_folder_that_is_a_bad_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "models").symlink_to("nowhere")
    for arguments in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "x"]):
        subprocess.run(["git", *arguments], cwd=tmp_path, check=True)
    assert refused(tmp_path) == [("dangling-link", "models")]


def test_a_file_that_is_too_large_is_refused(project: Path, commit: MakeCommit) -> None:
    os.truncate(project / "models/fraud.yaml", MAX_FILE_BYTES + 1)
    commit()
    assert refused(project) == [("file-too-large", "models/fraud.yaml")]


def test_a_submodule_is_refused(project: Path, git: Git, commit: MakeCommit) -> None:
    head = commit()
    git("update-index", "--add", "--cacheinfo", f"160000,{head},models/other")
    git("commit", "-q", "-m", "submodule")
    assert refused(project) == [("submodule", "models/other")]


@pytest.mark.parametrize(
    "revision", ["-x", "--upload-pack=touch x", "", "no-such", "a\nb", "HEAD^{tree}", "HEAD:models"]
)
def test_what_is_no_commit_is_refused(project: Path, commit: MakeCommit, revision: str) -> None:
    commit()
    with pytest.raises(SourceError):
        Commit(project, revision)


def test_outside_a_repository_there_is_no_revision(project: Path) -> None:
    with pytest.raises(SourceError, match="not in a Git repository") as caught:
        Commit(project, "HEAD")
    assert "git init" in caught.value.help


def test_replaced_objects_are_not_taken_for_the_commits(project: Path, git: Git, commit: MakeCommit) -> None:
    commit()
    blob = git("rev-parse", "HEAD:models/fraud.yaml")
    other = git("rev-parse", "HEAD:targets/aws.yaml")
    git("replace", blob, other)
    assert Commit(project, "HEAD").files()["models/fraud.yaml"] == b"kind: Model\n"


def test_what_was_read_of_another_commit_is_not_read_again(
    project: Path, commit: MakeCommit, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit()
    before = Commit(project, "main")
    known = before.blobs
    path = next(iter(before.files()))
    (project / path).write_bytes(b"# changed\n")
    commit()
    asked: list[int] = []

    def reading(root: Path, objects: set[str]) -> dict[str, bytes]:
        asked.append(len(objects))
        return blobs(root, objects)

    monkeypatch.setattr("mlgitops.tools.git.blobs", reading)
    after = Commit(project, "main", known)
    assert dict(after.files()) == dict(WorkTree(project).files())
    assert asked == [1]
