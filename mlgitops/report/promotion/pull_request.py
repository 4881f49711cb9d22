"""The text of a pull request of ours: all that a reviewer needs to say yes or no, within the forge's limit. Pure.

Sections that fit always come first; the plan and the rendered diff share what is left, and say where the rest is.
Values are within ``<code>`` or fences, so that nothing in a spec becomes markup, a mention or a command.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mlgitops.promotion.branch import Kind
from mlgitops.promotion.effect import Effect
from mlgitops.promotion.footprint import Delta
from mlgitops.promotion.judgement import Judgement, MetricRow, Verdict
from mlgitops.promotion.request import Request, side_by_side
from mlgitops.promotion.trailers import Trailers
from mlgitops.report.plan import markdown, totals
from mlgitops.report.plan.markdown import code
from mlgitops.report.promotion.rendered import folded_diffs
from mlgitops.report.promotion.tables import cell, table

_VERDICTS = {Verdict.OK: "✅ pass", Verdict.WARN: "⚠️ warns", Verdict.BLOCK: "❌ blocks"}
_BINARY = ("Ki", "Mi", "Gi", "Ti")
MOST_ROWS = 60
"""Metrics and gates that are shown."""
_LEAST_REST = 6_000
"""Characters that the plan and the diff have at least."""


@dataclass(frozen=True)
class Subject:
    """What a pull request is about: the request, what its merge changes, what gates say, and the commit's trailers.

    ``owner`` answers for the model. ``again`` is the command that prints all of it.
    """

    request: Request
    effect: Effect
    judgement: Judgement
    trailers: Trailers
    owner: str = ""
    again: str = "mlgitops promote --dry-run"


def body(subject: Subject, limit: int) -> str:
    """The pull request's text in at most ``limit`` characters (at least 10,000)."""
    fixed = "\n".join(_fixed(subject)) + "\n"
    rest = max(_LEAST_REST, limit - len(fixed))
    plan = f"\n## Plan\n\n{markdown(subject.effect.plan, max(4_000, rest // 2))}"
    diff = folded_diffs(subject.request.target, subject.effect.objects, rest - len(plan), subject.again)
    return fixed + plan + diff


def _fixed(subject: Subject) -> Iterator[str]:
    request = subject.request
    yield f"<!-- mlgitops:promotion {request.id} -->"
    yield from _summary(subject)
    if request.kind.changes_release:
        yield "\n## Release\n"
        titles = ("", f"now in {code(request.target)}", "proposed")
        rows = ((one.name, cell(one.old), _marked(one.old, one.new)) for one in side_by_side(request.old, request.new))
        yield from table(titles, rows)
        yield from _metrics(subject.judgement)
    yield from _gates(subject.judgement)
    yield from _resources(subject.effect)
    yield from _back(request)
    yield from _proof(subject.trailers)


def _summary(subject: Subject) -> Iterator[str]:
    request, impact = subject.request, subject.effect.impact
    versions = f"{code(request.old.version)} → " if request.old and request.kind.changes_release else ""
    yield f"**{_sentence(request)}** {versions}{code(request.new.version)}\n"
    if request.reason:
        yield f"Why: {cell(request.reason)}\n"
    targets = ", ".join(code(target.target) for target in subject.effect.plan.targets if target.pending)
    meaning = totals.MEANING[impact] or "nothing that runs changes"
    yield f"- class of change: **{impact}** ({meaning})"
    yield f"- for whom: {f'whoever uses it at {targets}' if targets else 'nobody: no rendered object changes'}"
    if subject.owner:
        yield f"- who answers for it: {cell(subject.owner)}"
    if request.kind is Kind.ROLLBACK:
        yield f"- sets a hold: nothing is promoted over it until {code(_lift(request))}"


def _sentence(request: Request) -> str:
    model, target = code(request.model), code(request.target)
    sentences = {
        Kind.PROMOTE: f"Promotes {model} from {code(request.source)} to {target}:",
        Kind.ROLLBACK: f"Rolls {model} back in {target}:",
        Kind.RELEASE: f"Releases {model} to {target}, from training:",
        Kind.RELEASE_HOLD: f"Lifts the hold on {model} in {target}; it goes on running",
        Kind.RETIRE: f"Marks {model} in {target} as {code(request.stage)}; its release is",
    }
    return sentences[request.kind]


def _marked(old: str, new: str) -> str:
    if old and not new:
        return "*not said*"
    return f"**{cell(new)}**" if new and new != old else cell(new)


def _metrics(judgement: Judgement) -> Iterator[str]:
    comparison = judgement.comparison
    yield "\n## Metrics\n"
    if comparison.not_comparable:
        yield f"Not comparable: {comparison.not_comparable}.\n"
    comparable = not comparison.not_comparable
    rows = (
        (cell(row.name), _number(row.candidate), _number(row.champion), _difference(row) if comparable else "")
        for row in comparison.rows[:MOST_ROWS]
    )
    yield from table(("metric", "proposed", "running", "difference"), rows)


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.6g}"


def _difference(row: MetricRow) -> str:
    if row.difference is None:
        return ""
    word = "better" if row.better else "worse" if row.difference else "the same"
    return f"{row.difference:+.4g} ({word})"


def _gates(judgement: Judgement) -> Iterator[str]:
    yield "\n## Gates\n"
    if not judgement.gates:
        yield "This environment has no gates."
    rows = (
        (cell(gate.name), _VERDICTS[gate.verdict], cell(gate.value), cell(gate.bound), cell(gate.message))
        for gate in judgement.gates[:MOST_ROWS]
    )
    yield from table(("gate", "verdict", "value", "bound", "what it means"), rows)


def _resources(effect: Effect) -> Iterator[str]:
    yield "\n## Resources\n"
    rows = [(code(target), code(one.resource), *_amounts(one)) for target, found in effect.resources for one in found]
    yield from table(("target", "resource", "with the fewest replicas", "with the most"), rows)
    if not rows:
        yield "No change of processors, memory or accelerators."


def _amounts(delta: Delta) -> tuple[str, str]:
    pairs = ((delta.before, delta.after), (delta.most_before, delta.most_after))
    least, most = (f"{_amount(delta.resource, old)} → {_amount(delta.resource, new)}" for old, new in pairs)
    return least, most


def _amount(resource: str, value: object) -> str:
    number = float(str(value))
    if resource != "memory":
        return f"{number:g}"
    unit = ""
    for name in _BINARY:
        if abs(number) < 1024:
            break
        number, unit = number / 1024, name
    return f"{number:.4g}{unit}"


def _back(request: Request) -> Iterator[str]:
    yield "\n## How to go back\n"
    if request.kind in (Kind.PROMOTE, Kind.RELEASE) and request.old:
        yield f"{code(f'mlgitops rollback {request.model} --env {request.target} --to {request.old.version}')}"
        yield "opens the pull request that restores the release above, and sets a hold."
    elif request.kind is Kind.ROLLBACK:
        yield f"{code(_lift(request))}, then promote again."
    else:
        yield "Revert the merge of this pull request."


def _lift(request: Request) -> str:
    return f"mlgitops release-hold {request.model} --env {request.target}"


def _proof(trailers: Trailers) -> Iterator[str]:
    yield "\n<details><summary>Digests, as in the commit's trailers</summary>\n"
    rows = {
        "promotion": trailers.promotion_id,
        "release": trailers.release_digest,
        "evidence": trailers.evidence_digest or "none",
        "plan": trailers.plan_digest or "none",
    }
    yield from table(("of the", "digest"), ((name, code(value)) for name, value in rows.items()))
    yield "\n</details>"
