"""Errors that no other test provokes: what comes of a broken part is one of ours, which says what to do."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml

from mlgitops.controller import map_store
from mlgitops.errors import MlgitopsError, SourceError
from mlgitops.forges import local, local_record
from mlgitops.jobs import outside
from mlgitops.registries import kubeflow, mlflow_models
from mlgitops.registries.registered import Reference
from mlgitops.sources import worktree
from mlgitops.sources.commit import Commit
from mlgitops.targets import files, runs
from mlgitops.targets.git import branch, branch_files
from mlgitops.targets.kubernetes import client, configuration, discovery, notes, published
from mlgitops.targets.kubernetes.failures import ApiError
from mlgitops.tools import git as git_tool
from mlgitops.workflows import bootstrap
from mlgitops.workflows.evidence import subject
from mlgitops.workflows.promotion import from_registry, gates, release

Broken = Callable[[], object]
NOWHERE = Path("/nowhere/at/all")


def fake(**parts: Any) -> Any:
    """Something with these parts and nothing else."""
    return SimpleNamespace(**parts)


def failing(error: Exception) -> Callable[..., Any]:
    """A function that raises."""

    def fails(*_: object, **__: object) -> Any:
        raise error

    return fails


def always(answer: object) -> Callable[..., Any]:
    """A function that answers the same to everything."""
    return lambda *_, **__: answer


def first(iterator: Any) -> object:
    """Reads something through."""
    return list(iterator)


def within(context: Any, error: BaseException) -> None:
    """Has an error come up within a context."""
    with context:
        raise error


COLLISION = ApiError(409, {"reason": "Conflict"}, "it changed")
MAP = {"metadata": {"name": "state", "resourceVersion": "1", "namespace": "ml"}}


def _notes(found: Mapping[str, Any]) -> notes.Notes:
    return notes.Notes(fake(get=always(found), send=failing(COLLISION)), "ml", "mlgitops-controller")


def _mlflow(found: Mapping[str, Any]) -> mlflow_models.MlflowModels:
    return mlflow_models.MlflowModels(fake(data=always(found)))


def _local(**parts: Any) -> Any:
    """A local forge of which only a method is looked at."""
    return fake(_git_dir=Path("/srv/forge.git"), **parts)


PAGES: tuple[Broken, ...] = (
    lambda: first(
        kubeflow.KubeflowModels(fake(data=always({"items": [], "nextPageToken": "more"})))._artifacts("1", "list them")
    ),
    lambda: _mlflow({"model_version": {"version": "1", "status": "PENDING_REGISTRATION"}}).find(
        Reference("mlflow", "iris", version="1")
    ),
    lambda: mlflow_models._of_run({"info": {"status": "RUNNING"}}, "abc", "https://mlflow.example.com", {}),
    lambda: mlflow_models._part({}, "model_version", "find iris"),
)
FILES: tuple[Broken, ...] = (
    lambda: within(files.wrapped("write", NOWHERE), PermissionError(errno.EACCES, "no")),
    lambda: within(branch.wrapped("branch deploy"), OSError(errno.ENOSPC, "No space left on device")),
    lambda: outside.write(Path("/dev/null/report.json"), b""),
    lambda: outside.read("memory://mlgitops-test/nothing"),
    lambda: outside.delete("file:///nowhere", [outside.Stored("/dev", None, 0)]),
    lambda: outside._system("fantasy://bucket"),
    lambda: outside._read(fake(open=lambda *_: open("/dev/zero", "rb")), "train.csv", 2**20),  # noqa: SIM115, PTH123
    lambda: release.read_signature(NOWHERE),
    lambda: subject._replace(fake(root=NOWHERE), "../up/evidence.json", b""),
    lambda: worktree._Disk._refuse_link(fake(), NOWHERE, "models", PermissionError(errno.EACCES, "Permission denied")),
)
BRANCHES: tuple[Broken, ...] = (
    lambda: branch_files.BranchFiles._refuse_odd(
        fake(_entries={"a.yaml": git_tool.Entry("a.yaml", "100644", "0" * 40, 2**40)}, name=always("a.yaml")),
        "a.yaml",
    ),
    lambda: runs.open_runs("here", {"directory": {"path": "clusters/here"}}, NOWHERE, "shop/dev/here"),
    lambda: bootstrap._url(NOWHERE, fake(address="/srv/deploy.git"), "here"),
    lambda: first(bootstrap.bootstrap(NOWHERE, [], fake(), "argocd")),
    lambda: gates._pull_request(fake(), fake(checked=()), None),
    lambda: from_registry._signed(b"{}"),
)
CLUSTERS: tuple[Broken, ...] = (
    lambda: client.Client._decoded(fake(), b"<html>", "GET", "/api"),
    lambda: within(configuration._wrapped("Log in again."), yaml.YAMLError("no")),
    lambda: first(discovery._read({"kind": "APIGroupList"})),
    lambda: _notes(MAP).change(lambda texts: {**texts, "state": "new"}),
    lambda: _notes({**MAP, "binaryData": {"state": "bm8="}}).read(),
    lambda: notes._data({f"state_{number}": os.urandom(200_000).hex() for number in range(8)}),
    lambda: first(published.openapi_documents(fake(get=always({})))),
    lambda: map_store._states({"state": "{"}),
)
FORGES: tuple[Broken, ...] = (
    lambda: local_record.decoded(b"[]"),
    lambda: local.LocalForge._edit(_local(_change=lambda _, change: change({})), 7, "Merge", dict.clear),
)


def test_a_commit_of_too_many_bytes_is_refused(project: Any, git: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    root: Path = project()
    git(root, "init", "--quiet")
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "-m", "All")
    monkeypatch.setattr("mlgitops.sources.commit.MAX_TOTAL_BYTES", 10)
    with pytest.raises(SourceError, match="more than 10 bytes"):
        Commit(root, git(root, "rev-parse", "HEAD")).files()


@pytest.mark.parametrize("broken", [*PAGES, *FILES, *BRANCHES, *CLUSTERS, *FORGES])
def test_what_is_broken_is_told_with_what_to_do(broken: Broken) -> None:
    with pytest.raises(MlgitopsError) as caught:
        broken()
    assert caught.value.message
    assert caught.value.help
