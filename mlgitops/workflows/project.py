"""Opens a project: where its files come from, its environments, and the cache."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from mlgitops import __version__
from mlgitops.errors import FindingsError, MlgitopsError
from mlgitops.finding import Finding, in_order
from mlgitops.sources import Source
from mlgitops.sources.cache import Cache, default_directory
from mlgitops.sources.commit import Commit
from mlgitops.sources.worktree import WorkTree, find_root
from mlgitops.spec.project_files import ENVIRONMENT_FILE


@dataclass(frozen=True)
class Opened:
    """An open project. ``cache`` is ``None`` where none is wanted."""

    root: Path
    source: Source
    cache: Cache | None


def open_project(root: Path | None, revision: str | None, *, no_cache: bool = False) -> Opened:
    """The project at ``root``, or the one that the current directory is inside. Raises ``SourceError``."""
    found = find_root(root or Path.cwd())
    source: Source = Commit(found, revision) if revision is not None else WorkTree(found)
    return Opened(found, source, None if no_cache else Cache(default_directory(os.environ, __version__)))


def choose_environments(opened: Opened, asked: tuple[str, ...]) -> list[str]:
    """The environments asked for, or all of them in the project's order, then any that the project does not name.

    Raises ``MlgitopsError`` for one that is not there, and ``FindingsError`` where there is none at all.
    """
    known = environment_names(opened)
    if not known:
        raise FindingsError(_without_environments(opened))
    unknown = [name for name in asked if name not in known]
    if unknown:
        from mlgitops.spec.project_files import what_there_is

        raise MlgitopsError(
            f"there is no environment '{unknown[0]}'",
            help=what_there_is(unknown[0], known, "environments"),
        )
    return [name for name in known if not asked or name in asked]


def _without_environments(opened: Opened) -> list[Finding]:
    """Why the project names no environment."""
    from mlgitops.spec.resolve import resolve
    from mlgitops.workflows.documents import read_project

    files, _, findings = read_project(opened.source)
    return in_order([*findings, *resolve(files, "").findings])


def environment_names(opened: Opened) -> list[str]:
    """Every environment that has a file, in the project's order of promotion."""
    ending = "/" + ENVIRONMENT_FILE
    present = {path.split("/")[1] for path in opened.source.files() if path.startswith("environments/")
               and path.endswith(ending) and path.count("/") == 2}  # fmt: skip
    ordered = list(dict.fromkeys(name for name in _declared(opened) if name))
    return [*ordered, *sorted(present - set(ordered))]


def _declared(opened: Opened) -> list[str]:
    """The Project's environments as written; wrong ones are found by validate, not here."""
    key = "environments-" + _content_digest(opened.source.files().get("mlgitops.yaml", b""))
    held = opened.cache.get(key) if opened.cache else None
    if held is not None:
        names: list[str] = orjson.loads(held)
        return names
    names = _environments_of(opened)
    if opened.cache:
        opened.cache.put(key, orjson.dumps(names))
    return names


def _content_digest(content: bytes) -> str:
    import hashlib

    return hashlib.sha256(content).hexdigest()


def _environments_of(opened: Opened) -> list[str]:
    from mlgitops.spec.document import load

    content = opened.source.files().get("mlgitops.yaml")
    try:
        data: Any = load("mlgitops.yaml", content).data if content is not None else {}
    except FindingsError:
        return []
    spec = data.get("spec")
    names = spec.get("environments") if isinstance(spec, dict) else None
    return [name for name in names if isinstance(name, str)] if isinstance(names, list) else []
