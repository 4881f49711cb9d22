"""Begins a project in a folder: its files are made of what was chosen, and written, all or none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from mlgitops.errors import MlgitopsError
from mlgitops.scaffold import choices as rules
from mlgitops.scaffold.choices import Choices
from mlgitops.scaffold.project import OFTEN_THERE, project_files
from mlgitops.sources.created import create, in_the_way


@dataclass(frozen=True, slots=True)
class Begun:
    """What ``init`` did: the files it wrote, in order, and those of its own that it left as they were."""

    written: tuple[str, ...]
    kept: tuple[str, ...]


def init(root: Path, choices: Choices) -> Begun:
    """Writes the project's files below ``root``, a folder that is made where it is missing.

    Raises ``MlgitopsError`` where a choice cannot be, or a file is in the way; nothing is written then.
    """
    rules.require(choices)
    files = project_files(choices)
    kept = tuple(in_the_way(root, OFTEN_THERE))
    new = {path: text for path, text in files.items() if path not in kept}
    _require_free(root, new)
    create(root, new)
    return Begun(tuple(new), kept)


def _require_free(root: Path, files: Mapping[str, str]) -> None:
    there = in_the_way(root, files)
    if there:
        shown = ", ".join(there[:5]) + (f" and {len(there) - 5} more" if len(there) > 5 else "")
        raise MlgitopsError(
            f"nothing was written, since there is already: {shown}",
            help="Begin in an empty folder with --directory, or move these away. What exists is never overwritten.",
        )
