"""Validates environments: every rule over specs and overlays, but nothing is rendered, so that it takes a moment."""

from __future__ import annotations

from mlgitops.errors import FindingsError
from mlgitops.finding import Finding, in_order
from mlgitops.render.findings_json import from_json, to_json
from mlgitops.workflows.fingerprint import fingerprint
from mlgitops.workflows.project import Opened, choose_environments


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

    findings = checked(opened.source, environment, opened.cache)[1]
    directory, files = f"environments/{environment}", opened.source.files()
    if kustomization_in(directory, files):
        try:
            walk(directory, files)
        except FindingsError as error:
            findings += error.findings
    return findings
