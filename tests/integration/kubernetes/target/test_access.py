"""Who a target's connection is to a cluster, and what happens where that is not enough."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mlgitops.errors import NotAuthorisedError, TargetError
from tests.testbed.control_plane import ADMIN


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
