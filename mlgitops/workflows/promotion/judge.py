"""What is known of a release besides the release itself: its evidence, and what the environment's gates say of it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mlgitops.promotion.judgement import Comparison, Judgement, Measured, compare
from mlgitops.promotion.request import Request
from mlgitops.spec.release import Release
from mlgitops.workflows.promotion.base import Base
from mlgitops.workflows.promotion.facts import judge_gates, mismatch
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
    return Judgement(judge_gates(base, draft, now), _compared(request, content, champion), _digest(content))


def evidence_file(environment: str, release: Release | None) -> str:
    """Where a release's evidence is in an environment; empty where it has none."""
    return f"environments/{environment}/{release.evidence}" if release and release.evidence else ""


def _compared(request: Request, content: bytes | None, champion: bytes | None) -> Comparison:
    """The metrics of the proposed and the running release, by the content of their evidence files."""
    model = request.model
    comparison = compare(measured(content, model, request.new), measured(champion, model, request.old))
    for name, release, said in (("proposed", request.new, content), ("running", request.old, champion)):
        evidence = _read(said)
        if evidence and release and (told := mismatch(evidence, model, release)):
            return replace(comparison, not_comparable=f"the {name} release's evidence is about another one: {told}")
    return comparison


def _content(base: Base, environment: str, release: Release | None) -> bytes | None:
    path = evidence_file(environment, release)
    return base.content(path) if path else None


def _digest(content: bytes | None) -> str:
    from mlgitops.spec.document import content_digest

    return content_digest(content) if content is not None else ""


def measured(content: bytes | None, model: str, release: Release | None) -> Measured | None:
    """The metrics in a release's evidence file; None where there are none that can be read, or they are another's."""
    evidence = read_evidence(content, model, release)
    if evidence is None or not evidence.metrics:
        return None
    lower = frozenset(metric.name for metric in evidence.metrics if not metric.higher_is_better)
    return Measured({one.name: one.value for one in evidence.metrics}, evidence.data_digest or "", lower)


def parameters(content: bytes | None, model: str, release: Release) -> dict[str, str]:
    """The parameters in a release's evidence file."""
    evidence = read_evidence(content, model, release)
    return dict(evidence.parameters) if evidence else {}


def read_evidence(content: bytes | None, model: str, release: Release | None) -> Evidence | None:
    """The evidence in a release's file; None where there is none that can be read, or it is about another release."""
    evidence = _read(content)
    return evidence if evidence and release and not mismatch(evidence, model, release) else None


def _read(content: bytes | None) -> Evidence | None:
    from mlgitops.promotion.evidence import read

    try:
        return read(content) if content is not None else None
    except ValueError:
        return None
