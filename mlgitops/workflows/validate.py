"""Validates environments: every rule over specs and overlays, so that it takes a moment.

Nothing is rendered, except where a quota or a budget has to be held against all that is asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlgitops.errors import FindingsError
from mlgitops.finding import Finding, has_errors, in_order
from mlgitops.render.findings_json import from_json, to_json
from mlgitops.workflows.fingerprint import fingerprint
from mlgitops.workflows.project import Opened, choose_environments

if TYPE_CHECKING:
    from mlgitops.spec.resolve import Resolution


def validate(opened: Opened, asked: tuple[str, ...]) -> list[Finding]:
    """Every finding of the environments asked for, or of all, in the order of files. Writes nothing but the cache.

    Raises ``MlgitopsError`` for an environment that is not there.
    """
    try:
        environments = choose_environments(opened, asked)
        return in_order(finding for name in environments for finding in _findings(opened, name))
    except FindingsError as error:  # the files cannot be taken, or there is no environment among them
        return list(error.findings)


def _findings(opened: Opened, environment: str) -> list[Finding]:
    """The findings of one environment, from the cache where nothing changed."""
    if opened.cache is None:
        return _found(opened, environment)
    key = "findings-" + fingerprint(opened.source.files(), environment).whole
    held = opened.cache.get(key)
    if held is not None:
        return from_json(held)
    findings = _found(opened, environment)
    opened.cache.put(key, to_json(findings))
    return findings


def _found(opened: Opened, environment: str) -> list[Finding]:
    from mlgitops.render.overlay import kustomization_in, walk
    from mlgitops.workflows.render import checked

    resolution, findings = checked(opened.source, environment, opened.cache)
    directory, files = f"environments/{environment}", opened.source.files()
    if kustomization_in(directory, files):
        try:
            walk(directory, files)
        except FindingsError as error:
            findings += error.findings
    if _is_bounded(resolution) and not has_errors(findings):
        findings += _of_limits(opened, environment)
    return findings


def _is_bounded(resolution: Resolution) -> bool:
    """Whether there is a quota or a budget, which only what is rendered can be held against."""
    targets = resolution.targets.values()
    return any(target.spec.quota for target in targets) or bool(resolution.spec and resolution.spec.spec.budget)


def _of_limits(opened: Opened, environment: str) -> list[Finding]:
    from mlgitops.check.quota import CERTAIN, POLICY_CODES
    from mlgitops.workflows.render import render_environment

    try:
        findings = render_environment(opened.source, environment, opened.cache).findings
    except FindingsError as error:
        findings = tuple(error.findings)
    return [finding for finding in findings if finding.code in {CERTAIN, *POLICY_CODES}]
