"""Reads the trail of releases from the protected branch: every step that changed one, with what came along."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mlgitops.errors import FindingsError
from mlgitops.promotion.exposure import STABLE
from mlgitops.promotion.trail import HOLD, INVALID, Brought, ReleaseChange, Step
from mlgitops.spec.document import Document, content_digest, load
from mlgitops.spec.release import Release, release_digest
from mlgitops.tools import git_history, git_objects
from mlgitops.workflows.promotion.base import release_of

_MODEL_FILE = re.compile(r"environments/([^/]+)/models/([^/]+)\.yaml")
_LINK = "120000"


@dataclass(frozen=True, slots=True)
class Branch:
    """The branch that is read: its repository, the commit that it is at, and the project's folder within it."""

    git_dir: Path
    commit: str
    prefix: str = ""


@dataclass(frozen=True, slots=True)
class _Release:
    data: Mapping[str, Any] | None = None
    digest: str = ""
    evidence: str = ""
    retired: bool = False
    hold: Any = None
    stable: str = ""


@dataclass
class _Reader:
    branch: Branch
    signatures: bool = False
    signers: Path | None = None
    held: dict[str, _Release] = field(default_factory=dict)

    def step(self, message: git_history.Message, files: Iterable[git_history.FileChange]) -> Step:
        changes = tuple(change for one in files for change in self._changes(message.commit, one))
        brought = self._brought(message.commit) if changes else ()
        return Step(
            message.commit, message.time, message.text, message.author, is_first=not message.parents,
            merges=len(message.parents) > 1, brought=brought, changes=changes,
        )  # fmt: skip

    def _changes(self, commit: str, file: git_history.FileChange) -> Iterator[ReleaseChange]:
        path = file.path.removeprefix(self.branch.prefix)
        match = _MODEL_FILE.fullmatch(path)
        if match is None or not file.path.startswith(self.branch.prefix):
            return
        environment, model = match[1], match[2]
        before, after = self.held.get(path, _Release()), self._read(path, file)
        if after is None:
            return
        self.held[path] = after
        lifted = None not in (before.data, after.data, before.hold) and before.hold != after.hold
        stable = after.stable if after.stable != before.stable else ""
        if before.data == after.data and not lifted and not stable:
            return
        evidence = self._evidence(commit, environment, after.evidence)
        yield ReleaseChange(
            path, environment, model, before.data, after.data, after.digest, evidence, retired=before.retired,
            beside=(HOLD,) if lifted else (), stable=stable,
        )  # fmt: skip

    def _read(self, path: str, file: git_history.FileChange) -> _Release | None:
        """The release in a file's new content; None where nobody could read it, so that nothing came of it."""
        if not file.new:
            return _Release()
        if file.mode == _LINK:
            return _Release({"link": file.new})
        content = git_objects.blobs(self.branch.git_dir, [file.new])[file.new]
        try:
            document = load(path, content)
        except FindingsError:
            return None
        spec = document.data.get("spec")
        data, hold = (spec.get("release"), spec.get("hold")) if isinstance(spec, dict) else (None, None)
        stable = stable_digest(document)
        try:
            release: Release | None = release_of(document)
        except FindingsError:
            release = None
        if release is None:
            return _Release(data if isinstance(data, dict) else None, hold=hold, stable=stable)
        return _Release(data, release_digest(release), release.evidence or "", _is_retired(spec), hold, stable)

    def _evidence(self, commit: str, environment: str, name: str) -> str:
        if not name:
            return ""
        path = f"{self.branch.prefix}environments/{environment}/{name}"
        entry = git_objects.files(self.branch.git_dir, commit, path).get(path)
        if entry is None or not entry.mode.startswith("100"):
            return ""
        return content_digest(git_objects.blobs(self.branch.git_dir, [entry.object])[entry.object])

    def _brought(self, commit: str) -> tuple[Brought, ...]:
        found = git_history.brought_by(self.branch.git_dir, commit, signatures=self.signatures, signers=self.signers)
        return tuple(Brought(one.commit, one.text, one.author, one.signature, one.signer) for one in found)


def stable_digest(document: Document) -> str:
    """The digest of the release that a rollout keeps beside the new one; empty for none, ``INVALID`` for no release."""
    try:
        stable = release_of(document, STABLE)
    except FindingsError:
        return INVALID
    return release_digest(stable) if stable else ""


def _is_retired(spec: Any) -> bool:
    lifecycle = spec.get("lifecycle") if isinstance(spec, dict) else None
    return isinstance(lifecycle, dict) and lifecycle.get("stage") == "retired"


def steps(branch: Branch, *, signatures: bool = False, signers: Path | None = None) -> list[Step]:
    """Every step of the branch's first-parent line that changed a release or its hold, oldest first.

    ``signatures`` has Git check those of the commits that a step brought, SSH ones by the keys in ``signers``, which
    is a file as ``gpg.ssh.allowedSignersFile``. Raises ``ToolError``, also where the clone is shallow.
    """
    history = git_history.first_parents(branch.git_dir, branch.commit, f"{branch.prefix}environments")
    reader = _Reader(branch, signatures, signers)
    found = (reader.step(message, files) for message, files in reversed(history))
    return [step for step in found if step.changes]
