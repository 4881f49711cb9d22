"""One kind that a target serves, and its file in the project.

``targets/schemas/<target>/<Kind>.<group>_<version>.json``, without the group for the kinds of the core.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import orjson

from mlgitops.check.served.sharing import shared

FOLDER = "targets/schemas"
FORMAT_VERSION = 1

_KIND = re.compile(r"[A-Z][A-Za-z0-9]{0,62}")
_GROUP = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?")
_VERSION = re.compile(r"[a-z][a-z0-9]{0,62}")
_FILE = re.compile(r"(?P<kind>[A-Z][A-Za-z0-9]*)(?:\.(?P<group>[a-z0-9.-]+))?_(?P<version>[a-z][a-z0-9]*)\.json")


@dataclass(frozen=True)
class ServedKind:
    """A kind in one version. ``group`` is empty for the core; ``source`` says what it was imported from."""

    group: str
    version: str
    kind: str
    plural: str
    namespaced: bool
    source: str
    schema: dict[str, Any]

    def __post_init__(self) -> None:
        for text, form in ((self.kind, _KIND), (self.version, _VERSION), (self.group or "core", _GROUP)):
            if not form.fullmatch(text):
                raise ValueError(f"{text!r} is no name that a kind, its group or its version can have")

    @property
    def api_version(self) -> str:
        """What manifests write as apiVersion."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def file_name(self) -> str:
        """The file's name in its target's folder."""
        return f"{self.kind}.{self.group}_{self.version}.json" if self.group else f"{self.kind}_{self.version}.json"


@dataclass(frozen=True, slots=True)
class KindName:
    """What a file's name says."""

    group: str
    version: str
    kind: str


def name_of(file_name: str) -> KindName | None:
    """The kind that a file of this name is about; None for a name that no kind's file has."""
    found = _FILE.fullmatch(file_name)
    return KindName(found["group"] or "", found["version"], found["kind"]) if found else None


def to_json(kind: ServedKind) -> bytes:
    """The file: one line, sorted keys; the same bytes for the same kind."""
    data = {
        "formatVersion": FORMAT_VERSION, "group": kind.group, "version": kind.version, "kind": kind.kind,
        "plural": kind.plural, "namespaced": kind.namespaced, "source": kind.source, "schema": shared(kind.schema),
    }  # fmt: skip
    return orjson.dumps(data, option=orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE)


def from_json(content: bytes) -> ServedKind:
    """The kind in a file's bytes. Raises ``ValueError`` for anything that ``to_json`` does not write."""
    data = orjson.loads(content)
    if not isinstance(data, dict) or data.get("formatVersion") != FORMAT_VERSION:
        raise ValueError(f"it is not of formatVersion {FORMAT_VERSION}")
    try:
        kind = ServedKind(
            data["group"], data["version"], data["kind"], data["plural"], data["namespaced"], data["source"],
            data["schema"],
        )  # fmt: skip
    except (KeyError, TypeError) as error:
        raise ValueError(f"{error} is missing or wrong") from error
    if not isinstance(kind.schema, dict):
        raise ValueError("schema is not a mapping")
    return kind
