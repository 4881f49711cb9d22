"""Tells where in the project's files a field of a manifest is asked for. Works only when asked."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from mlgitops.manifest import LABEL_TARGET, Identity, Manifest, identity, labels
from mlgitops.plan.change import Path
from mlgitops.render.field_sources import spec_pointer
from mlgitops.spec.project_files import KUSTOMIZATION_FILES
from mlgitops.targets import owner_of
from mlgitops.workflows.project import Opened

if TYPE_CHECKING:
    from mlgitops.spec.resolve import Resolution
    from mlgitops.spec.resolved import Resolved


class Locator:
    """Finds the ``file:line`` of a field of one environment's manifests. Resolves the environment once, if at all."""

    def __init__(self, opened: Opened, environment: str) -> None:
        self._opened = opened
        self._environment = environment
        self._rendered: dict[tuple[str, str], dict[Identity, Manifest]] = {}

    def __call__(self, manifest: Manifest, path: Path) -> str:
        """``file:line``; the kustomization where the overlay made the value, the owner's file if no line is known."""
        owner, target = owner_of(manifest), labels(manifest).get(LABEL_TARGET, "")
        resolved = self._resolved.get((owner, target))
        if resolved is None or self._overlaid(resolved, owner, target, manifest, path):
            return self._kustomization
        in_target, pointer = spec_pointer(owner, manifest["kind"], path)
        if in_target:
            return self._in_target(target, pointer)
        location = resolved.provenance.origin(pointer).location
        return f"{location.path}:{location.line}" if location.line else location.path

    @cached_property
    def _resolution(self) -> Resolution:
        from mlgitops.spec.resolve import resolve
        from mlgitops.workflows.documents import read_project

        return resolve(read_project(self._opened.source, self._opened.cache)[0], self._environment)

    @cached_property
    def _resolved(self) -> dict[tuple[str, str], Resolved]:
        from mlgitops.spec.resolve import all_resolved

        kinds = {"ResolvedModel": "Model", "ResolvedPipeline": "Pipeline"}
        return {(f"{kinds[type(r).__name__]}/{r.name}", r.place.target): r for r in all_resolved(self._resolution)}

    @cached_property
    def _kustomization(self) -> str:
        files = self._opened.source.files()
        names = (f"environments/{self._environment}/{name}" for name in KUSTOMIZATION_FILES)
        return next((name for name in names if name in files), f"environments/{self._environment}/environment.yaml")

    def _in_target(self, target: str, pointer: tuple[str | int, ...]) -> str:
        from mlgitops.workflows.documents import read_project

        document = read_project(self._opened.source, self._opened.cache)[0].targets[target]
        location = document.locate(("spec", *pointer))
        return f"{location.path}:{location.line}"

    def _overlaid(self, resolved: Resolved, owner: str, target: str, manifest: Manifest, path: Path) -> bool:
        """Whether the overlay changed this field from what was rendered."""
        from mlgitops.render.render import render

        rendered = self._rendered.get((owner, target))
        if rendered is None:
            rendered = {identity(made): made for made in render(resolved)}
            self._rendered[owner, target] = rendered
        before = rendered.get(identity(manifest))
        return before is None or value_at(before, path) != value_at(manifest, path)


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
