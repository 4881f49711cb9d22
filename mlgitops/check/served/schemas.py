"""The kinds of one target, by what a manifest says of itself; each is read only when a manifest asks for it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from mlgitops.check.served.groups import is_built_in
from mlgitops.check.served.kind import FOLDER, KindName, ServedKind, from_json, name_of

if TYPE_CHECKING:
    from jsonschema_rs import Draft7Validator


class UnreadableSchemaError(ValueError):
    """A file of the schemas' folder is not one that an import wrote. ``path`` is the file's."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(reason)
        self.path = path


@dataclass(frozen=True)
class Readable:
    """A kind, ready to check manifests with."""

    kind: ServedKind
    validator: Draft7Validator


class Schemas:
    """The kinds that were imported for a target. ``files`` are theirs alone, by project-relative path."""

    def __init__(self, target: str, files: Mapping[str, bytes]) -> None:
        self.target = target
        self._files = files

    @cached_property
    def _paths(self) -> dict[tuple[str, str], dict[str, str]]:
        """The file of each version of each group and kind."""
        paths: dict[tuple[str, str], dict[str, str]] = {}
        for name, path in self.names():
            paths.setdefault((name.group, name.kind), {})[name.version] = path
        return paths

    @cached_property
    def _groups(self) -> frozenset[str]:
        return frozenset(group for group, _ in self._paths)

    def names(self) -> Iterator[tuple[KindName, str]]:
        """Every kind, and the path of its file."""
        for path in self._files:
            if (name := name_of(path.rpartition("/")[2])) is not None:
                yield name, path

    def find(self, group: str, version: str, kind: str) -> Readable | None:
        """A kind in a version; None where it was not imported. Raises ``UnreadableSchemaError``."""
        path = self._paths.get((group, kind), {}).get(version)
        if path is None:
            return None
        try:
            found = _readable(self._files[path])
        except ValueError as error:
            raise UnreadableSchemaError(path, str(error)) from error
        if (found.kind.group, found.kind.version, found.kind.kind) != (group, version, kind):
            raise UnreadableSchemaError(path, "it is about another kind than its name says")
        return found

    def versions(self, group: str, kind: str) -> list[str]:
        """The versions in which the target serves a kind."""
        return sorted(self._paths.get((group, kind), {}))

    def kinds(self, group: str) -> list[str]:
        """The kinds of a group that the target serves."""
        return sorted(kind for found, kind in self._paths if found == group)

    def tells_of(self, group: str) -> bool:
        """Whether a kind of this group that was not imported is not served.

        Custom resource definitions say nothing about the kinds compiled into Kubernetes, which every cluster serves.
        """
        return group in self._groups or not is_built_in(group)


def schemas_of(target: str, files: Mapping[str, bytes]) -> Schemas | None:
    """What was imported for a target, among all files of the project; None where nothing was."""
    folder = f"{FOLDER}/{target}/"
    own = {path: path for path in files if path.startswith(folder)}
    return Schemas(target, _Chosen(files, own)) if own else None


class _Chosen(Mapping[str, bytes]):
    """Some of the files, each still read only when asked for."""

    def __init__(self, files: Mapping[str, bytes], paths: Mapping[str, str]) -> None:
        self._files = files
        self._paths = paths

    def __getitem__(self, path: str) -> bytes:
        return self._files[self._paths[path]]

    def __iter__(self) -> Iterator[str]:
        return iter(self._paths)

    def __len__(self) -> int:
        return len(self._paths)


@lru_cache(maxsize=256)
def _readable(content: bytes) -> Readable:
    """By content, since targets mostly serve the same. Raises ``ValueError``, also for a schema that is none."""
    from jsonschema_rs import Draft7Validator, RegexOptions

    kind = from_json(content)
    # Linear regular expressions: no pattern of a definition can make the check hang.
    return Readable(kind, Draft7Validator(kind.schema, pattern_options=RegexOptions(), offline=True))
