"""Who a target's connection is to a cluster, and what happens where that is not enough."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mlgitops.errors import NotAuthorisedError, TargetError
from mlgitops.plan.outcome import Result
from mlgitops.targets.kubernetes.connection import open_kubernetes
from tests.testbed.control_plane import ADMIN

LEASES = {"apiGroups": ["coordination.k8s.io"], "resources": ["leases"], "verbs": ["get", "create", "update"]}
EVENTS = {"apiGroups": [""], "resources": ["events"], "verbs": ["create"]}
READ = {"apiGroups": ["", "apps"], "resources": ["configmaps", "deployments"], "verbs": ["get", "list"]}
WRITE = {"apiGroups": [""], "resources": ["configmaps"], "verbs": ["create", "update", "patch", "delete"]}


def test_who_may_not_look_is_told_which_right_is_missing(target: Any, limited: Callable[..., Any]) -> None:
    with pytest.raises(NotAuthorisedError, match=r'cannot get resource "configmaps"') as caught:
        limited(LEASES).plan(target.make("a"))
    assert caught.value.exit_code == 4


def test_rights_in_one_namespace_are_enough(limited: Callable[..., Any]) -> None:
    target = limited(LEASES, EVENTS, READ, WRITE)
    assert target.apply(target.make("a"), target.make("b")).succeeded
    assert target.apply(target.make("a")).succeeded
    assert target.plan(target.make("a")).is_empty


def test_what_may_not_be_written_fails_alone_and_the_rest_goes_on(limited: Callable[..., Any]) -> None:
    target = limited(LEASES, EVENTS, READ, WRITE)
    outcome = target.carry_out(target.plan(target.make("a"), target.deployment(), rehearse=False))
    by_kind = {one.identity.kind: one for one in outcome.targets[0].objects}
    assert by_kind["ConfigMap"].result is Result.DONE
    assert by_kind["Deployment"].result is Result.FAILED
    assert 'cannot patch resource "deployments"' in by_kind["Deployment"].reason


def test_requests_are_made_as_the_user_that_is_impersonated(target: Any) -> None:
    who = {"user": "system:serviceaccount:team:deployer", "groups": ["team"]}
    with target.plane.audit.recording() as recorded, pytest.raises(NotAuthorisedError, match="deployer"):
        target.connect(impersonate=who).inventory()
    assert {(event.user, event.impersonated) for event in recorded.events} == {(ADMIN, who["user"])}


def test_a_context_is_chosen_by_its_name(target: Any, tmp_path: Path) -> None:
    config = json.loads(target.kubeconfig.read_text())
    config["clusters"].append({"name": "dead", "cluster": {"server": "https://127.0.0.1:1"}})
    config["contexts"].append({"name": "dead", "context": {"cluster": "dead", "user": config["users"][0]["name"]}})
    chosen, config["current-context"] = config["current-context"], "dead"
    (tmp_path / "config").write_text(json.dumps(config))
    assert target.connect(kubeconfig=str(tmp_path / "config"), context=chosen).inventory().entries == {}
    with pytest.raises(TargetError, match="context"):
        target.connect(kubeconfig=str(tmp_path / "config"), context="missing").inventory()


@pytest.fixture
def with_plugin(target: Any, tmp_path: Path) -> Callable[..., Path]:
    """``with_plugin(directory)``: a kubeconfig there whose credentials come from a program beside it."""

    def written(directory: Path) -> Path:
        directory.mkdir(exist_ok=True)
        config = json.loads(target.kubeconfig.read_text())
        token = config["users"][0]["user"]["token"]
        answer = {"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "status": {"token": token}}
        program = directory / "example-login"
        program.write_text(f"#!/bin/sh\ncat <<'EOF'\n{json.dumps(answer)}\nEOF\n")
        program.chmod(0o755)
        plugin = {"apiVersion": answer["apiVersion"], "command": str(program), "interactiveMode": "Never"}
        config["users"][0]["user"] = {"exec": plugin}
        (directory / "config").write_text(json.dumps(config))
        return directory / "config"

    return written


def test_a_credential_plugin_runs_for_a_person_and_in_the_reconciler_only_by_name(
    target: Any, tmp_path: Path, with_plugin: Callable[..., Path]
) -> None:
    settings = {"kubeconfig": str(with_plugin(tmp_path / "home")), "namespace": target.namespace}
    root = tmp_path / "project"
    assert open_kubernetes(settings, root, target.inventory_id).inventory().entries == {}
    with pytest.raises(NotAuthorisedError, match="'example-login'"):
        open_kubernetes(settings, root, target.inventory_id, unattended=True).inventory()
    allowed = {**settings, "execPlugins": ["example-login"]}
    assert open_kubernetes(allowed, root, target.inventory_id, unattended=True).inventory().entries == {}


def test_a_kubeconfig_that_comes_with_the_project_runs_nothing(
    target: Any, tmp_path: Path, with_plugin: Callable[..., Path]
) -> None:
    root = tmp_path / "project"
    with_plugin(root)
    settings = {"kubeconfig": "config", "execPlugins": ["example-login"]}
    with pytest.raises(NotAuthorisedError, match="wants to run 'example-login'") as caught:
        open_kubernetes(settings, root, target.inventory_id).inventory()
    assert "within the project" in caught.value.help


def test_credentials_that_are_refused_are_read_anew_once(target: Any, tmp_path: Path) -> None:
    config = json.loads(target.kubeconfig.read_text())
    token, config["users"][0]["user"]["token"] = config["users"][0]["user"]["token"], "expired"
    path = tmp_path / "config"
    path.write_text(json.dumps(config))
    connection = target.connect(kubeconfig=str(path))
    connection._client  # noqa: B018 - reads the credentials
    path.write_text(path.read_text().replace("expired", token))
    assert connection.inventory().entries == {}
    path.write_text(path.read_text().replace(token, "expired"))
    with pytest.raises(NotAuthorisedError, match="does not accept the credentials") as caught:
        target.connect(kubeconfig=str(path)).inventory()
    assert "expired" not in str(caught.value)


def test_a_cluster_that_is_not_there_is_said_without_delay_for_ever(
    target: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mlgitops.targets.kubernetes.client.PATIENCE", 1.0)
    config = json.loads(target.kubeconfig.read_text())
    config["clusters"][0]["cluster"]["server"] = "https://127.0.0.1:1"
    (tmp_path / "config").write_text(json.dumps(config))
    with pytest.raises(TargetError, match=r"127\.0\.0\.1:1 cannot be reached"):
        target.connect(kubeconfig=str(tmp_path / "config")).inventory()


def test_a_missing_kubeconfig_is_said(target: Any, tmp_path: Path) -> None:
    with pytest.raises(TargetError, match="there is no kubeconfig"):
        target.connect(kubeconfig=str(tmp_path / "nothing")).inventory()
