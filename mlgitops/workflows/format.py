"""Formats the specs of a project: which files, and what becomes of each. Writes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mlgitops.errors import FindingsError, MlgitopsError
from mlgitops.finding import Finding, in_order
from mlgitops.spec.formatting.written import formatted
from mlgitops.spec.project_files import expected_kind
from mlgitops.workflows.project import Opened


@dataclass(frozen=True)
class Formatted:
    """A spec that looks otherwise than it ought to: its path within the project, and its bytes before and after."""

    path: str
    before: bytes
    after: bytes


@dataclass(frozen=True)
class Formatting:
    """What would be written, how many specs were looked at, files that are no specs, and what cannot be formatted."""

    changed: tuple[Formatted, ...]
    looked_at: int
    others: tuple[str, ...]
    findings: tuple[Finding, ...]


def format_files(opened: Opened, asked: Sequence[Path]) -> Formatting:
    """The specs among the files asked for, or all of them. Raises ``MlgitopsError`` for one that is not there."""
    files = opened.source.files()
    chosen = [_within(opened.root, path) for path in asked] or sorted(files)
    specs = [path for path in chosen if expected_kind(path) is not None]
    changed, findings = [], list[Finding]()
    for path in dict.fromkeys(specs):
        if path not in files:
            raise MlgitopsError(f"there is no spec {path}", help="name files of this project's work tree")
        try:
            after = formatted(path, files[path])
        except FindingsError as error:
            findings += error.findings
            continue
        if after != files[path]:
            changed.append(Formatted(path, files[path], after))
    others = tuple(path for path in chosen if asked and expected_kind(path) is None)
    for given in asked:
        if _within(opened.root, given) in others and not given.exists():
            raise MlgitopsError(f"there is no file {given}", help="name files of this project's work tree")
    return Formatting(tuple(changed), len(specs), others, tuple(in_order(findings)))


def _within(root: Path, path: Path) -> str:
    """The path within the project; as it is where it leads out of it."""
    whole, base = path.absolute().resolve(), root.resolve()
    return whole.relative_to(base).as_posix() if whole.is_relative_to(base) else path.as_posix()
