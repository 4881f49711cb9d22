"""Renders an environment: load, resolve, check, render, overlay, check again. The same every time, byte for byte."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from mlgitops.errors import FindingsError
from mlgitops.finding import Finding, has_errors, in_order
from mlgitops.manifest import Manifest
from mlgitops.manifest import in_order as manifests_in_order
from mlgitops.render.rendering import Rendering, TargetRendering
from mlgitops.sources import Source
from mlgitops.sources.cache import Cache
from mlgitops.workflows.fingerprint import fingerprint
from mlgitops.workflows.incremental import Kept, Made, renew
from mlgitops.workflows.limits import within_limits

if TYPE_CHECKING:
    from mlgitops.spec import project as spec
    from mlgitops.spec.project_files import ProjectFiles
    from mlgitops.spec.resolve import Resolution
    from mlgitops.spec.target import TargetSpec
    from mlgitops.workflows.overlay import Settings


def render_environment(source: Source, environment: str, cache: Cache | None = None) -> Rendering:
    """The manifests of an environment, from the cache where nothing changed. Raises ``FindingsError``."""
    rendering = make(source, environment, cache).rendering if cache else _render(source, environment, None)
    return within_limits(source, replace(rendering, commit=commit_of(source)))


def make(source: Source, environment: str, cache: Cache | None, before: Made | None = None) -> Made:
    """The rendering of an environment: only what changed since ``before`` is made anew, or since what the cache has.

    It is without its commit. Raises ``FindingsError``.
    """
    origin = fingerprint(source.files(), environment)

    def render(part: Source) -> Rendering:
        return _render(part, environment, cache)

    if before is not None and (renewed := renew(before, origin, source, render)) is not None:
        return Made(renewed, origin)
    kept = Kept(cache)
    rendering = kept.rendering(origin)
    if rendering is None:
        last = kept.last(origin)
        rendering = (renew(last, origin, source, render) if last else None) or render(source)
        kept.keep(Made(rendering, origin))
    return Made(rendering, origin)


def commit_of(source: Source) -> str:
    """The commit as manifests and plans name it: with ``-dirty`` where files differ from it."""
    return f"{source.commit}-dirty" if source.commit and source.dirty else source.commit


def _render(source: Source, environment: str, cache: Cache | None) -> Rendering:
    from mlgitops.capacity.cluster_queue import queue_quota
    from mlgitops.check.manifests import check as check_manifests
    from mlgitops.check.relations import links
    from mlgitops.check.rules import capacity_levels
    from mlgitops.render.render import render_targets
    from mlgitops.render.stepping import server_of, stepping
    from mlgitops.render.terms import budget, terms
    from mlgitops.workflows.served import check_served

    resolution, findings = checked(source, environment, cache)
    refuse(findings)
    assert resolution.project is not None
    rendered, rollouts = render_targets(resolution), stepping(resolution.models)
    targets = []
    for name, target in resolution.targets.items():
        manifests = _overlaid(source, resolution, rendered, name)
        findings += check_manifests(name, environment, manifests)
        findings += check_served(source, environment, name, manifests, cache)
        own = replace(terms(target.spec, resolution.project.spec.prices), queue=queue_quota(manifests))
        connection, by_steps = _connection(resolution, target.spec), tuple(rollouts.get(name, ()))
        targets.append(TargetRendering(name, connection, tuple(manifests), own, by_steps, server_of(target.spec)))
    refuse(findings)
    return Rendering(
        resolution.project.metadata.name, environment, tuple(targets), tuple(in_order(findings)),
        ignore=_ignore(resolution), links=links(resolution), levels=capacity_levels(resolution),
        budget=budget(resolution.spec.spec) if resolution.spec else None,
    )  # fmt: skip


def _ignore(resolution: Resolution) -> tuple[dict[str, Any], ...]:
    """The environment's ignore rules as plain data."""
    declared = resolution.spec.spec.ignore if resolution.spec else ()
    return tuple(rule.model_dump(mode="json", by_alias=True) for rule in declared)


def _connection(resolution: Resolution, target: TargetSpec) -> dict[str, Any]:
    """The Target's connection block; the inventory of a cluster is where the models run, unless said otherwise."""
    connection = target.connection.model_dump(mode="json", by_alias=True, exclude_none=True)
    if "kubernetes" in connection:
        own = resolution.spec.spec.namespace if resolution.spec else None
        connection["kubernetes"] = {"namespace": own or target.namespace, **connection["kubernetes"]}
    return connection


def checked(source: Source, environment: str, cache: Cache | None) -> tuple[Resolution, list[Finding]]:
    """The environment resolved, with every finding about its specs."""
    from mlgitops.check.rules import check
    from mlgitops.spec.resolve import resolve
    from mlgitops.workflows.documents import read_project

    files, documents, findings = read_project(source, cache)
    resolution = resolve(files, environment)
    others = tuple(f"environments/{name}/" for name in _environments(files) - {environment})
    relevant = [document for document in documents if not document.path.startswith(others)]
    found = [*findings, *resolution.findings, *check(resolution, relevant)]
    return resolution, [finding for finding in found if not finding.location.path.startswith(others)]


def _environments(files: ProjectFiles) -> set[str]:
    """The environments that have a file, readable or not: what is broken in one must not stop another."""
    unread = {path.split("/")[1] for path in files.unread if path.startswith("environments/")}
    return {name for name, own in files.environments.items() if own.environment} | unread


def refuse(findings: list[Finding]) -> None:
    """Raises ``FindingsError`` with all findings where any of them is an error."""
    if has_errors(findings):
        raise FindingsError(in_order(findings))


def _overlaid(
    source: Source, resolution: Resolution, rendered: Mapping[str, list[Manifest]], target: str
) -> list[Manifest]:
    """The target's manifests after the environment's kustomization, all of them with our labels."""
    from mlgitops.render.metadata import tagged
    from mlgitops.tools.kustomize import find
    from mlgitops.workflows.overlay import overlay

    assert resolution.project is not None
    settings = _settings(resolution.project.spec.render.kustomize)
    elsewhere = [manifest for name, manifests in rendered.items() if name != target for manifest in manifests]
    directory = f"environments/{resolution.environment}"
    overlaid = overlay(
        rendered[target], directory, source.files(), lambda: find(os.environ), settings, elsewhere=elsewhere
    )
    return manifests_in_order(tagged(m, resolution, target) for m in overlaid)


def _settings(kustomize: spec.Kustomize) -> Settings:
    from mlgitops.spec.quantities import amount, seconds
    from mlgitops.tools.kustomize import LIMITS
    from mlgitops.workflows.overlay import Settings

    limits = replace(LIMITS, timeout=seconds(kustomize.timeout), memory=int(amount(kustomize.memory)))
    return Settings(kustomize.batch_size, limits)
