"""A token that is not accepted any more within an apply: it is read once more, and then nothing is deleted."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.testbed.proxy import Answer, Exchange, Fault, FaultProxy, Request, Rule
from tests.testbed.scene import Scene

EVERYTHING = [{"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}]
PROGRAM = """\
import json, sys
with open(sys.argv[1], "a") as log:
    log.write("asked\\n")
status = {"token": sys.argv[2]}
print(json.dumps({"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "status": status}))
"""
"""A credential plugin that notes how often it is asked."""

Proxied = Callable[[Rule], FaultProxy]


def data(name: str, **values: str) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": values}


@pytest.fixture
def expiring(scene: Scene) -> Scene:
    """A change to one object, a new one, and two that go."""
    scene.objects(*(data(name, value="1") for name in ("a", "b", "c", "goes", "goes-too")))
    scene.commit()
    scene.applied()
    scene.objects(*(data(name, value="2") for name in ("a", "b", "c", "new")))
    scene.commit()
    return scene


def unauthorised(exchange: Exchange) -> None:
    exchange.reply(Answer(401))


def test_a_token_that_expires_is_read_once_more_and_then_everything_stops_before_the_prune(
    expiring: Scene, proxied: Proxied
) -> None:
    expired: list[int] = []

    def rule(request: Request) -> Fault | None:
        if request.number == 5:
            expired.append(request.number)
        return unauthorised if expired else None

    proxy = proxied(rule)
    ran = expiring.apply()
    assert (ran.code, "does not accept the credentials" in ran.said) == (1, True), ran.said
    assert [request for request in proxy.requests if request.method == "DELETE"] == []
    assert {"configmaps/goes", "configmaps/goes-too"} <= expiring.names()
    assert {"goes", "goes-too", "new"} <= expiring.members()
    expiring.kubeconfig = expiring.plane.kubeconfig
    expiring.unlock()
    expiring.applied()
    assert expiring.names() == {f"configmaps/{name}" for name in ("a", "b", "c", "new")}


def test_who_gives_the_token_is_asked_once_more_and_then_no_more(
    expiring: Scene, proxied: Proxied, tmp_path: Path
) -> None:
    before: list[int] = []

    def rule(request: Request) -> Fault | None:
        if request.number == 5:
            before.append(len(asked.read_text().splitlines()))
        return unauthorised if before else None

    proxied(rule)
    asked = given_by_a_program(expiring.kubeconfig, tmp_path)
    ran = expiring.apply()
    assert (ran.code, "does not accept the credentials" in ran.said) == (1, True), ran.said
    assert len(asked.read_text().splitlines()) == before[0] + 1
    assert {"configmaps/goes", "configmaps/goes-too"} <= expiring.names()


def given_by_a_program(kubeconfig: Path, directory: Path) -> Path:
    """Has a program give the token of a kubeconfig; the file in which it notes that it was asked."""
    content = json.loads(kubeconfig.read_text())
    user = content["users"][0]["user"]
    (directory / "program.py").write_text(PROGRAM)
    asked = directory / "asked"
    arguments = [str(directory / "program.py"), str(asked), user.pop("token")]
    user["exec"] = {
        "apiVersion": "client.authentication.k8s.io/v1", "command": sys.executable, "args": arguments,
        "interactiveMode": "Never",
    }  # fmt: skip
    kubeconfig.write_text(json.dumps(content))
    return asked


def test_a_token_that_was_refused_twice_is_not_used_again(expiring: Scene, proxied: Proxied) -> None:
    refused: list[Request] = []

    def rule(request: Request) -> Fault | None:
        if request.method == "PATCH" and request.mutating:
            refused.append(request)
            return unauthorised
        return None

    proxy = proxied(rule)
    assert expiring.apply().code == 1
    assert [request for request in proxy.requests if request.method == "DELETE"] == []
    assert {"configmaps/goes", "configmaps/goes-too"} <= expiring.names()


def test_a_token_that_was_replaced_in_the_kubeconfig_is_taken_up(expiring: Scene, proxied: Proxied) -> None:
    second = expiring.plane.add_account(f"second-{expiring.namespace}", EVERYTHING)
    fresh: str = json.loads(second.read_text())["users"][0]["user"]["token"]
    expired: list[int] = []

    def rule(request: Request) -> Fault | None:
        if request.number == 5 and not expired:
            access = proxy.through(expiring.plane.apiserver.access_with(fresh))
            expiring.plane.write_kubeconfig(expiring.kubeconfig.stem, access)
            expired.append(request.number)  # only now: requests beside this one are refused from here on
        return unauthorised if expired and fresh not in request.headers["Authorization"] else None

    proxy = proxied(rule)
    expiring.applied()
    assert expired
    assert expiring.names() == {f"configmaps/{name}" for name in ("a", "b", "c", "new")}
