"""`mlgitops fmt` on a project: what it writes, what it names, and how it ends."""

from __future__ import annotations

import io
import sys
from types import SimpleNamespace
from typing import Any

import pytest

IRIS = "environments/dev/models/iris.yaml"
UNTIDY = """\
kind: Model
apiVersion: mlgitops.dev/v1alpha1
metadata: {name: iris}
spec:
    # the release
    release: {version: "1.0", artifact: {uri: s3://models/iris}}
"""
TIDY = """\
apiVersion: mlgitops.dev/v1alpha1
kind: Model
metadata: {name: iris}
spec:
  # the release
  release: {version: "1.0", artifact: {uri: s3://models/iris}}
"""


def test_specs_are_written_in_one_form(run: Any, project: Any) -> None:
    root = project({IRIS: UNTIDY})
    ran = run(root, "fmt")
    assert (ran.code, ran.out) == (0, f"{IRIS} formatted\n")
    assert (root / IRIS).read_text() == TIDY
    again = run(root, "fmt")
    assert (again.code, again.out, again.err) == (0, "", "4 files formatted already\n")


def test_check_names_them_and_writes_nothing(run: Any, project: Any, tree: Any) -> None:
    root = project({IRIS: UNTIDY})
    before = tree(root)
    ran = run(root, "fmt", "--check")
    assert (ran.code, ran.out) == (1, f"{IRIS} would be formatted\n")
    assert tree(root) == before


def test_diff_shows_the_change_and_writes_nothing(run: Any, project: Any, tree: Any) -> None:
    root = project({IRIS: UNTIDY})
    before = tree(root)
    ran = run(root, "fmt", "--diff")
    assert ran.code == 0
    assert ran.out.startswith(f"--- a/{IRIS}\n+++ b/{IRIS}\n")
    assert "-    # the release\n" in ran.out
    assert tree(root) == before


def test_only_the_files_that_are_named_are_looked_at(run: Any, project: Any) -> None:
    root = project({IRIS: UNTIDY, "environments/dev/kustomization.yaml": "resources: []\n"})
    ran = run(root, "fmt", "--check", "mlgitops.yaml", "environments/dev/kustomization.yaml")
    assert (ran.code, ran.out) == (0, "")
    assert "kustomization.yaml is no spec of this project" in ran.err


def test_a_file_that_cannot_be_formatted_is_named_and_the_others_are_written(run: Any, project: Any) -> None:
    root = project({IRIS: UNTIDY, "environments/dev/models/broken.yaml": "? kind\n: Model\n"})
    ran = run(root, "fmt")
    assert ran.code == 1
    assert (root / IRIS).read_text() == TIDY
    assert "error[format-refused]: the file cannot be formatted" in ran.err
    assert "environments/dev/models/broken.yaml:1:1" in ran.err


def test_an_editor_gets_the_text_back(run: Any, project: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(UNTIDY.encode())))
    printed = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", SimpleNamespace(buffer=printed))
    from mlgitops.cli.fmt import _through

    assert _through() == 0
    assert printed.getvalue().decode() == TIDY


def test_a_file_that_is_not_there_is_an_error(run: Any, project: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    root = project({IRIS: TIDY})
    monkeypatch.chdir(root)
    ran = run(root, "fmt", "--check", "typo.yaml")
    assert ran.code != 0
    assert "there is no file typo.yaml" in ran.err
