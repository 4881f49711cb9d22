"""What came of adding evidence, or of asking a model, as text or JSON. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from mlgitops.promotion.evidence import Evidence, plain
from mlgitops.promotion.responses import Measured
from mlgitops.report import inert
from mlgitops.report.findings import counted
from mlgitops.report.style import Style
from mlgitops.spec.secrets import mask

MOST_PROBLEMS = 10
"""Kinds of wrong answers that are shown."""
MOST_METRICS = 20
LONGEST = 200


def text(evidence: Evidence, style: Style) -> str:
    """The evidence in a few lines."""
    return "\n".join(_lines(evidence, style)) + "\n"


def json(evidence: Evidence) -> str:
    """The evidence as JSON, with nothing in it that acts on a terminal."""
    return inert.json_text(plain(evidence))


def problems(measured: Measured, style: Style) -> str:
    """What was wrong with answers, the most frequent first; empty where nothing was."""
    found = measured.problems
    lines = [
        style.red(f"{times:>7,} x line {line}: {_shown(problem)}")
        for problem, (times, line) in list(found.items())[:MOST_PROBLEMS]
    ]
    rest = len(found) - MOST_PROBLEMS
    return "\n".join([*lines, *([f"and {counted(rest, 'other problem')}"] if rest > 0 else [])])


def _lines(evidence: Evidence, style: Style) -> Iterator[str]:
    yield style.bold(inert.line(f"{evidence.model} {evidence.version}"))
    for metric in evidence.metrics[:MOST_METRICS]:
        direction = "" if metric.higher_is_better else " (lower is better)"
        yield f"  {_shown(metric.name)}: {metric.value:.6g}{direction}"
    if len(evidence.metrics) > MOST_METRICS:
        yield f"  and {counted(len(evidence.metrics) - MOST_METRICS, 'other metric')}"
    if latency := evidence.latency:
        yield f"  latency: p50 {latency.p50:g} ms, p95 {latency.p95:g} ms, p99 {latency.p99:g} ms"
        yield f"  throughput: {latency.throughput:g} a second, {counted(latency.requests, 'request')} in all"
        yield f"  error rate: {latency.error_rate:.4g}"
    for gap in evidence.fairness[:MOST_METRICS]:
        yield f"  gap of {_shown(gap.name)} by {_shown(gap.attribute)}: {gap.gap:.6g}"
    if tests := evidence.tests:
        yield f"  tests: {tests.passed:,} passed, {tests.failed:,} failed, {tests.skipped:,} skipped"
    for one in evidence.health:
        yield f"  in {one.environment}: {_shown(one.state)} since {one.since}, seen at {one.observed_at}"
    for seen in evidence.drift:
        names = ", ".join(map(_shown, seen.drifted[:MOST_METRICS])) or "nothing"
        yield f"  drifted in {seen.environment} at {seen.target}: {names}, seen at {seen.observed_at}"


def _shown(value: str) -> str:
    return inert.shortened(inert.line(mask(value)), LONGEST)
