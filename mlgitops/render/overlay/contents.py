"""The files of one build: what the overlay refers to, its kustomizations as they were checked, the rendered objects."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson

from mlgitops.manifest import Manifest
from mlgitops.render.overlay.batches import Batch
from mlgitops.render.overlay.entries import Place
from mlgitops.render.overlay.kustomization import Kustomization
from mlgitops.render.overlay.references import Overlay

RENDERED = "mlgitops-rendered.json"

# Legal in JSON text, but a line break or a byte order mark in YAML.
_NOT_YAML = re.compile("[\u2028\u2029\ufeff]")

# kustomize v5.8.2 makes a space of U+0085 and drops a key `<<`, in silence; the other characters it refuses.
_NOT_CARRIED = re.compile('[\x7f-\x9f\ufffe\uffff]|"<<":')


def contents(overlay: Overlay, batch: Batch, files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Every file that kustomize needs for a batch, by project-relative path. ``files`` are the project's."""
    result = {path: files[path] for path in sorted(overlay.files)}
    result.update((path, json_text(plugin.value)) for path, plugin in overlay.plugins.items())
    rendered = _free_name(overlay.directory, files)
    for directory, kustomization in overlay.kustomizations.items():
        value = _without(kustomization, batch.dropped)
        if directory == overlay.directory and batch.manifests:
            value["resources"] = [rendered, *(value.get("resources") or ())]
        result[_join(directory, "kustomization.yaml")] = json_text(value)
    if batch.manifests:
        result[_join(overlay.directory, rendered)] = _stream(batch.manifests)
    return result


def not_carried(manifests: Iterable[Manifest]) -> list[Manifest]:
    """Those of the manifests that kustomize would change: they hold a control character or a key ``<<``."""
    return [manifest for manifest in manifests if _NOT_CARRIED.search(orjson.dumps(manifest).decode())]


def json_text(value: Any) -> bytes:
    """JSON that every YAML parser reads as the same value."""
    text = orjson.dumps(value).decode()
    return _NOT_YAML.sub(lambda match: f"\\u{ord(match[0]):04x}", text).encode()


def _stream(manifests: Sequence[Manifest]) -> bytes:
    return b"\n---\n".join(json_text(manifest) for manifest in manifests)


def _without(kustomization: Kustomization, dropped: frozenset[Place]) -> dict[str, Any]:
    value = dict(kustomization.value)
    gone = [place for place in dropped if place.directory == kustomization.directory]
    for field in {place.field for place in gone}:
        indices = {place.position for place in gone if place.field == field}
        # An empty list is kept: kustomize refuses a kustomization that has no field at all.
        value[field] = [item for index, item in enumerate(value[field]) if index not in indices]
    return value


def _free_name(directory: str, files: Mapping[str, bytes]) -> str:
    name = RENDERED
    while _join(directory, name) in files:
        name = f"_{name}"
    return name


def _join(directory: str, name: str) -> str:
    return f"{directory}/{name}" if directory else name
