"""Tells model registries which version an environment has, by an alias: what was merged, on the protected branch."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from mlgitops.errors import MlgitopsError, NotAuthorisedError
from mlgitops.registries import Registry, open_registry
from mlgitops.registries.registered import Reference, refer
from mlgitops.workflows.promotion.base import Base, models_of, read_model, release_of, require_environment


@dataclass(frozen=True)
class Alias:
    """What became of one model's alias: the version that had it, empty where none did, and what went wrong if so."""

    model: str
    reference: Reference
    alias: str
    before: str = ""
    error: MlgitopsError | None = None

    @property
    def changed(self) -> bool:
        """Whether another version had it."""
        return self.error is None and self.before != self.reference.version


def give(base: Base, environment: str, models: Iterable[str], alias: str, *, dry_run: bool) -> list[Alias]:
    """Gives the alias to the versions that an environment has; all its models that are registered where none is named.

    Safe to be run again, and late: what counts is the branch as it is now. One that fails holds no other.

    Raises ``MlgitopsError`` where a named model has no registered release, or two models of the environment run
    different versions of one registered model, and ``FindingsError``.
    """
    require_environment(base, environment)
    wanted = _wanted(base, environment, tuple(models))
    _refuse_contradiction(wanted, environment)
    registries: dict[str, Registry] = {}
    return [_given(registries, name, one, alias or environment, dry_run=dry_run) for name, one in wanted.items()]


def _wanted(base: Base, environment: str, named: tuple[str, ...]) -> dict[str, Reference]:
    wanted: dict[str, Reference] = {}
    for model in named or models_of(base, environment):
        release = release_of(read_model(base, environment, model))
        if release is not None and release.registered:
            wanted[model] = refer(release.registered)
        elif named:
            raise MlgitopsError(
                f"the release of {model} in {environment} names no version in a registry",
                help="Make releases with mlgitops release --from, or --registered.",
            )
    return wanted


def _refuse_contradiction(wanted: Mapping[str, Reference], environment: str) -> None:
    versions: dict[tuple[str, str], tuple[str, str]] = {}
    for model, one in wanted.items():
        other, version = versions.setdefault((one.kind, one.name), (model, one.version))
        if version != one.version:
            raise MlgitopsError(
                f"{other} and {model} in {environment} run versions {version} and {one.version} of {one.name}",
                help="An alias means one version: name one of these models.",
            )


def _given(registries: dict[str, Registry], model: str, wanted: Reference, alias: str, *, dry_run: bool) -> Alias:
    try:
        if wanted.kind not in registries:
            registries[wanted.kind] = open_registry(wanted.kind, os.environ)
        registry = registries[wanted.kind]
        before = registry.alias(wanted.name, alias)
        if before != wanted.version and not dry_run:
            registry.set_alias(wanted, alias)
    except NotAuthorisedError:
        raise
    except MlgitopsError as error:
        return Alias(model, wanted, alias, error=error)
    return Alias(model, wanted, alias, before)
