from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlgitops.render.overlay.paths import PathProblem, is_below, resolve


@pytest.mark.parametrize(
    ("directory", "reference", "path"),
    [
        ("environments/prod", "a.yaml", "environments/prod/a.yaml"),
        ("environments/prod", "./a/./b.yaml", "environments/prod/a/b.yaml"),
        ("environments/prod", "../../base/", "base"),
        ("environments/prod", "../..", ""),
        ("environments/prod", "a//b", "environments/prod/a/b"),
        ("", "a", "a"),
        ("a", "b/../../c", "c"),
        ("a", "github.com", "a/github.com"),
        ("a", "...", "a/..."),
    ],
)
def test_a_path_is_resolved_by_its_parts(directory: str, reference: str, path: str) -> None:
    assert resolve(directory, reference) == path


@pytest.mark.parametrize(
    "reference",
    [
        "https://github.com/org/repo//base?ref=v1",
        "HTTPS://example.com/x.yaml",
        "https:example.com",
        "ssh://git@host/repo",
        "file:///etc",
        "git@github.com:org/repo.git",
        "git::https://host/repo",
        "GIT::ssh://host/repo",
        "ext::sh -c id",
        "github.com/org/repo",
        "GitHub.com/org/repo//base",
        "github.com:org/repo",
        "user@host/org/repo",
        "me@host.xz:path/to/repo",
        "deploy_user@host:repo",
        "base?ref=main",
        "a/b://c",
    ],
)
def test_what_kustomize_would_fetch_is_remote(reference: str) -> None:
    problem = resolve("environments/prod", reference)

    assert isinstance(problem, PathProblem)
    assert problem.code == "overlay-remote-base"


@pytest.mark.parametrize(
    ("reference", "code"),
    [
        ("/etc/passwd", "overlay-absolute-path"),
        ("//host/share", "overlay-absolute-path"),
        ("../../../x", "overlay-outside-project"),
        ("a/../../../../environments/prod/x", "overlay-outside-project"),
        ("a\x00b", "overlay-missing-file"),
        ("a\nb", "overlay-missing-file"),
    ],
)
def test_what_leaves_the_project_is_refused(reference: str, code: str) -> None:
    problem = resolve("environments/prod", reference)

    assert isinstance(problem, PathProblem)
    assert problem.code == code


def test_below_is_decided_by_parts() -> None:
    assert is_below("repo", "repo/a/b")
    assert is_below("", "a")
    assert not is_below("repo", "repo-evil/a")
    assert not is_below("repo", "other/repo/a")


@given(st.lists(st.sampled_from(["..", ".", "", "a", "b", "a..", "@", ":", "?"])).map("/".join))
def test_what_is_resolved_is_always_within_the_project(reference: str) -> None:
    path = resolve("x/y", reference)

    if isinstance(path, str):
        assert not path.startswith("/")
        assert not {"..", ".", ""} & set(path.split("/")) - ({""} if path == "" else set())
