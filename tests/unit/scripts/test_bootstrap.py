"""The set-up script, run for real in a small checkout, with small shell programs in place of uv, go and kubectl."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from mlgitops.tools import kustomize

SCRIPT = Path(__file__).resolve().parents[3] / "scripts" / "bootstrap.py"
UV = """\
if [ "$1" = --version ]; then echo "uv 99.0.0"; exit 0; fi
echo "$@" >> uv.log
/bin/mkdir -p "$VIRTUAL_ENV"
"""
GO = """\
if [ "$1" = version ]; then echo "go version go1.99.0 linux/amd64"; exit 0; fi
echo "$@" "CGO_ENABLED=$CGO_ENABLED" >> go.log
echo '#!/bin/sh' > "$GOBIN/kustomize"
/bin/chmod +x "$GOBIN/kustomize"
"""
BROKEN_GO = """\
if [ "$1" = version ]; then echo "go version go1.99.0 linux/amd64"; exit 0; fi
echo "no such module"
exit 1
"""


@dataclass(frozen=True)
class Checkout:
    """A directory with what the script reads, and a PATH of its own."""

    root: Path

    @property
    def kustomizes(self) -> list[Path]:
        return sorted((self.root / "cache").rglob("*"))

    def program(self, name: str, body: str) -> Path:
        path = self.root / "bin" / name
        path.write_text(f"#!/bin/sh\n{body}")
        path.chmod(0o755)
        return path

    def log(self, name: str) -> list[str]:
        path = self.root / f"{name}.log"
        return path.read_text().splitlines() if path.exists() else []

    def bootstrap(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        env = {name: value for name, value in os.environ.items() if name != "MLGITOPS_KUSTOMIZE"}
        env |= {"PATH": str(self.root / "bin"), "XDG_CACHE_HOME": str(self.root / "cache"), **environment}
        command = [sys.executable, str(self.root / "scripts" / "bootstrap.py"), *arguments]
        return subprocess.run(command, env=env, capture_output=True, text=True, check=False)


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    for directory in ("bin", "cache", "scripts"):
        (tmp_path / directory).mkdir()
    shutil.copy(SCRIPT, tmp_path / "scripts")
    (tmp_path / "pyproject.toml").write_text("")
    (tmp_path / "requirements.lock").write_text("package==1.0\n")
    made = Checkout(tmp_path)
    made.program("uv", UV)
    made.program("kustomize", "exit 0\n")
    return made


def test_it_installs_what_the_lock_says_for_the_python_that_runs_it(checkout: Checkout) -> None:
    assert checkout.bootstrap().returncode == 0
    environment, packages, project = checkout.log("uv")
    assert f"--python {sys._base_executable}" in environment  # type: ignore[attr-defined]
    assert packages.startswith("pip sync")
    assert "--require-hashes" in packages
    assert "--editable" in project


def test_a_second_run_does_nothing(checkout: Checkout) -> None:
    checkout.bootstrap()
    second = checkout.bootstrap()
    assert (second.returncode, second.stdout, second.stderr) == (0, "", "")
    assert len(checkout.log("uv")) == 3


@pytest.mark.parametrize("changed", ["pyproject.toml", "requirements.lock"])
def test_a_changed_lock_is_installed_again(checkout: Checkout, changed: str) -> None:
    checkout.bootstrap()
    (checkout.root / changed).write_text("# changed\n")
    checkout.bootstrap()
    assert len(checkout.log("uv")) == 6


def test_a_failed_installation_is_tried_again(checkout: Checkout) -> None:
    checkout.program("uv", UV + "exit 2\n")
    failed = checkout.bootstrap()
    assert failed.returncode == 1
    assert "set-up failed" in failed.stderr
    assert "Traceback" not in failed.stderr
    checkout.program("uv", UV)
    assert checkout.bootstrap().returncode == 0


def test_a_kustomize_on_path_is_enough(checkout: Checkout) -> None:
    checkout.program("go", GO)
    assert checkout.bootstrap().returncode == 0
    assert checkout.kustomizes == []


def test_a_kubectl_with_kustomize_is_enough(checkout: Checkout) -> None:
    checkout.program("go", GO)
    (checkout.root / "bin" / "kustomize").unlink()
    checkout.program("kubectl", 'test "$1" = kustomize\n')
    assert checkout.bootstrap().returncode == 0
    assert checkout.kustomizes == []


def test_a_kubectl_without_kustomize_is_not(checkout: Checkout) -> None:
    checkout.program("go", GO)
    (checkout.root / "bin" / "kustomize").unlink()
    checkout.program("kubectl", "exit 1\n")
    assert checkout.bootstrap().returncode == 0
    assert checkout.log("go") == [f"install -v sigs.k8s.io/kustomize/kustomize/v5@{kustomize.PINNED} CGO_ENABLED=0"]


def test_the_pinned_one_can_be_asked_for_and_is_built_once(checkout: Checkout) -> None:
    checkout.program("go", GO)
    for _ in range(2):
        assert checkout.bootstrap("--pinned").returncode == 0
    assert len(checkout.log("go")) == 1
    assert os.access(kustomize.pinned({"XDG_CACHE_HOME": str(checkout.root / "cache")}), os.X_OK)


def test_a_failed_build_says_why_and_leaves_nothing_behind(checkout: Checkout) -> None:
    checkout.program("go", BROKEN_GO)
    failed = checkout.bootstrap("--pinned")
    assert failed.returncode == 1
    assert "no such module" in failed.stderr
    assert [path for path in checkout.kustomizes if path.is_file() or path.name.startswith("build-")] == []


def test_a_kustomize_named_by_the_user_is_left_to_the_user(checkout: Checkout) -> None:
    checkout.program("go", GO)
    mine = checkout.program("my-kustomize", "exit 0\n")
    assert checkout.bootstrap("--pinned", MLGITOPS_KUSTOMIZE=str(mine)).returncode == 0
    assert checkout.kustomizes == []


def test_a_kustomize_named_by_the_user_that_is_not_there_is_an_error(checkout: Checkout) -> None:
    failed = checkout.bootstrap(MLGITOPS_KUSTOMIZE="/nowhere/kustomize")
    assert failed.returncode == 1
    assert "MLGITOPS_KUSTOMIZE names /nowhere/kustomize" in failed.stderr
