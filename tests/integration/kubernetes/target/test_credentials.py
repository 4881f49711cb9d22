"""What a kubeconfig may have us do for its credentials: run a program, read a file, act as somebody else."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mlgitops.errors import NotAuthorisedError
from mlgitops.targets import Connection, open_connection
from tests.testbed.apiserver import MASTERS
from tests.testbed.control_plane import ADMIN

API = "client.authentication.k8s.io/v1"
Write = Callable[..., Path]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The project's root."""
    root = tmp_path / "project"
    root.mkdir()
    return root


@pytest.fixture
def reach(target: Any, root: Path) -> Callable[..., Connection]:
    """``reach(kubeconfig, unattended=True)``: a connection of the project, as it is opened for a plan."""

    def opened(kubeconfig: Path | str, *, unattended: bool = False, **settings: Any) -> Connection:
        given = {"kubernetes": {"namespace": target.namespace, "kubeconfig": str(kubeconfig), **settings}}
        return open_connection(given, root, target.inventory_id, unattended=unattended)

    return opened


@pytest.fixture
def write(target: Any) -> Write:
    """``write(folder, user)``: a kubeconfig there with that user."""

    def written(folder: Path, user: dict[str, Any]) -> Path:
        folder.mkdir(exist_ok=True)
        config = json.loads(target.kubeconfig.read_text())
        config["users"][0]["user"] = user
        (folder / "config").write_text(json.dumps(config))
        return folder / "config"

    return written


@pytest.fixture
def token(target: Any) -> str:
    """The administrator's token."""
    found: str = json.loads(target.kubeconfig.read_text())["users"][0]["user"]["token"]
    return found


@pytest.fixture
def with_plugin(write: Write, token: str) -> Callable[..., Path]:
    """``with_plugin(folder)``: a kubeconfig there whose credentials come from a program beside it."""

    def written(folder: Path, status: dict[str, str] | None = None, script: str = "") -> Path:
        answer = {"apiVersion": API, "kind": "ExecCredential", "status": status or {"token": token}}
        folder.mkdir(exist_ok=True)
        program = folder / "example-login"
        program.write_text(f"#!/bin/sh\n{script}\ncat <<'EOF'\n{json.dumps(answer)}\nEOF\n")
        program.chmod(0o755)
        return write(folder, {"exec": {"apiVersion": API, "command": str(program), "interactiveMode": "Never"}})

    return written


def test_a_program_runs_for_a_person_and_unattended_only_by_name(
    reach: Callable[..., Connection], tmp_path: Path, with_plugin: Callable[..., Path]
) -> None:
    kubeconfig = with_plugin(tmp_path / "home")
    assert reach(kubeconfig).inventory().entries == {}
    for named in ({}, {"execPlugins": ["another-login"]}):
        with pytest.raises(NotAuthorisedError, match="wants to run 'example-login'") as caught:
            reach(kubeconfig, unattended=True, **named).inventory()
        assert caught.value.help.startswith("Name it in the target's connection.kubernetes.execPlugins")
    assert reach(kubeconfig, unattended=True, execPlugins=["example-login"]).inventory().entries == {}


def test_a_kubeconfig_that_comes_with_the_project_runs_nothing(
    reach: Callable[..., Connection], root: Path, tmp_path: Path, with_plugin: Callable[..., Path]
) -> None:
    """Neither where it is linked to from elsewhere."""
    script = f"touch {tmp_path}/ran"
    (tmp_path / "linked").symlink_to(with_plugin(root, script=script))
    for kubeconfig in ("config", tmp_path / "linked"):
        with pytest.raises(NotAuthorisedError, match="wants to run 'example-login'") as caught:
            reach(kubeconfig, execPlugins=["example-login"]).inventory()
        assert "within the project" in caught.value.help
    assert not (tmp_path / "ran").exists()


def test_a_program_may_answer_with_a_certificate(
    target: Any, reach: Callable[..., Connection], tmp_path: Path, with_plugin: Callable[..., Path]
) -> None:
    issued = target.plane.apiserver.clients.issue("jo", organisations=[MASTERS])
    status = {"clientCertificateData": issued.certificate, "clientKeyData": issued.key}
    with target.plane.audit.recording() as recorded:
        assert reach(with_plugin(tmp_path / "home", status)).inventory().entries == {}
    assert {event.user for event in recorded.events} == {"jo"}


@pytest.mark.parametrize("script", ["echo 'Session expired, run: example-login again' >&2; exit 3", "exit 1", "true"])
def test_where_a_program_fails_that_is_said_and_nobody_is_asked_without_credentials(
    target: Any,
    reach: Callable[..., Connection],
    tmp_path: Path,
    with_plugin: Callable[..., Path],
    capfd: pytest.CaptureFixture[str],
    script: str,
) -> None:
    kubeconfig = with_plugin(tmp_path / "home", {"neither": "token nor certificate"}, script)
    with (
        target.plane.audit.recording() as recorded,
        pytest.raises(NotAuthorisedError, match="the program 'example-login' gave no credentials: exec: ") as caught,
    ):
        reach(kubeconfig).inventory()
    assert ("Session expired, run: example-login again" in caught.value.message) is ("Session" in script)
    assert recorded.events == []
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("inside", [True, False])
def test_a_kubeconfig_that_comes_with_the_project_sends_no_file_of_elsewhere(
    reach: Callable[..., Connection], root: Path, tmp_path: Path, write: Write, token: str, inside: bool
) -> None:
    """It could name any server, and then have the token of the machine's own account sent there."""
    place = root if inside else tmp_path
    (place / "token").write_text(token)
    kubeconfig = write(root, {"tokenFile": str(place / "token")})
    if inside:
        assert reach(kubeconfig).inventory().entries == {}
        return
    with pytest.raises(NotAuthorisedError, match=f"the kubeconfig reads {tmp_path}/token") as caught:
        reach(kubeconfig).inventory()
    assert "within the project" in caught.value.help


def test_a_kubeconfig_that_acts_as_somebody_else_is_not_taken_for_its_user(
    target: Any, reach: Callable[..., Connection], tmp_path: Path, write: Write, token: str
) -> None:
    """The kubernetes package does not know the field, and would go on with all that the user itself may do."""
    kubeconfig = write(tmp_path / "home", {"token": token, "as": "reader"})
    with pytest.raises(NotAuthorisedError, match="acts as 'reader'") as caught:
        reach(kubeconfig).inventory()
    assert caught.value.help == "Set connection.kubernetes.impersonate in the target."
    who = {"user": "jo", "groups": [MASTERS]}
    with target.plane.audit.recording() as recorded:
        assert reach(kubeconfig, impersonate=who).inventory().entries == {}
    assert {(event.user, event.impersonated) for event in recorded.events} == {(ADMIN, "jo")}
