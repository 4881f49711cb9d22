"""Where in the overlay's files a field of an object is written: in a patch or in a resource. Pure; only when asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import yaml

from mlgitops.finding import Location
from mlgitops.manifest import Manifest
from mlgitops.render.overlay.kustomization import Kustomization
from mlgitops.render.overlay.paths import resolve
from mlgitops.render.overlay.references import Overlay
from mlgitops.render.overlay.values import Loader
from mlgitops.spec.source_text import lines_of

Path = Sequence[str | int]
"""A way into an object: keys, positions, and ``[NAME]`` for the item of a list that has that name."""

_PATCHES = ("patchesStrategicMerge", "patches", "patchesJson6902")


class _Text(NamedTuple):
    """YAML text: the file it stands in, the line before its first, and that file's lines where it is indented.

    ``whole`` is the place of all of it, where which of its lines is which of the file's cannot be told.
    """

    text: str
    path: str
    before: int = 0
    outer: Sequence[str] = ()
    whole: Location | None = None

    def location(self, node: yaml.Node) -> Location:
        """Where a node of the text stands in the file."""
        if self.whole is not None:
            return self.whole
        start, end = node.start_mark, node.end_mark
        line, indent = self.before + start.line + 1, 0
        if self.outer:
            outer, inner = self.outer[line - 1], lines_of(self.text)[start.line]
            if not outer.endswith(inner):
                return Location(self.path, line)
            indent = len(outer) - len(inner)
        end_column = indent + end.column + 1 if end.line == start.line else 0
        return Location(self.path, line, indent + start.column + 1, end_column)


@dataclass(frozen=True, slots=True)
class _Found:
    """A place, and how many steps of the way lead to it."""

    steps: int
    location: Location


def origin(overlay: Overlay, files: Mapping[str, bytes], manifest: Manifest, path: Path) -> Location | None:
    """The place of the field at ``path``, or where it would be written: its key, in the last patch that has it.

    A resource's place is told to the nearest parent; None where neither a patch nor a resource is about the field.
    """
    patched = [found for text in _patches(overlay, files, manifest) for found in _in_patch(text, path)]
    near = [found for found in patched if found.steps >= max(1, len(path) - 1)]
    if not near:
        near = [found for text in _resources(overlay, files) for found in _in_resource(text, manifest, path)]
    deepest = max((found.steps for found in near), default=0)
    return next((found.location for found in reversed(near) if found.steps == deepest), None)


def _resources(overlay: Overlay, files: Mapping[str, bytes]) -> Iterator[_Text]:
    for path in sorted(overlay.resources):
        yield _Text(files[path].decode("utf-8", "replace"), path)


def _patches(overlay: Overlay, files: Mapping[str, bytes], manifest: Manifest) -> Iterator[_Text]:
    """Patches that may be about the manifest, in the order in which they are done: the overlay's own come last."""
    below = [directory for directory in overlay.kustomizations if directory not in overlay.seeing]
    for directory in [*below, *reversed(overlay.seeing)]:
        source = overlay.kustomizations[directory]
        for field in _PATCHES:
            items = source.value.get(field)
            for index, item in enumerate(items if isinstance(items, list) else ()):
                text = _patch(source, files, (field, index), item)
                if text is not None and _may_select(item, text, manifest):
                    yield text


def _patch(
    source: Kustomization, files: Mapping[str, bytes], pointer: tuple[str | int, ...], item: Any
) -> _Text | None:
    inline = item.get("patch") if isinstance(item, dict) else item
    reference = item.get("path") if isinstance(item, dict) else item
    if isinstance(reference, str) and "\n" not in reference:
        path = resolve(source.directory, reference)
        if isinstance(path, str) and path in files:
            return _Text(files[path].decode("utf-8", "replace"), path)
    if isinstance(inline, str):
        return _inline(source, files, (*pointer, "patch") if isinstance(item, dict) else pointer, inline)
    return None


def _inline(source: Kustomization, files: Mapping[str, bytes], pointer: tuple[str | int, ...], text: str) -> _Text:
    """A patch within the kustomization. In a literal block its lines are the file's, each indented."""
    at = source.places.get(pointer, Location(source.path, 1))
    outer = lines_of(files[source.path].decode("utf-8", "replace"))
    opening = outer[at.line - 1][at.column - 1 :] if at.column else ""
    if opening.startswith("|"):
        return _Text(text, source.path, at.line, outer)
    return _Text(text, source.path, whole=Location(at.path, at.line, at.column))  # folded or quoted


