"""The text of a pull request of ours: all that a reviewer needs to say yes or no, within the forge's limit. Pure.

Sections that fit always come first; the plan and the rendered diff share what is left, and say where the rest is.
Values are within ``<code>`` or fences, so that nothing in a spec becomes markup, a mention or a command.
"""

from __future__ import annotations

from collections.abc import Iterator

from mlgitops.capacity.account import Account
from mlgitops.capacity.cost import Cost
from mlgitops.capacity.footprint import Delta
from mlgitops.plan.change import TargetPlan
from mlgitops.promotion.branch import Kind
from mlgitops.promotion.effect import Effect
from mlgitops.promotion.judgement import GateResult, Judgement, MetricRow, Verdict
from mlgitops.promotion.request import Request, side_by_side, unsaid
from mlgitops.promotion.trailers import Trailers, written
from mlgitops.report.plan import account
from mlgitops.report.plan.markdown import code, markdown
from mlgitops.report.promotion.rendered import folded_diffs
from mlgitops.report.promotion.subject import Subject
from mlgitops.report.promotion.summary import summary
from mlgitops.report.promotion.tables import cell, table

_VERDICTS = {Verdict.BLOCK: "❌ blocks", Verdict.WARN: "⚠️ warns", Verdict.OK: "✅ pass"}
MOST_ROWS = 60
"""Metrics and gates that are shown."""
_LEAST_REST = 6_000
"""Characters that the plan and the diff have at least."""
_FROM_GIT = "What changes in the manifests, from Git alone; what was changed at a target by hand is not seen here."


def body(subject: Subject, limit: int) -> str:
    """The pull request's text in at most ``limit`` characters (at least 10,000)."""
    head = fixed(subject)
    rest = max(_LEAST_REST, limit - len(head))
    plan = f"\n## Plan\n\n{_FROM_GIT}\n\n{markdown(subject.effect.plan, max(4_000, rest // 2), subject.again)}"
    diff = folded_diffs(subject.request.target, subject.effect.objects, rest - len(plan), subject.again)
    return head + plan + diff


def fixed(subject: Subject) -> str:
    """The text without the plan and the diff."""
    return "\n".join(_fixed(subject)) + "\n"


def _fixed(subject: Subject) -> Iterator[str]:
    request = subject.request
    yield f"<!-- mlgitops:promotion {request.id} -->"
    yield from summary(subject)
    if request.kind.changes_release:
        yield from _release(request)
        yield from _metrics(subject.judgement)
        yield from _gates(subject.judgement)
    yield from _resources(subject.effect)
    yield from _back(request)
    yield from _proof(subject.trailers)


def _release(request: Request) -> Iterator[str]:
    yield "\n## Release\n"
    titles = ("", f"now in {code(request.target)}", "proposed")
    rows = ((one.name, cell(one.old), _marked(one.old, one.new)) for one in side_by_side(request.old, request.new))
    yield from table(titles, rows)
    if missing := unsaid(request.new):
        yield f"\nThe proposed release does not say: {', '.join(missing)}."


def _marked(old: str, new: str) -> str:
    if old and not new:
        return "*not said*"
    return f"**{cell(new)}**" if new and new != old else cell(new)


def _metrics(judgement: Judgement) -> Iterator[str]:
    comparison = judgement.comparison
    yield "\n## Metrics\n"
    if comparison.not_comparable:
        yield f"Not comparable: {comparison.not_comparable}.\n"
    else:
        yield f"Both measured on the data {cell(comparison.data_digest)}.\n"
    comparable = not comparison.not_comparable
    rows = (
        (cell(row.name), _number(row.candidate), _number(row.champion), _difference(row) if comparable else "")
        for row in comparison.rows[:MOST_ROWS]
    )
    yield from table(("metric", "proposed", "running", "difference"), rows)
    yield from _left_out(len(comparison.rows), "metrics")


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.6g}"


def _difference(row: MetricRow) -> str:
    if row.difference is None:
        return ""
    word = "better" if row.better else "worse" if row.difference else "the same"
    return f"{row.difference:+.4g} ({word})"


def _gates(judgement: Judgement) -> Iterator[str]:
    """The gates, those that block first."""
    yield "\n## Gates\n"
    if not judgement.gates:
        yield "This environment has no gates."
    order = list(_VERDICTS)
    gates = sorted(judgement.gates, key=lambda gate: order.index(gate.verdict))
    yield from table(("gate", "verdict", "value", "bound", "what it means"), map(_gate, gates[:MOST_ROWS]))
    yield from _left_out(len(gates), "gates")


def _gate(gate: GateResult) -> tuple[str, ...]:
    return cell(gate.name), _VERDICTS[gate.verdict], cell(gate.value), cell(gate.bound), cell(gate.message)


def _left_out(number: int, what: str) -> Iterator[str]:
    if number > MOST_ROWS:
        yield f"\n{number - MOST_ROWS} more {what} are not shown."


def _resources(effect: Effect) -> Iterator[str]:
    yield "\n## Resources\n"
    rows = [_of_target(target, one) for target in effect.plan.targets for one in target.account.changed]
    yield from table(("target", "resource", "asked for", "cost"), rows[:MOST_ROWS])
    yield from _left_out(len(rows), "resources")
    told = dict.fromkeys(
        f"{one.source}, {one.as_of}" for t in effect.plan.targets if (one := t.account.prices) and rows
    )
    yield from (f"\nPrices: {cell(source)}" for source in told)
    if not rows:
        yield "No change of processors, memory or accelerators."


def _of_target(target: TargetPlan, delta: Delta) -> tuple[str, ...]:
    own = target.account
    alone = Account((delta,), own.quota, own.prices)
    told = (
        "" if own.prices is None else account.cost(alone.before or Cost(), alone.after or Cost(), own.prices.currency)
    )
    return code(target.target), code(delta.resource), account.resource(delta, own), cell(told)


def _back(request: Request) -> Iterator[str]:
    yield "\n## How to go back\n"
    model, target = request.model, request.target
    if request.kind is Kind.RETRAIN:
        yield f"Remove {code('spec.run')} from the pipeline, and its run goes, finished or not."
        yield "A revert to a number before runs that again; training without steps begins anew without a number, too."
    elif not request.kind.changes_release:
        yield "Revert the merge of this pull request."
    elif request.kind is Kind.ROLLBACK:
        yield f"{code(f'mlgitops release-hold {model} --env {target}')}, then promote again."
    elif request.old:
        yield f"{code(f'mlgitops rollback {model} --env {target} --to {request.old.version}')}"
        yield "opens the pull request that restores the release above, and sets a hold."
    else:
        yield f"Nothing ran before it. {code(f'mlgitops retire {model} --env {target}')}"
        yield "opens the pull request that deprecates it and, once that is merged, the one by which it is removed."


def _proof(trailers: Trailers) -> Iterator[str]:
    """The trailers but for who asked: where pull requests are squashed, many forges make this text the message."""
    yield "\n<details><summary>The commit's trailers</summary>\n"
    yield from ("```", *written(trailers.claims), "```")
    yield "\n</details>"
