"""Releases of a model beside each other: of several environments, or all that an environment has run."""

from __future__ import annotations

from mlgitops.errors import MlgitopsError
from mlgitops.promotion.columns import Column
from mlgitops.spec.release import Release
from mlgitops.tools import git, git_refs
from mlgitops.workflows.project import Opened, choose_environments
from mlgitops.workflows.promotion.base import model_path, prefix_of, release_of
from mlgitops.workflows.promotion.judge import evidence_file, measured, parameters
from mlgitops.workflows.promotion.past import evidence_at, releases_of
from mlgitops.workflows.promotion.trail import Branch


def of_environments(opened: Opened, model: str, environments: tuple[str, ...]) -> list[Column]:
    """What each environment runs, as its files say now. Raises ``MlgitopsError`` where none has the model."""
    from mlgitops.spec.document import load

    files = opened.source.files()
    columns = []
    for name in choose_environments(opened, environments):
        content = files.get(model_path(name, model))
        release = release_of(load(model_path(name, model), content)) if content is not None else None
        if release is not None:
            columns.append(_column(name, model, release, files.get(evidence_file(name, release))))
    if not columns:
        raise MlgitopsError(f"no environment has a release of '{model}'", help="Check the model's name.")
    return columns


def of_versions(opened: Opened, model: str, environments: tuple[str, ...]) -> list[Column]:
    """Every release that the environments have run up to the commit that is checked out or named, the latest first."""
    branch = Branch(git_refs.common_directory(opened.root), _commit(opened), prefix_of(opened.root))
    columns: dict[str, Column] = {}
    for name in choose_environments(opened, environments):
        for held in releases_of(branch, name, model):
            evidence = evidence_at(branch, held.commit, evidence_file(name, held.release))
            columns.setdefault(held.digest, _column(f"{held.release.version} ({name})", model, held.release, evidence))
    if not columns:
        raise MlgitopsError(f"the history has no release of '{model}'", help="Check the model's name.")
    return list(columns.values())


def _commit(opened: Opened) -> str:
    return opened.source.commit or git.commit_of(opened.root, "HEAD")


def _column(label: str, model: str, release: Release, evidence: bytes | None) -> Column:
    found, said = measured(evidence, model, release), parameters(evidence, model, release)
    return Column(label, release, found.metrics if found else {}, said, found.data_digest if found else "")
