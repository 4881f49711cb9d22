"""What is known of a release besides the release itself: its evidence, and what the environment's gates say of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlgitops.promotion.judgement import Judgement, Measured, compare
from mlgitops.spec.release import Release
from mlgitops.workflows.promotion.base import Base
from mlgitops.workflows.promotion.facts import judge_gates
from mlgitops.workflows.promotion.proposal import Draft

if TYPE_CHECKING:
    from mlgitops.promotion.evidence import Evidence


def judge(base: Base, draft: Draft, now: str) -> Judgement:
    """What the gates say at a time (RFC 3339), and the evidence compared with that of the release that runs."""
    request = draft.request
    if not request.kind.changes_release:
        return Judgement()
    path = evidence_file(request.target, request.new)
    content = draft.files.get(path, base.content(path)) if path else None
    champion = _content(base, request.target, request.old)
    comparison = compare(measured(content), measured(champion))
    gates = judge_gates(base, draft, now)
    return Judgement(gates, comparison, _digest(content))


def evidence_file(environment: str, release: Release | None) -> str:
    """Where a release's evidence is in an environment; empty where it has none."""
    return f"environments/{environment}/{release.evidence}" if release and release.evidence else ""


def _content(base: Base, environment: str, release: Release | None) -> bytes | None:
    path = evidence_file(environment, release)
    return base.content(path) if path else None


def _digest(content: bytes | None) -> str:
    from mlgitops.spec.document import content_digest

    return content_digest(content) if content is not None else ""


def measured(content: bytes | None) -> Measured | None:
    """The metrics in an evidence file; None where there are none that can be read."""
    evidence = read_evidence(content)
    if evidence is None or not evidence.metrics:
        return None
    lower = frozenset(metric.name for metric in evidence.metrics if not metric.higher_is_better)
    return Measured({one.name: one.value for one in evidence.metrics}, evidence.data_digest or "", lower)


def parameters(content: bytes | None) -> dict[str, str]:
    """The parameters in an evidence file."""
    evidence = read_evidence(content)
    return dict(evidence.parameters) if evidence else {}


def read_evidence(content: bytes | None) -> Evidence | None:
    """The evidence in a file; None where there is none that can be read."""
    from mlgitops.promotion.evidence import read

    try:
        return read(content) if content is not None else None
    except ValueError:
        return None
