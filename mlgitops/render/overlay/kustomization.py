"""One kustomization file, read so strictly that kustomize cannot read it differently.

What was checked has to be what kustomize acts on. So a kustomization is read into plain values here, everything that
two YAML parsers may see differently (repeated keys, merge keys, tags, several documents) is refused, and kustomize is
given the values written out as JSON, never the file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from mlgitops.errors import FindingsError
from mlgitops.finding import Finding, Location
from mlgitops.render.overlay.values import Loader, check_depth

FILE_NAMES = ("kustomization.yaml", "kustomization.yml", "Kustomization")
MAX_BYTES = 1 << 20
MAX_NODES = 50_000
"""How many values a kustomization may hold after its aliases are written out."""

Pointer = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Kustomization:
    """A kustomization: where it is, what it says, and the place of every value in the file."""

    path: str
    value: Mapping[str, Any]
    lines: tuple[str, ...] = ()
    places: Mapping[Pointer, Location] = field(default_factory=dict)

    @property
    def directory(self) -> str:
        """The directory it is in, relative to the project's root; empty for the root itself."""
        return self.path.rpartition("/")[0]

    def finding(self, code: str, message: str, pointer: Pointer = (), help: str = "", suggestion: str = "") -> Finding:
        """A finding at the place of ``pointer`` in this file."""
        location = self.places.get(pointer, Location(self.path))
        excerpt = self.lines[location.line - 1] if 0 < location.line <= len(self.lines) else ""
        return Finding(
            code, message, location, pointer=dotted(pointer), excerpt=excerpt, help=help, suggestion=suggestion
        )


def dotted(pointer: Pointer) -> str:
    """A pointer as people write it: ``patches[0].path``."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in pointer).lstrip(".")


def read(path: str, content: bytes) -> Kustomization:
    """Read a kustomization. Raises ``FindingsError``, with a place, for what is not plain YAML of one mapping."""
    reader = _Reader(path)
    if len(content) > MAX_BYTES:
        raise reader.refuse(f"is larger than {MAX_BYTES} bytes")
    try:
        reader.lines = _quotable(content.decode("utf-8"))
        check_depth(content)
        _check_tags(content)
        root = yaml.compose(content, Loader=Loader)
    except UnicodeDecodeError as error:
        raise reader.refuse("is not UTF-8 text") from error
    except yaml.YAMLError as error:
        raise reader.refuse(problem_of(error), getattr(error, "problem_mark", None)) from error
    value = {} if root is None else reader.value(root, ())
    if not isinstance(value, dict):
        raise reader.refuse("is not a mapping of fields", root.start_mark if root else None)
    return Kustomization(path, value, reader.lines, reader.places)


def problem_of(error: yaml.YAMLError) -> str:
    """What a YAML parser complains about, in a few words."""
    return f"is not valid YAML: {getattr(error, 'problem', None) or str(error).splitlines()[0]}"


def syntax_finding(path: str, message: str, mark: Any = None, lines: tuple[str, ...] = ()) -> Finding:
    """The finding for a file that cannot be read as YAML, at the parser's mark where it has one."""
    if mark is None:
        return Finding("overlay-yaml", f"{path} {message}", Location(path), help=_PLAIN)
    excerpt = lines[mark.line] if mark.line < len(lines) else ""
    return Finding(
        "overlay-yaml",
        f"{path} {message}",
        Location(path, mark.line + 1, mark.column + 1),
        excerpt=excerpt,
        help=_PLAIN,
    )


_PLAIN = "correct it: a file of an overlay is one plain YAML document, without tags, merge keys and repeated keys"


def _quotable(text: str) -> tuple[str, ...]:
    """The lines that findings may quote: none of a file that may hold a secret."""
    return () if "secretGenerator" in text else tuple(text.splitlines())


def _check_tags(content: bytes) -> None:
    for event in yaml.parse(content, Loader=Loader):
        if getattr(event, "tag", None) is not None:
            mark: Any = event.start_mark
            raise yaml.MarkedYAMLError(problem="tags are not allowed here", problem_mark=mark)


class _Reader:
    """Builds the values of one file and remembers where each of them stands."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.lines: tuple[str, ...] = ()
        self.places: dict[Pointer, Location] = {}
        self.nodes = 0

    def refuse(self, message: str, mark: Any = None) -> FindingsError:
        return FindingsError([syntax_finding(self.path, message, mark, self.lines)])

    def value(self, node: yaml.Node, pointer: Pointer) -> Any:
        self.nodes += 1
        if self.nodes > MAX_NODES:
            raise self.refuse(f"holds more than {MAX_NODES} values", node.start_mark)
        self._place(node, pointer)
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, pointer)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, (*pointer, index)) for index, item in enumerate(node.value)]
        return scalar(node)

    def _mapping(self, node: yaml.MappingNode, pointer: Pointer) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = self._key(key_node)
            if key in result:
                raise self.refuse(f"has the key {key!r} twice in one mapping", key_node.start_mark)
            result[key] = self.value(value_node, (*pointer, key))
        return result

    def _key(self, node: yaml.Node) -> str:
        key = scalar(node) if isinstance(node, yaml.ScalarNode) else None
        if not isinstance(key, str):
            raise self.refuse("has a key that is not a string", node.start_mark)
        if key == "<<":
            raise self.refuse("has a merge key (<<); write the fields out", node.start_mark)
        return key

    def _place(self, node: yaml.Node, pointer: Pointer) -> None:
        start, end = node.start_mark, node.end_mark
        end_column = end.column + 1 if end.line == start.line else 0
        self.places[pointer] = Location(self.path, start.line + 1, start.column + 1, end_column)


def scalar(node: yaml.Node) -> str | int | float | bool | None:
    """The value of a scalar node that has no tag of its own."""
    text = str(node.value)
    match node.tag.rpartition(":")[2]:
        case "null":
            return None
        case "bool":
            return text.lower() == "true"
        case "int":
            return int(text)
        case "float":
            return float(text)
        case _:
            return text
