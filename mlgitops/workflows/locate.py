"""Tells where in the project's files a field of a manifest is asked for. Works only when asked."""

from __future__ import annotations

import threading
from functools import cached_property
from typing import TYPE_CHECKING, Any

from mlgitops.finding import Location
from mlgitops.manifest import LABEL_RELEASE, LABEL_TARGET, Identity, Manifest, identity, labels
from mlgitops.plan.change import Path
from mlgitops.render.field_sources import INSTEAD, spec_pointer
from mlgitops.sources import Source
from mlgitops.sources.cache import Cache
from mlgitops.spec.positions import value_of
from mlgitops.spec.project_files import KUSTOMIZATION_FILES
from mlgitops.targets import owner_of

if TYPE_CHECKING:
    from mlgitops.render.overlay import Overlay
    from mlgitops.spec.project_files import ProjectFiles
    from mlgitops.spec.resolve import Resolution
    from mlgitops.spec.resolved import Resolved


class Locator:
    """Finds the place of a field of one environment's manifests. Resolves the environment once, if at all.

    Several threads may ask; they are answered one after another.
    """

    def __init__(self, source: Source, environment: str, cache: Cache | None) -> None:
        self._source = source
        self._environment = environment
        self._cache = cache
        self._rendered: dict[tuple[str, str], dict[Identity, Manifest]] = {}
        self._guard = threading.Lock()

    def __call__(self, manifest: Manifest, path: Path) -> str:
        """``file:line``, as ``locate`` finds them; the file alone if no line is known."""
        with self._guard:
            location = self.locate(manifest, path)
        return f"{location.path}:{location.line}" if location.line else location.path

    def locate(self, manifest: Manifest, path: Path) -> Location:
        """The patch or resource where the overlay made the value, otherwise the spec; else the owner's file."""
        owner, target = owner_of(manifest), labels(manifest).get(LABEL_TARGET, "")
        resolved = self._resolved.get((owner, target))
        if resolved is None or self._is_overlaid(resolved, owner, target, manifest, path):
            return self._in_overlay(manifest, path)
        written = self._in_metadata(owner, value_at(manifest, path), path)
        if written is not None:
            return written
        in_target, pointer = spec_pointer(owner, manifest["kind"], path)
        if in_target:
            return self._files.targets[target].locate(("spec", *pointer))
        pointer = _of_release(resolved, manifest, _said(resolved, pointer))
        return resolved.provenance.origin(indexed(resolved.provenance.merged, pointer)).location

    @cached_property
    def _files(self) -> ProjectFiles:
        from mlgitops.workflows.documents import read_project

        return read_project(self._source, self._cache)[0]

    @cached_property
    def _resolution(self) -> Resolution:
        from mlgitops.spec.resolve import resolve

        return resolve(self._files, self._environment)

    @cached_property
    def _resolved(self) -> dict[tuple[str, str], Resolved]:
        from mlgitops.spec.resolve import all_resolved

        kinds = {"ResolvedModel": "Model", "ResolvedPipeline": "Pipeline"}
        return {(f"{kinds[type(r).__name__]}/{r.name}", r.place.target): r for r in all_resolved(self._resolution)}

    @cached_property
    def _overlay(self) -> Overlay | None:
        from mlgitops.render.overlay import kustomization_in, walk

        directory, files = f"environments/{self._environment}", self._source.files()
        return walk(directory, files) if kustomization_in(directory, files) else None

    def _in_overlay(self, manifest: Manifest, path: Path) -> Location:
        from mlgitops.render.overlay.origin import origin

        found = origin(self._overlay, self._source.files(), manifest, path) if self._overlay else None
        return found or self._kustomization

    @cached_property
    def _kustomization(self) -> Location:
        files = self._source.files()
        folder = f"environments/{self._environment}"
        names = (f"{folder}/{name}" for name in KUSTOMIZATION_FILES)
        return Location(next((name for name in names if name in files), f"{folder}/environment.yaml"))

    def _in_metadata(self, owner: str, value: Any, path: Path) -> Location | None:
        """Where a user's own label, annotation or namespace is written, on the object itself or for the environment."""
        if path[-1] != "namespace" and path[-2:-1] not in (("labels",), ("annotations",)):
            return None
        kind, _, name = owner.partition("/")
        own = self._files.environments[self._environment]
        documents = (
            (own.models.get(name), self._files.bases.get(name)) if kind == "Model" else (own.pipelines.get(name),)
        )
        places = [(document, ("metadata", *path[-2:])) for document in documents]
        places.append((own.environment, ("spec", *path[-2:]) if path[-1] != "namespace" else ("spec", "namespace")))
        found = (doc.locate(at) for doc, at in places if doc and value is not None and value_at(doc.data, at) == value)
        return next(found, None)

    def _is_overlaid(self, resolved: Resolved, owner: str, target: str, manifest: Manifest, path: Path) -> bool:
        """Whether the overlay changed this field from what was rendered."""
        from mlgitops.render.render import render

        rendered = self._rendered.get((owner, target))
        if rendered is None:
            rendered = {identity(made): made for made in render(resolved)}
            self._rendered[owner, target] = rendered
        before = _before(rendered, manifest)
        return before is None or value_at(before, path) != value_at(manifest, path)


def _said(resolved: Resolved, pointer: Path) -> Path:
    """The pointer, or the one that stands for it in a model that does not say it."""
    instead = INSTEAD.get(tuple(map(str, pointer)))
    return instead if instead and value_of(resolved.provenance.merged, pointer) is None else pointer


def _of_release(resolved: Resolved, manifest: Manifest, pointer: Path) -> Path:
    """The pointer into the release that the manifest is of, where two run."""
    from mlgitops.spec.resolved import ResolvedModel
    from mlgitops.spec.side_by_side import side_by_side

    releases = side_by_side(resolved) if isinstance(resolved, ResolvedModel) else None
    if releases is None or labels(manifest).get(LABEL_RELEASE) != releases.stable.spec.release.version:
        return pointer
    return releases.stable.written_at(pointer)


def _before(rendered: dict[Identity, Manifest], manifest: Manifest) -> Manifest | None:
    """The object as it was rendered, which a prefix, a suffix or another namespace may have renamed since."""
    this = identity(manifest)
    if this in rendered:
        return rendered[this]
    same = [one for one in rendered if (one.group, one.kind) == (this.group, this.kind) and one.name in this.name]
    return rendered[max(same, key=lambda one: len(one.name))] if same else None


def indexed(data: Any, pointer: Path) -> Path:
    """The pointer with the index of each item that it names as ``[NAME]``; cut where ``data`` has no such item."""
    found: list[str | int] = []
    for part in pointer:
        step = _index(data, part) if isinstance(part, str) and part.startswith("[") else part
        if step is None:
            break
        found.append(step)
        data = value_at(data, (step,))
    return tuple(found)


def _index(items: Any, part: str) -> int | None:
    named = enumerate(items if isinstance(items, list) else ())
    return next((at for at, item in named if isinstance(item, dict) and item.get("name") == part.strip("[]")), None)


def value_at(value: Any, path: Path) -> Any:
    """The value at a path of a manifest, ``None`` where there is none; ``[NAME]`` is the item of that name."""
    for part in path:
        if isinstance(value, dict):
            value = value.get(part)
        elif isinstance(value, list):
            value = _item(value, part)
        else:
            return None
    return value


def _item(items: list[Any], part: str | int) -> Any:
    if isinstance(part, int):
        return items[part] if part < len(items) else None
    name = part.strip("[]")
    return next((item for item in items if isinstance(item, dict) and item.get("name") == name), None)
