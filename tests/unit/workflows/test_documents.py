from __future__ import annotations

from typing import Any

import pytest

from mlgitops.sources.cache import Cache
from mlgitops.sources.worktree import WorkTree
from mlgitops.workflows.documents import read_project

IRIS = "environments/dev/models/iris.yaml"


def test_every_spec_is_read_once_and_put_in_its_place(project: Any) -> None:
    files, documents, findings = read_project(WorkTree(project({"environments/dev/notes.txt": "x", "README.md": "y"})))
    assert findings == []
    assert [document.path for document in documents] == [
        "environments/dev/environment.yaml", IRIS, "mlgitops.yaml", "targets/here.yaml",
    ]  # fmt: skip
    assert files.environments["dev"].models["iris"] is documents[1]


def test_what_cannot_be_used_is_found_and_known_to_be_there(project: Any) -> None:
    root = project({IRIS: "a: [", "targets/here.yaml": "kind: Model\n", "models/x.yml": "a: 1\n"})
    files, documents, findings = read_project(WorkTree(root))
    assert {(one.code, one.location.path) for one in findings} == {
        ("yaml-syntax", IRIS), ("wrong-kind", "targets/here.yaml"), ("file-not-read", "models/x.yml"),
    }  # fmt: skip
    assert files.unread == {IRIS, "targets/here.yaml"}
    assert IRIS not in [document.path for document in documents]


@pytest.mark.parametrize(
    "content", [b"\xff\xfe", b"", b"\x00", b"[1]", b"a: &a [*a]", b"<<<<<<< a\n", b"!!python/x {}"]
)
def test_any_content_is_a_finding_and_no_crash(project: Any, content: bytes) -> None:
    files, _, findings = read_project(WorkTree(project({IRIS: content})))
    assert {one.location.path for one in findings} == {IRIS}
    assert files.unread == {IRIS}


def test_a_clean_file_comes_from_the_cache_the_same_and_with_its_positions(project: Any, tmp_path: Any) -> None:
    root, cache = project(), Cache(tmp_path / "cache")
    first = read_project(WorkTree(root), cache)[1]
    second = read_project(WorkTree(root), cache)[1]
    assert second == first
    pointer = ("spec", "serving", "scaling", "max")
    assert [str(made[1].locate(pointer)) for made in (first, second)] == [f"{IRIS}:14:12"] * 2


def test_the_same_content_at_two_places_has_two_paths(project: Any, tmp_path: Any) -> None:
    text = "apiVersion: mlgitops.dev/v1alpha1\nkind: Model\nmetadata:\n  name: a\nspec: {}\n"
    root = project({"models/a.yaml": text, "environments/dev/models/a.yaml": text})
    for _ in range(2):
        documents = read_project(WorkTree(root), Cache(tmp_path / "cache"))[1]
        assert {"models/a.yaml", "environments/dev/models/a.yaml"} <= {document.path for document in documents}


def test_a_file_with_findings_is_never_kept(project: Any, tmp_path: Any) -> None:
    root, cache = project({IRIS: "a: ["}), Cache(tmp_path / "cache")
    first = read_project(WorkTree(root), cache)[2]
    assert read_project(WorkTree(root), cache)[2] == first
    assert [one.code for one in first] == ["yaml-syntax"]
