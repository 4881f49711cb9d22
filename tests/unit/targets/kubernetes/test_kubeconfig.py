from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mlgitops.errors import NotAuthorisedError, TargetError
from mlgitops.targets.kubernetes.kubeconfig import User, locate, refuse, user_of

Write = Callable[[dict[str, Any]], str]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """``write(user)``: the path of a kubeconfig with that user."""

    def written(user: dict[str, Any]) -> str:
        content = {
            "current-context": "dev",
            "clusters": [{"name": "dev", "cluster": {"server": "https://dev.example.com"}}],
            "users": [{"name": "dev", "user": user}],
            "contexts": [
                {"name": "dev", "context": {"cluster": "dev", "user": "dev"}},
                {"name": "nobody", "context": {"cluster": "dev"}},
            ],
        }
        path = tmp_path / "config"
        path.write_text(json.dumps(content))
        return str(path)

    return written


@pytest.mark.parametrize(
    ("user", "program"),
    [
        ({"exec": {"command": "/usr/local/bin/aws", "args": ["eks", "get-token"]}}, "aws"),
        ({"exec": {}}, "exec"),
        ({"exec": None}, "exec"),
        ({"auth-provider": {"name": "oidc"}}, "oidc"),
        ({"auth-provider": {}}, "auth-provider"),
        ({"token": "t"}, ""),
        ({}, ""),
    ],
)
def test_the_program_is_known_by_its_name(write: Write, user: dict[str, Any], program: str) -> None:
    assert user_of(write(user), None).program == program


def test_files_are_looked_for_beside_the_kubeconfig(write: Write, tmp_path: Path) -> None:
    user = {"tokenFile": "../token", "client-certificate": "/pki/tls.crt", "client-key": "", "token": "t"}
    assert user_of(write(user), "dev").files == (tmp_path / "../token", Path("/pki/tls.crt"))


def test_a_context_without_a_user_wants_nothing(write: Write) -> None:
    assert user_of(write({"exec": {"command": "aws"}}), "nobody") == User()


@pytest.mark.parametrize(
    ("user", "settings", "unattended", "refused"),
    [
        (User("aws"), {}, False, ""),
        (User("aws"), {}, True, "wants to run 'aws'"),
        (User("aws"), {"execPlugins": ["aws"]}, True, ""),
        (User("aws"), {"execPlugins": ["az"]}, True, "wants to run 'aws'"),
        (User(files=(Path("/elsewhere/token"),)), {}, True, ""),
        (User(acts_as="reader"), {}, False, "acts as 'reader'"),
        (User(acts_as="reader"), {"impersonate": {"user": "writer"}}, False, ""),
    ],
)
def test_a_kubeconfig_of_the_users_own_may_do_much(
    user: User, settings: dict[str, Any], unattended: bool, refused: str, tmp_path: Path
) -> None:
    path, root = str(tmp_path / "home/config"), tmp_path / "project"
    if not refused:
        refuse(user, path, settings, root, unattended=unattended)
        return
    with pytest.raises(NotAuthorisedError, match=refused):
        refuse(user, path, settings, root, unattended=unattended)


@pytest.mark.parametrize(
    ("user", "refused"),
    [
        (User("aws"), "wants to run 'aws'"),
        (User(files=(Path("token"), Path("../project-evil/token"))), "reads .*project-evil/token"),
        (User(files=(Path("ci/../token"),)), ""),
    ],
)
def test_one_within_the_project_keeps_to_the_project(user: User, refused: str, tmp_path: Path) -> None:
    """Compared part by part, so that a sibling with the same beginning is outside."""
    root = tmp_path / "project"
    user = User(user.program, tuple(root / file for file in user.files))
    both = f"{tmp_path}/home/config:{root}/config"
    if not refused:
        refuse(user, both, {}, root, unattended=False)
        return
    with pytest.raises(NotAuthorisedError, match=refused):
        refuse(user, both, {"execPlugins": ["aws"]}, root, unattended=False)


def test_a_kubeconfig_that_is_nowhere_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBECONFIG", f"{tmp_path}/a:{tmp_path}/b")
    with pytest.raises(TargetError, match=f"there is no kubeconfig {tmp_path}/a:{tmp_path}/b"):
        locate(None, tmp_path)
    (tmp_path / "b").write_text("")
    assert locate(None, tmp_path) == f"{tmp_path}/a:{tmp_path}/b"
    monkeypatch.delenv("KUBECONFIG")
    with pytest.raises(TargetError, match=r"/\.kube/config"):
        locate(None, tmp_path)
    assert locate("b", tmp_path) == str(tmp_path / "b")
