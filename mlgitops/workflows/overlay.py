"""The overlay stage: rendered manifests through the environment's kustomization, by running kustomize in batches."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from mlgitops.errors import ToolError, ToolMissingError
from mlgitops.manifest import Manifest, identity, in_order
from mlgitops.render.overlay import (
    Batch,
    Cut,
    Overlay,
    contents,
    cut,
    joined,
    kustomization_in,
    manifests_of,
    not_carried,
    secret_strings,
    walk,
)
from mlgitops.tools.kustomize import LIMITS, Kustomize
from mlgitops.tools.process import Limits, ToolTimeoutError
from mlgitops.tools.sandbox import sandbox

AT_ONCE = 2
"""Builds at the same time. Each may use as much memory as the limit says."""


@dataclass(frozen=True, slots=True)
class Settings:
    """``batch_size`` is in objects, 1 or more; ``limits`` hold for every single build."""

    batch_size: int = 100
    limits: Limits = LIMITS


def overlay(
    manifests: Sequence[Manifest],
    directory: str,
    files: Mapping[str, bytes],
    kustomize: Callable[[], Kustomize],
    settings: Settings = Settings(),
    elsewhere: Collection[Manifest] = (),
) -> list[Manifest]:
    """The manifests of one target as the kustomization in ``directory`` leaves them, in the order of rendered output.

    ``files`` are the project's, by project-relative path. ``kustomize`` is asked for only if there is a kustomization.
    ``elsewhere`` are the manifests of the environment's other targets: a patch that names only objects of theirs is
    left out here instead of failing. Raises ``FindingsError`` for a kustomization that is refused, ``ToolError`` if
    kustomize fails and ``ToolMissingError`` if it is not there.
    """
    if not kustomization_in(directory, files):
        return in_order(manifests)
    checked = walk(directory, files)
    _check_carried(manifests)
    builds = _Builds(checked, files, kustomize(), settings.limits, secret_strings(manifests, checked, files))
    return in_order(_built(builds, cut(manifests, checked, settings.batch_size, elsewhere)))


def _check_carried(manifests: Sequence[Manifest]) -> None:
    if spoilt := not_carried(manifests):
        named = ", ".join(str(identity(manifest)) for manifest in spoilt[:5])
        raise ToolError(
            f"kustomize would change control characters or a key << in {named}",
            help="remove them from the specs that these objects come from",
        )


@dataclass(frozen=True, slots=True)
class _Builds:
    """All that is the same for every build."""

    overlay: Overlay
    files: Mapping[str, bytes]
    kustomize: Kustomize
    limits: Limits
    hidden: frozenset[str]

    def build(self, batch: Batch) -> list[Manifest]:
        with sandbox(contents(self.overlay, batch, self.files)) as root:
            output = self.kustomize.build(root, self.overlay.directory, self.limits, self.hidden)
        return manifests_of(output)


def _built(builds: _Builds, plan: Cut) -> list[Manifest]:
    if len(plan.batches) == 1:
        return _whole(builds, plan)
    try:
        found = joined(_all(builds, plan.batches))
    except ToolMissingError:
        raise
    except ToolError as error:
        return _decided(builds, plan, error)
    return _whole(builds, plan) if found is None else found


def _all(builds: _Builds, batches: Sequence[Batch]) -> list[list[Manifest]]:
    pool = ThreadPoolExecutor(AT_ONCE)
    try:
        return list(pool.map(builds.build, batches))
    finally:
        pool.shutdown(cancel_futures=True)


def _decided(builds: _Builds, plan: Cut, error: ToolError) -> list[Manifest]:
    """One build decides whether a batch failed rightly; if it takes too long, the batch's own words stand."""
    try:
        return _whole(builds, plan)
    except ToolTimeoutError:
        raise error from None


def _whole(builds: _Builds, plan: Cut) -> list[Manifest]:
    try:
        return builds.build(plan.whole)
    except ToolTimeoutError as error:
        if not plan.reason:
            raise
        help = f"{len(plan.whole.manifests)} objects had to be built at once, because {plan.reason}"
        raise ToolTimeoutError(error.message, help) from error
