"""Checks a manifest against what its target serves. Pure.

What it says is what the API server would say or, for unknown fields, do without a word: drop them.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from mlgitops.check.served.problem import Path, Problem
from mlgitops.check.served.schemas import Readable, Schemas
from mlgitops.manifest import Manifest

MOST = 20
"""Problems that are told of one manifest."""

GroupKind = tuple[str, str]


def check(manifest: Manifest, schemas: Schemas, defined: Collection[GroupKind] = ()) -> list[Problem]:
    """What is wrong with a manifest, by path; at most ``MOST``.

    ``defined`` are the groups and kinds that the manifests of this target define themselves. Raises
    ``UnreadableSchemaError``.
    """
    api_version, kind = manifest.get("apiVersion"), manifest.get("kind")
    if not isinstance(api_version, str) or not isinstance(kind, str):
        return []
    group, _, version = api_version.rpartition("/")
    served = schemas.find(group, version, kind)
    if served is None:
        not_served = (group, kind) not in defined and schemas.tells_of(group)
        return [_not_served(group, version, kind, schemas)] if not_served else []
    return _problems(manifest, served)


def defined_by(manifests: Collection[Manifest]) -> set[GroupKind]:
    """The groups and kinds that custom resource definitions among the manifests add to a target."""
    found = set()
    for manifest in manifests:
        if manifest.get("kind") == "CustomResourceDefinition" and isinstance(spec := manifest.get("spec"), dict):
            names = spec.get("names")
            found.add((str(spec.get("group")), str(names.get("kind")) if isinstance(names, dict) else ""))
    return found


def _problems(manifest: Manifest, served: Readable) -> list[Problem]:
    as_written = _found(manifest, served)
    if not as_written:
        return []
    # A null that may not be is no error: the API takes it for a field that is not there.
    found = {p for p in as_written if p.code == "served-unknown-field" and _is_null(manifest, p.path)}
    for problem in _found(_without_nulls(manifest), served):
        may_be_null = problem.code == "served-missing-field" and _is_null(manifest, problem.path)
        if not may_be_null or any(p.path == problem.path for p in as_written):
            found.add(problem)
    return sorted(found, key=lambda p: ([str(part) for part in p.path], p.code, p.message))[:MOST]


def _found(manifest: Manifest, served: Readable) -> set[Problem]:
    if served.validator.is_valid(manifest):
        return set()
    from mlgitops.check.served.wording import problems_of

    return {p for error in served.validator.iter_errors(manifest) for p in problems_of(error, served.kind.schema)}


def _is_null(manifest: Manifest, path: Path) -> bool:
    """Whether null is written at a path, which leads to a field."""
    value: Any = manifest
    for part in path[:-1]:
        value = value[part]
    return isinstance(value, dict) and path[-1:] != () and path[-1] in value and value[path[-1]] is None


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_nulls(item) for key, item in value.items() if item is not None}
    return [_without_nulls(item) for item in value] if isinstance(value, list) else value


def _not_served(group: str, version: str, kind: str, schemas: Schemas) -> Problem:
    from mlgitops.spec.project_files import did_you_mean

    if versions := schemas.versions(group, kind):
        message = f"the target serves {kind} of {group or 'the core'}, but not as {version}"
        return Problem("kind-not-served", ("apiVersion",), message, f"it serves {', '.join(versions)}",
                       versions[0] if len(versions) == 1 else "")  # fmt: skip
    where = f" of {group}" if group else ""
    message = f"the target serves no {kind}{where}"
    help = f"install it there and import its schema: mlgitops schemas import FILE --target {schemas.target}"
    return Problem("kind-not-served", ("kind",), message, help, did_you_mean(kind, schemas.kinds(group)))
