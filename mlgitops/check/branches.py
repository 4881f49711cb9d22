"""Rule about branches of manifests: no two places are written into one folder, nor into a folder of each other's."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from mlgitops.finding import Finding
from mlgitops.spec.document import Document
from mlgitops.spec.positions import Pointer
from mlgitops.tools.git_names import as_url, deploy_branch


@dataclass(frozen=True, slots=True)
class _Folder:
    """What one environment has written for one of its targets: a folder, empty for all of a branch."""

    environment: str
    target: str
    repository: str
    branch: str
    folder: str
    document: Document
    pointer: Pointer

    @property
    def place(self) -> str:
        return f"{self.environment} at {self.target}"

    def overlaps(self, other: _Folder) -> bool:
        """Whether whoever syncs one of them syncs the other, or a part of it, too."""
        if (self.repository, self.branch) != (other.repository, other.branch):
            return False
        one, another = PurePosixPath(self.folder), PurePosixPath(other.folder)
        return one.is_relative_to(another) or another.is_relative_to(one)


def check(documents: Iterable[Document]) -> Iterator[Finding]:
    """Findings for every ``git`` target, over all environments: each is told of the first that it is in the way of.

    An engine that syncs a folder takes all in it for what is to run, and removes what another deployment leaves out.
    """
    seen: list[_Folder] = []
    for folder in _folders(list(documents)):
        other = next((one for one in seen if one.overlaps(folder)), None)
        if other is not None:
            yield folder.document.finding(
                "duplicate-branch", folder.pointer,
                f"{folder.place} is written to {_named(folder)}, and {other.place} to {_named(other)}",
                help="leave branch and path out, or give each a branch or a path of its own",
            )  # fmt: skip
        seen.append(folder)


def _folders(documents: list[Document]) -> Iterator[_Folder]:
    targets = {_name(document): document for document in documents if document.data.get("kind") == "Target"}
    shared: set[str] = set()
    for environment in (one for one in documents if one.data.get("kind") == "Environment"):
        for name, pointer in _targets(environment).items():
            settings = _settings(targets.get(name))
            if settings is not None:
                # Of a target that another environment names too, it is naming it that is one too many.
                at = (environment, pointer) if name in shared else (targets[name], _given(settings))
                yield _folder(_name(environment), name, settings, *at)
                shared.add(name)


def _folder(
    environment: str, target: str, settings: Mapping[str, Any], document: Document, pointer: Pointer
) -> _Folder:
    repository = as_url(str(settings.get("repository") or "")).rstrip("/").removesuffix(".git")
    branch, folder = settings.get("branch") or deploy_branch(environment, target), settings.get("path") or ""
    return _Folder(environment, target, repository, str(branch), str(folder), document, pointer)


def _targets(environment: Document) -> dict[str, Pointer]:
    """The targets that an environment names, and where it does."""
    named = _map(environment.data.get("spec")).get("targets")
    names = enumerate(named) if isinstance(named, list) else ()
    return {name: ("spec", "targets", index) for index, name in names if isinstance(name, str)}


def _settings(target: Document | None) -> Mapping[str, Any] | None:
    """The ``connection.git`` of a Target; None where it has none."""
    connection = _map(_map(target.data.get("spec")).get("connection")) if target else {}
    return _map(connection["git"]) if connection.get("git") is not None else None


def _given(settings: Mapping[str, Any]) -> Pointer:
    """Where a Target says which folder it is."""
    given = next((field for field in ("path", "branch") if settings.get(field)), None)
    pointer: Pointer = ("spec", "connection", "git")
    return (*pointer, given) if given else pointer


def _named(folder: _Folder) -> str:
    within = f"folder {folder.folder} of " if folder.folder else "the whole of "
    return f"{within}branch {folder.branch}"


def _name(document: Document) -> str:
    return str(_map(document.data.get("metadata")).get("name"))


def _map(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
