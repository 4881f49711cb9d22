"""Files on disk: what is read, and what never is."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from mlgitops.errors import FindingsError, SourceError
from mlgitops.sources import MAX_FILE_BYTES, Source
from mlgitops.sources.worktree import WorkTree, find_root


def refused(root: Path) -> list[tuple[str, str]]:
    with pytest.raises(FindingsError) as caught:
        WorkTree(root).files()
    return [(finding.code, finding.location.path) for finding in caught.value.findings]


def test_the_well_known_places_are_read_and_nothing_else(project: Path) -> None:
    source: Source = WorkTree(project)
    files = source.files()
    assert list(files) == [
        "environments/dev/environment.yaml",
        "environments/dev/models/fraud.yaml",
        "mlgitops.yaml",
        "models/fraud.yaml",
        "targets/aws.yaml",
    ]
    assert files["environments/dev/models/fraud.yaml"] == b"kind: Model\nx: 1\n"
    assert len(files) == 5


def test_a_file_is_read_when_asked_for_and_once(project: Path) -> None:
    files = WorkTree(project).files()
    (project / "models/fraud.yaml").write_bytes(b"new")
    assert files["models/fraud.yaml"] == b"new"
    (project / "models/fraud.yaml").write_bytes(b"newer")
    assert files["models/fraud.yaml"] == b"new"


def test_a_folder_may_be_missing(tmp_path: Path) -> None:
    assert dict(WorkTree(tmp_path).files()) == {}


@pytest.mark.parametrize("start", [".", "environments/dev/models", "src"])
def test_the_root_is_found_from_below(project: Path, start: str) -> None:
    assert find_root(project / start) == project


def test_without_a_project_file_there_is_no_root(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"no mlgitops\.yaml"):
        find_root(tmp_path)


@pytest.mark.parametrize(
    "target",
    [
        "../../project-evil/models/secret.yaml",
        "/etc/hostname",
        "/nowhere/at/all",
        "../../nowhere",
        "../.git/config",
        "../../project/../project-evil/models/secret.yaml",
    ],
)
def test_a_link_that_leaves_the_project_is_refused_whether_its_target_exists_or_not(project: Path, target: str) -> None:
    (project / ".git").mkdir()
    (project / ".git/config").write_text("canary")
    (project / "models/link.yaml").symlink_to(target)
    assert refused(project) == [("link-leaves-project", "models/link.yaml")]


def test_a_chain_of_links_is_followed_to_its_end(project: Path) -> None:
    (project / "models/a.yaml").symlink_to("b.yaml")
    (project / "models/b.yaml").symlink_to("../targets/c.yaml")
    (project / "targets/c.yaml").symlink_to("../../project-evil/models/secret.yaml")
    assert {code for code, _ in refused(project)} == {"link-leaves-project"}


def test_a_folder_that_is_a_link_to_the_outside_is_refused(project: Path) -> None:
    (project / "models/more").symlink_to("../../project-evil/models")
    assert refused(project) == [("link-leaves-project", "models/more")]


def test_a_well_known_folder_that_is_a_link_to_the_outside_is_refused(tmp_path: Path, project: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "models").symlink_to(project / "models")
    assert refused(other) == [("link-leaves-project", "models")]


def test_links_within_the_project_are_followed(project: Path) -> None:
    (project / "environments/dev/models/same.yaml").symlink_to("../../../models/fraud.yaml")
    (project / "environments/prod").symlink_to("dev")
    files = WorkTree(project).files()
    assert files["environments/dev/models/same.yaml"] == b"kind: Model\n"
    assert files["environments/prod/models/same.yaml"] == b"kind: Model\n"


@pytest.mark.parametrize(
    ("name", "target", "code"),
    [
        ("self.yaml", "self.yaml", "link-loop"),
        ("up", "..", "link-loop"),
        ("gone.yaml", "nothing.yaml", "dangling-link"),
    ],
)
def test_links_that_lead_nowhere_are_refused(project: Path, name: str, target: str, code: str) -> None:
    link = project / "environments/dev" / name
    link.symlink_to(target)
    assert refused(project) == [(code, f"environments/dev/{name}")]


def test_editors_lock_links_are_left_out(project: Path) -> None:
    (project / "models/.#fraud.yaml").symlink_to("me@host.1234:5")
    assert len(WorkTree(project).files()) == 5


def test_pipes_sockets_and_devices_are_refused_without_being_opened(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.mkfifo(project / "models/pipe.yaml")
    (project / "targets/null.yaml").symlink_to("/dev/null")
    monkeypatch.chdir(project / "targets")  # a socket's path may not be long
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("socket.yaml")
        assert sorted(refused(project)) == [
            ("link-leaves-project", "targets/null.yaml"),
            ("not-a-regular-file", "models/pipe.yaml"),
            ("not-a-regular-file", "targets/socket.yaml"),
        ]


def test_a_file_that_is_too_large_is_refused_before_it_is_read(project: Path) -> None:
    os.truncate(project / "models/fraud.yaml", MAX_FILE_BYTES + 1)
    assert refused(project) == [("file-too-large", "models/fraud.yaml")]


def test_a_file_that_is_exchanged_after_the_survey_is_not_read(project: Path) -> None:
    files = WorkTree(project).files()
    (project / "models/fraud.yaml").unlink()
    (project / "models/fraud.yaml").symlink_to("../../project-evil/models/secret.yaml")
    with pytest.raises(SourceError):
        files["models/fraud.yaml"]
    (project / "targets/aws.yaml").unlink()
    os.mkfifo(project / "targets/aws.yaml")
    with pytest.raises(SourceError, match="no longer a file"):
        files["targets/aws.yaml"]
    os.truncate(project / "mlgitops.yaml", MAX_FILE_BYTES + 1)
    with pytest.raises(SourceError, match="grew"):
        files["mlgitops.yaml"]


@pytest.mark.parametrize(
    "name", ["a\nb.yaml", "a\x1b[31m.yaml", "a\\b.yaml", "\u202eb.yaml", os.fsdecode(b"\xff.yaml")]
)
def test_a_name_that_cannot_be_shown_is_refused_and_shown_escaped(project: Path, name: str) -> None:
    (project / "models" / name).write_text("x")
    ((code, path),) = refused(project)
    assert code == "file-name"
    assert path.isascii()
    assert path.isprintable()


def test_a_repository_within_the_project_is_refused(project: Path) -> None:
    (project / "models/other/.git").mkdir(parents=True)
    assert refused(project) == [("submodule", "models/other")]


def test_folders_are_bounded(project: Path) -> None:
    (project / "models").joinpath(*["d"] * 25).mkdir(parents=True)
    assert [code for code, _ in refused(project)] == ["too-deep"]


def test_all_that_is_refused_is_told_at_once(project: Path) -> None:
    os.mkfifo(project / "models/pipe.yaml")
    (project / "targets/out.yaml").symlink_to("/etc/passwd")
    with pytest.raises(FindingsError) as caught:
        WorkTree(project).files()
    assert all(finding.help for finding in caught.value.findings)
    assert len(caught.value.findings) == 2


def test_outside_a_repository_there_is_no_commit(project: Path) -> None:
    assert (WorkTree(project).commit, WorkTree(project).dirty) == ("", False)


def test_the_commit_and_whether_files_differ_from_it(project: Path, commit: Callable[[], str]) -> None:
    head = commit()
    assert (WorkTree(project).commit, WorkTree(project).dirty) == (head, False)
    (project / "README.md").write_text("other")
    assert not WorkTree(project).dirty
    (project / "models/fraud.yaml").write_text("other")
    assert WorkTree(project).dirty
