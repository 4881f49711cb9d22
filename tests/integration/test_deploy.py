"""deploy/ and what docs/install.md makes of it, built by the real kustomize; Git finds its credentials as set up."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from mlgitops.render.install.install import controller
from mlgitops.render.install.installation import Cluster, Installation
from mlgitops.render.install.kustomize import TARGET
from mlgitops.render.install.pod import git_config
from mlgitops.tools.git_credentials import password_for

pytestmark = pytest.mark.integration

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/install.md").read_text(encoding="utf-8")
Build = Callable[[Path], list[dict[str, Any]]]


@pytest.fixture
def build(kustomize_binary: str) -> Build:
    """``build(folder)``: the manifests that kustomize makes of it."""

    def built(folder: Path) -> list[dict[str, Any]]:
        done = subprocess.run([kustomize_binary, "build", str(folder)], capture_output=True, text=True, check=True)
        return list(yaml.safe_load_all(done.stdout))

    return built


def by_name(manifests: list[dict[str, Any]]) -> dict[tuple[str, str], dict[str, Any]]:
    return {(one["kind"], one["metadata"]["name"]): one for one in manifests}


@pytest.mark.parametrize(("overlay", "schedule"), [("deployment", ""), ("cronjob", "*/10 * * * *")])
def test_an_overlay_is_what_is_rendered(build: Build, overlay: str, schedule: str) -> None:
    installation = Installation(
        "mlgitops", "https://git.example.com/ml/models.git", "main", "pull", (Cluster((TARGET,), {}, {}),),
        targets=(TARGET,), schedule=schedule,
    )  # fmt: skip
    assert by_name(build(ROOT / "deploy" / overlay)) == by_name(list(controller(installation)))


def test_the_documented_kustomization_makes_it_ones_own(build: Build, tmp_path: Path) -> None:
    (kustomization,) = re.findall(r"```yaml\n(apiVersion: kustomize.*?)```", PAGE, re.DOTALL)
    shutil.copytree(ROOT / "deploy", tmp_path / "deploy")
    (tmp_path / "kustomization.yaml").write_text(kustomization)
    role = (
        "apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {name: mine, namespace: models}\nrules: []\n"
    )
    (tmp_path / "rights.yaml").write_text(role)
    found = by_name(build(tmp_path))
    assert ("Role", "mine") in found
    (container,) = found["Deployment", "mlgitops-controller"]["spec"]["template"]["spec"]["containers"]
    assert container["image"] == f"registry.example.com/ml/mlgitops@sha256:{'1' * 64}"
    assert TARGET not in str(container)


@pytest.mark.parametrize("kind", ["credentials", "identity"])
def test_git_finds_its_credentials_where_the_secret_is_mounted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    installation = Installation("shop", "https://git.example.com/ml/models.git", "main", "pull")
    mounted = tmp_path / "mounted"
    text = git_config(installation)["data"]["config"].replace("/etc/mlgitops/git", str(mounted))
    (tmp_path / "git").mkdir()
    (tmp_path / "git/config").write_text(text)
    mounted.mkdir()
    (mounted / "credentials").write_text("https://bot:an-example-token@git.example.com\n")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    if kind == "credentials":
        assert password_for("https://git.example.com/ml/models.git") == "an-example-token"
        return
    asked = ["git", "config", "--get", "core.sshCommand"]
    command = subprocess.run(asked, capture_output=True, text=True, check=True).stdout
    assert f"-i {mounted}/identity" in command
    assert f"UserKnownHostsFile={mounted}/known_hosts" in command
    assert "StrictHostKeyChecking=yes" in command
