"""A disk that takes no long files: an apply to a directory or a branch says so, and run again ends as it should."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.testbed import full_disk
from tests.testbed.command import Ran

pytestmark = pytest.mark.integration

IRIS = "environments/dev/models/iris.yaml"
AUDIT_LOG = "clusters/here/.mlgitops/shop.dev.here/audit.jsonl"
CONNECTIONS = {"directory": "directory:\n      path: clusters/here", "git": "git: {}"}
APPLY = ["apply", "--env", "dev", "--yes", "--no-progress", "--no-cache"]


def git(root: Path, *arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=root, check=True, capture_output=True, text=True).stdout


@pytest.fixture
def applied(project: Any) -> Callable[[str], Path]:
    """``applied("git")``: a project with such a target, applied; one model has changed since and another is new."""

    def made(kind: str) -> Path:
        root: Path = project()
        target = root / "targets/here.yaml"
        target.write_text(target.read_text().replace(CONNECTIONS["directory"], CONNECTIONS[kind]))
        git(root, "init", "--quiet")
        (root / ".gitignore").write_text("clusters\n")
        commit(root)
        assert run(root).code == 0
        iris = (root / IRIS).read_text()
        (root / IRIS).write_text(iris.replace("max: 3", "max: 4"))
        (root / "environments/dev/models/rose.yaml").write_text(iris.replace("iris", "rose"))
        commit(root)
        return root

    return made


def commit(root: Path) -> None:
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "-m", "A change")


def run(root: Path, limit: int = 2**30, *arguments: str) -> Ran:
    return full_disk.run(limit, list(arguments) or APPLY, root, os.environ)


def objects(root: Path) -> dict[str, bytes]:
    """What is at the target, be it a directory or a branch; without the bookkeeping, which tells of each run."""
    found = {path.name: path.read_bytes() for path in root.glob("clusters/here/models*/*")}
    for branch in git(root, "for-each-ref", "--format=%(refname)", "refs/heads/deploy").split():
        for line in git(root, "ls-tree", "-r", branch).splitlines():
            _, _, blob, path = line.split()
            if ".mlgitops" not in path:
                found[path.rpartition("/")[2]] = git(root, "cat-file", "blob", blob).encode()
    return found


@pytest.mark.parametrize("beyond", [0, 1, 100])
def test_where_the_audit_log_cannot_be_written_nothing_is_applied(applied: Any, beyond: int) -> None:
    """Only the audit log is as long as that: everything else still fits."""
    root = applied("directory")
    log = root / AUDIT_LOG
    kept, before = log.read_bytes(), objects(root)
    ran = run(root, len(kept) + beyond)
    assert (ran.code, f"cannot write {log}: File too large" in ran.said) == (1, True), ran.said
    assert (objects(root), log.read_bytes()) == (before, kept)
    assert run(root).code == 0
    assert objects(root) != before
    assert run(root, 0, "plan", "--env", "dev", "--detailed-exitcode", "--no-cache").code == 0


@pytest.mark.parametrize("kind", CONNECTIONS)
def test_an_apply_that_a_full_disk_stopped_is_mended_by_the_next_one(applied: Any, tmp_path: Path, kind: str) -> None:
    root = applied(kind)
    subprocess.run(["cp", "-r", root, tmp_path / "before"], check=True)
    assert run(root).code == 0
    expected = objects(root)
    assert len(expected) == 2
    stopped = 0
    for limit in (0, 1, 256, 1_024, 2_048, 4_096):
        subprocess.run(["rm", "-r", root], check=True)
        subprocess.run(["cp", "-r", tmp_path / "before", root], check=True)
        ran = run(root, limit)
        assert (ran.code in (0, 1), "Traceback" in ran.err, "internal error" in ran.err) == (True, False, False), ran
        stopped += ran.code
        assert run(root).code == 0
        assert objects(root) == expected
    assert stopped > 2
