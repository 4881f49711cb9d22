"""Releases that an environment's file of a model has held, read from the protected branch's history."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlgitops.errors import FindingsError, MlgitopsError
from mlgitops.spec.release import Release, release_digest
from mlgitops.tools import git_history, git_objects
from mlgitops.workflows.promotion.base import Base, model_path, release_of
from mlgitops.workflows.promotion.trail import Branch

if TYPE_CHECKING:
    from mlgitops.spec.document import Document


@dataclass(frozen=True)
class Held:
    """A release as a file held it: the commit that brought it, the whole file's bytes, and the release."""

    commit: str
    path: str
    content: bytes
    release: Release

    @property
    def digest(self) -> str:
        """The release's digest."""
        return release_digest(self.release)


def held_releases(base: Base, environment: str, model: str) -> list[Held]:
    """Every release that the file has held on the protected branch, the latest first."""
    return releases_of(Branch(base.git_dir, base.commit, base.prefix), environment, model)


def releases_of(branch: Branch, environment: str, model: str) -> list[Held]:
    """Every release that the file has held on a branch, the latest first; one that is not valid counts as none."""
    path = model_path(environment, model)
    changes = [
        (message.commit, change.new)
        for message, files in git_history.first_parents(branch.git_dir, branch.commit, branch.prefix + path)
        for change in files
        if change.path == branch.prefix + path and change.new and change.mode.startswith("100")
    ]
    blobs = git_objects.blobs(branch.git_dir, {object for _, object in changes})
    found = (_held(commit, path, blobs[object]) for commit, object in reversed(changes))
    distinct: list[Held] = []
    for held in found:
        if held and (not distinct or distinct[-1].digest != held.digest):
            distinct.append(held)
    return distinct[::-1]


def held_version(base: Base, environment: str, model: str, version: str) -> Held:
    """The release of that version, as the file held it last. Raises ``MlgitopsError`` where it never did."""
    held = held_releases(base, environment, model)
    for one in held:
        if one.release.version == version:
            return one
    known = ", ".join(dict.fromkeys(one.release.version for one in held)) or "none"
    raise MlgitopsError(f"{model} {version} has never been in {environment}", help=f"it has been: {known}")


def evidence_of(base: Base, held_in: str, release: Release, target: str, commit: str) -> dict[str, bytes]:
    """The release's evidence file, as it goes to the target environment's folder; empty where there is none.

    ``held_in`` is the environment that has it, at ``commit``.
    """
    if not release.evidence:
        return {}
    branch = Branch(base.git_dir, commit, base.prefix)
    content = evidence_at(branch, commit, f"environments/{held_in}/{release.evidence}")
    return {f"environments/{target}/{release.evidence}": content} if content is not None else {}


def evidence_at(branch: Branch, commit: str, path: str) -> bytes | None:
    """A file of the project at a commit; None where there is none, or it is a link. ``path`` may be empty for none."""
    if not path:
        return None
    entry = git_objects.files(branch.git_dir, commit, branch.prefix + path).get(branch.prefix + path)
    if entry is None or not entry.mode.startswith("100"):
        return None
    return git_objects.blobs(branch.git_dir, [entry.object])[entry.object]


def _held(commit: str, path: str, content: bytes) -> Held | None:
    from mlgitops.spec.document import load

    try:
        document: Document = load(path, content)
        release = release_of(document)
    except FindingsError:
        return None
    return Held(commit, path, content, release) if release else None
