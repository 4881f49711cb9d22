"""Holds a rendering against the quotas of its targets and the budget of its environment."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from mlgitops.errors import FindingsError
from mlgitops.finding import Severity, has_errors, in_order

if TYPE_CHECKING:
    from mlgitops.capacity.limits import Spending
    from mlgitops.finding import Finding
    from mlgitops.render.rendering import Rendering
    from mlgitops.sources import Source
    from mlgitops.spec.document import Document


def within_limits(source: Source, rendering: Rendering) -> Rendering:
    """The rendering with what is found of its quotas and its budget. Raises ``FindingsError`` where that is an error.

    It is of all models and pipelines together, so that it is not part of what is rendered anew or cached.
    """
    found = [one for one in _findings(source, rendering) if rendering.levels.get(one.code) != "off"]
    if not found:
        return rendering
    findings = in_order([*rendering.findings, *(_levelled(one, rendering) for one in found)])
    if has_errors(findings):
        raise FindingsError(findings)
    return replace(rendering, findings=tuple(findings))


def spending_of(rendering: Rendering) -> Spending | None:
    """What the environment costs, beside its budget; None where it has none."""
    from mlgitops.capacity.footprint import footprint
    from mlgitops.capacity.limits import spending

    if rendering.budget is None:
        return None
    targets = ((t.target, footprint(t.manifests, t.terms.classes), t.terms) for t in rendering.targets)
    return spending(rendering.budget, targets)


def _findings(source: Source, rendering: Rendering) -> Iterator[Finding]:
    from mlgitops.capacity.footprint import footprint
    from mlgitops.capacity.limits import over_quota
    from mlgitops.check.quota import exceeded, too_dear

    for target in rendering.targets:
        if not (target.terms.quota or target.terms.queue):
            continue
        for excess in over_quota(footprint(target.manifests, target.terms.classes), target.terms):
            document = _document(source, f"targets/{target.target}.yaml")
            yield exceeded(document, target.target, rendering.environment, excess)
    spent = spending_of(rendering)
    if spent is not None:
        yield from too_dear(_document(source, f"environments/{rendering.environment}/environment.yaml"), spent)


def _document(source: Source, path: str) -> Document:
    from mlgitops.spec.document import load

    return load(path, source.files().get(path, b""))


def _levelled(finding: Finding, rendering: Rendering) -> Finding:
    """Policy decides about all but what cannot run at all."""
    level = rendering.levels.get(finding.code)
    return replace(finding, severity=Severity(level)) if level else finding
