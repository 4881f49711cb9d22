"""What must not be repeated when kustomize complains: it prints whole objects, literals and patches in its messages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from mlgitops.manifest import Manifest
from mlgitops.render.overlay.references import Overlay
from mlgitops.render.overlay.values import documents, strings

SHORTEST = 4
"""Characters. Anything shorter is no secret, and masking it would make messages unreadable."""


def secret_strings(manifests: Iterable[Manifest], overlay: Overlay, files: Mapping[str, bytes]) -> frozenset[str]:
    """Every word that stands as a value in a Secret, in a patch of one, or in what one is generated from."""
    texts = [text for document in _objects(manifests, overlay) if _is_secret(document) for text in _values(document)]
    for kustomization in overlay.kustomizations.values():
        for item in kustomization.value.get("secretGenerator") or ():
            texts += _generated(item, kustomization.directory, files)
        for item in kustomization.value.get("patches") or ():
            if isinstance(item.get("patch"), str):
                texts += _inline(item)
    return frozenset(word for text in texts for word in text.split() if len(word) >= SHORTEST)


def _objects(manifests: Iterable[Manifest], overlay: Overlay) -> Iterator[Any]:
    yield from manifests
    for content in overlay.documents.values():
        yield from content


def _is_secret(document: Any) -> bool:
    return isinstance(document, dict) and document.get("kind") == "Secret"


def _values(document: Mapping[str, Any]) -> Iterator[str]:
    for field in ("data", "stringData"):
        value = document.get(field)
        yield from strings(value)
        yield from (str(v) for v in value.values() if not isinstance(v, str)) if isinstance(value, dict) else ()


def _generated(item: Mapping[str, Any], directory: str, files: Mapping[str, bytes]) -> Iterator[str]:
    for literal in item.get("literals") or ():
        yield literal.partition("=")[2].strip("'\"")
    references = [*(item.get("files") or ()), *(item.get("envs") or ()), *([item["env"]] if item.get("env") else [])]
    for reference in references:
        path = "/".join(part for part in (directory, reference.rpartition("=")[2].removeprefix("./")) if part)
        for line in files.get(path, b"").decode("utf-8", "replace").splitlines():
            yield from (line, line.partition("=")[2])


def _inline(item: Mapping[str, Any]) -> Iterator[str]:
    target = item.get("target")
    for document in documents(item["patch"].encode()):
        if _is_secret(document):
            yield from _values(document)
        elif isinstance(target, dict) and target.get("kind") == "Secret":
            yield from strings(document)
