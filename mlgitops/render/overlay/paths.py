"""What a reference in a kustomization points at, decided on its parts and without looking at any file system."""

from __future__ import annotations

import re
from typing import NamedTuple

# What kustomize takes for a repository or a URL (api/internal/git/repospec.go, api/internal/loader/fileloader.go):
# any scheme, `git::`, a user before `@`, and github.com without a scheme, all without regard to case.
_REMOTE = re.compile(r"^(?:[a-z][a-z0-9+.-]*:|[a-z][a-z0-9-]*@|github\.com[/:])|://|\?|^[^/]*@[^/]*:", re.IGNORECASE)


class PathProblem(NamedTuple):
    """Why a reference is refused: the finding's code, the reason, and what to do."""

    code: str
    reason: str
    help: str


_REMOTE_PROBLEM = PathProblem(
    "overlay-remote-base", "is fetched from the network", "commit a copy to the project and refer to it by its path"
)
_ABSOLUTE = PathProblem("overlay-absolute-path", "is an absolute path", "write the path relative to this file")
_OUTSIDE = PathProblem(
    "overlay-outside-project", "leaves the project", "move what it refers to into the project and adjust the path"
)
_CONTROL = PathProblem("overlay-missing-file", "holds a character that no path of a project has", "correct the path")


def resolve(directory: str, reference: str) -> str | PathProblem:
    """The project-relative path that ``reference`` means in ``directory``; empty for the project's root."""
    if _REMOTE.search(reference):
        return _REMOTE_PROBLEM
    if reference.startswith("/"):
        return _ABSOLUTE
    if not reference.isprintable():
        return _CONTROL
    parts = [part for part in directory.split("/") if part]
    for part in reference.split("/"):
        if part == "..":
            if not parts:
                return _OUTSIDE
            parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts)


def is_below(directory: str, path: str) -> bool:
    """Whether a file is in the directory or below it, by parts: ``repo-evil/x`` is not below ``repo``."""
    return not directory or path.startswith(f"{directory}/")
