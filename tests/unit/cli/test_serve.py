from __future__ import annotations

import importlib.util

import pytest

from mlgitops.cli.main import exit_code
from mlgitops.web.signing import read_users
from tests.conftest import ProjectFactory


def test_without_the_extra_it_says_how_to_install_it(
    project: ProjectFactory, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "uvicorn" else found(name))
    assert exit_code(["serve", "--root", str(project())]) == 1
    error = capsys.readouterr().err
    assert error == "error: uvicorn cannot be imported\nhelp: Install the extra: pip install 'mlgitops[serve]'\n"


def test_a_line_for_the_file_of_users_is_printed_and_signs_in(
    project: ProjectFactory, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    root = project()
    monkeypatch.setattr("click.prompt", lambda *_, **__: "correct horse")
    assert exit_code(["serve", "--root", str(root), "--hash-password", "ada"]) == 0
    (root / "users").write_text(capsys.readouterr().out)
    basic = {"authorization": "Basic YWRhOmNvcnJlY3QgaG9yc2U="}
    assert read_users(root / "users").user(basic, "") == "ada"


def test_a_user_has_a_name_without_a_colon(project: ProjectFactory, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("", "a:b"):
        assert exit_code(["serve", "--root", str(project()), "--hash-password", name]) == 64
        assert "a user's name is not empty" in capsys.readouterr().err
