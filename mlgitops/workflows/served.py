"""Checks manifests against what their target serves, where its schemas were imported, and says where each is wrong."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from mlgitops.check.served.schemas import schemas_of
from mlgitops.finding import Finding, Location
from mlgitops.manifest import Manifest, identity

if TYPE_CHECKING:
    from mlgitops.check.served.problem import Path, Problem
    from mlgitops.check.served.schemas import Schemas
    from mlgitops.sources import Source
    from mlgitops.sources.cache import Cache

_UNREADABLE = "import the schemas of this target again: mlgitops schemas import"


class _Wrong(NamedTuple):
    """What may be wrong in many objects for one reason: a patch is written once and applied to all."""

    problem: Problem
    location: Location
    excerpt: str


def check_served(
    source: Source, environment: str, target: str, manifests: Sequence[Manifest], cache: Cache | None
) -> Iterator[Finding]:
    """Findings over the manifests of one target of one environment; none at all where nothing was imported for it."""
    from mlgitops.check.served.schemas import UnreadableSchemaError

    schemas = schemas_of(target, source.files())
    if schemas is None:
        return
    try:
        problems = _problems(manifests, schemas)
    except UnreadableSchemaError as error:
        yield Finding("served-schema-unreadable", f"{error.path} cannot be used: {error}", Location(error.path),
                      help=_UNREADABLE)  # fmt: skip
        return
    if problems:
        yield from _findings(source, environment, target, problems, cache)


def _problems(manifests: Sequence[Manifest], schemas: Schemas) -> list[tuple[Manifest, Problem]]:
    from mlgitops.check.served.validate import check, defined_by

    defined = defined_by(manifests)
    named = [manifest for manifest in manifests if _has_identity(manifest)]
    return [(manifest, problem) for manifest in named for problem in check(manifest, schemas, defined)]


def _findings(
    source: Source, environment: str, target: str, problems: Sequence[tuple[Manifest, Problem]], cache: Cache | None
) -> Iterator[Finding]:
    from mlgitops.check.served.problem import dotted
    from mlgitops.workflows.locate import Locator

    locator = Locator(source, environment, cache)
    wrong: dict[_Wrong, list[str]] = {}
    for manifest, problem in problems:
        location = locator.locate(manifest, _by_name(manifest, problem.path))
        excerpt = "" if manifest["kind"] == "Secret" else _excerpt(source.files(), location)
        name = f"{manifest['kind']}/{manifest['metadata']['name']}"
        wrong.setdefault(_Wrong(problem, location, excerpt), []).append(name)
    for (problem, location, excerpt), names in wrong.items():
        others = f" and {len(names) - 1:,} more" if len(names) > 1 else ""
        yield Finding(
            problem.code, f"{names[0]}{others} on {target}: {problem.message}", location,
            pointer=dotted(problem.path), excerpt=excerpt, help=problem.help, suggestion=problem.suggestion,
        )  # fmt: skip


def _has_identity(manifest: Manifest) -> bool:
    """Others are told of by ``check.manifests``."""
    try:
        identity(manifest)
    except (KeyError, TypeError, AttributeError):
        return False
    return True


def _by_name(manifest: Manifest, path: Path) -> Path:
    """The path with the names of list items for their positions, which an overlay may have changed."""
    value: object = manifest
    named: list[str | int] = []
    for part in path:
        if isinstance(value, dict):
            value = value.get(part)
            named.append(part)
        else:
            value = value[part] if isinstance(value, list) and isinstance(part, int) and part < len(value) else None
            name = value.get("name") if isinstance(value, dict) else None
            named.append(f"[{name}]" if isinstance(name, str) else part)
    return tuple(named)


def _excerpt(files: Mapping[str, bytes], location: Location) -> str:
    """The line, without secrets; none of a file that makes Secrets."""
    from mlgitops.spec.source_text import excerpt_of, lines_of

    text = files.get(location.path, b"").decode("utf-8", "replace")
    return "" if "secretGenerator" in text else excerpt_of(lines_of(text), location.line)