def _may_select(item: Any, text: _Text, manifest: Manifest) -> bool:
    target = item.get("target") if isinstance(item, dict) else None
    if isinstance(target, dict):
        return all(_may_be(target.get(key), value) for key, value in _names(manifest).items())
    return any(_names_it(node, manifest) for node in _nodes(text))


def _names(manifest: Manifest) -> dict[str, str]:
    return {"kind": str(manifest.get("kind")), "name": str(manifest["metadata"].get("name"))}


def _may_be(wanted: Any, value: str) -> bool:
    """Whether a selector's word may mean a name: words that are regular expressions may mean any."""
    if not isinstance(wanted, str) or not wanted.replace("-", "").isalnum():
        return True
    return wanted in value


def _names_it(node: yaml.Node, manifest: Manifest) -> bool:
    """Whether a document says that it is about the manifest, which a prefix or suffix may have renamed since."""
    names = _names(manifest)
    kind, name = _scalar(_child(node, "kind")), _scalar(_child(_child(node, "metadata"), "name"))
    return kind == names["kind"] and name is not None and name != "" and name in names["name"]


def _in_resource(text: _Text, manifest: Manifest, path: Path) -> Iterator[_Found]:
    for node in _nodes(text):
        if _names_it(node, manifest):
            yield _along(text, node, path)


def _in_patch(text: _Text, path: Path) -> Iterator[_Found]:
    for node in _nodes(text):
        if isinstance(node, yaml.SequenceNode):
            yield from (_in_operation(text, operation, path) for operation in node.value)
        else:
            yield _along(text, node, path)


def _in_operation(text: _Text, operation: yaml.Node, path: Path) -> _Found:
    """An operation of a JSON patch: what it writes, or what it writes it to."""
    target = _child(operation, "path")
    words = (_scalar(target) or "").split("/")[1:]
    steps = [word.replace("~1", "/").replace("~0", "~") for word in words]
    if target is None or len(steps) > len(path) or not all(map(_may_be_step, steps, path)):
        return _Found(0, text.location(operation))
    value = _child(operation, "value")
    rest = path[len(steps) :]
    if value is None or not rest or (found := _along(text, value, rest)).steps == 0:
        return _Found(len(steps), text.location(target))
    return _Found(len(steps) + found.steps, found.location)


def _may_be_step(step: str, part: str | int) -> bool:
    """Positions in a list are not compared: other patches may have moved its items since."""
    return step.isdigit() or step == "-" if isinstance(part, int) or part.startswith("[") else step == part


def _along(text: _Text, node: yaml.Node, path: Path) -> _Found:
    """As far as the path leads in a document: the last key or item on it."""
    place = node
    for steps, part in enumerate(path):
        following = _step(node, part)
        if following is None:
            return _Found(steps, text.location(place))
        place, node = following
    return _Found(len(path), text.location(place))


def _step(node: yaml.Node, part: str | int) -> tuple[yaml.Node, yaml.Node] | None:
    """The node that names what is one step further, and that itself."""
    if isinstance(node, yaml.MappingNode):
        return next(((key, value) for key, value in node.value if _scalar(key) == part), None)
    if not isinstance(node, yaml.SequenceNode):
        return None
    if isinstance(part, int):
        return (node.value[part], node.value[part]) if part < len(node.value) else None
    named = (item for item in node.value if _scalar(_child(item, "name")) == part[1:-1])
    return next(((item, item) for item in named), None)


def _child(node: yaml.Node | None, key: str) -> yaml.Node | None:
    found = _step(node, key) if isinstance(node, yaml.MappingNode) else None
    return found[1] if found else None


def _scalar(node: yaml.Node | None) -> str | None:
    return str(node.value) if isinstance(node, yaml.ScalarNode) else None


def _nodes(text: _Text) -> list[yaml.Node]:
    """The documents of a text. All of the overlay's were read before; one that is no YAML has none."""
    try:
        return list(yaml.compose_all(text.text, Loader=Loader))
    except yaml.YAMLError:
        return []
