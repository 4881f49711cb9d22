"""The first lines of a pull request's text: what a reviewer with little time has to know. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from mlgitops.capacity.account import NO_ACCOUNT, Account
from mlgitops.capacity.cost import Cost
from mlgitops.capacity.footprint import Amounts, Delta
from mlgitops.plan.change import TargetPlan
from mlgitops.promotion.branch import Kind
from mlgitops.promotion.effect import Effect
from mlgitops.promotion.judgement import Judgement, MetricRow, Verdict
from mlgitops.promotion.request import Request
from mlgitops.report.plan import account, totals
from mlgitops.report.plan.markdown import code
from mlgitops.report.promotion.subject import Subject
from mlgitops.report.promotion.tables import cell
from mlgitops.spec.project_files import PROJECT_FILE

MOST_NAMES = 8
"""Names that are told in a line."""

_WORDS = {Verdict.BLOCK: ("❌", "blocks", "block"), Verdict.WARN: ("⚠️", "warns", "warn")}


def summary(subject: Subject) -> Iterator[str]:
    """The lines, as Markdown."""
    request, effect = subject.request, subject.effect
    yield f"**{_sentence(request)}** {versions(request)}\n"
    if request.reason:
        yield f"Why: {cell(request.reason)}\n"
    yield from (f"- ⚠️ {cell(warning)}" for warning in request.warnings)
    yield from (f"- {cell(note)}" for note in request.notes)
    yield f"- class of change: {impact(effect)}"
    yield f"- for whom: {_for_whom(subject)}"
    if request.kind.changes_release:
        yield from _forms(request)
        yield f"- gates: {gates(subject.judgement)}"
        yield f"- metrics: {metrics(subject.judgement)}"
    yield f"- resources: {resources(effect)}"
    yield f"- cost: {costs(subject)}"
    if subject.owner:
        yield f"- who answers for it: {cell(subject.owner)}"
    if request.kind is Kind.ROLLBACK:
        lift = f"mlgitops release-hold {request.model} --env {request.target}"
        yield f"- sets a hold: nothing is promoted over it until {code(lift)}"


def versions(request: Request) -> str:
    """The version that runs and the one proposed."""
    before = f"{code(request.old.version)} → " if request.old and request.kind.changes_release else ""
    return before + code(request.new.version)


def impact(effect: Effect) -> str:
    """The gravest thing that happens, and what that means."""
    return f"**{effect.impact}** ({totals.MEANING[effect.impact] or 'nothing that runs changes'})"


def gates(judgement: Judgement) -> str:
    """How many pass, and the names of those that do not."""
    if not judgement.gates:
        return "this environment has none"
    told = [_verdicts(judgement, verdict) for verdict in _WORDS]
    passing = sum(gate.verdict is Verdict.OK for gate in judgement.gates)
    return ", ".join([*filter(None, told), f"{'✅ ' if passing else ''}{passing} of {len(judgement.gates)} pass"])


def metrics(judgement: Judgement) -> str:
    """How many are better and worse than those of what runs, where that can be told."""
    comparison = judgement.comparison
    if comparison.not_comparable:
        return f"not comparable: {comparison.not_comparable}"
    both = [row for row in comparison.rows if row.difference is not None]
    worse = [row for row in both if row.difference and not row.better]
    better = sum(row.better for row in both)
    words = [f"{better} better", f"{len(worse)} worse{_names(worse)}", f"{len(both) - better - len(worse)} the same"]
    return ", ".join(words) + ", on the same data"


def resources(effect: Effect) -> str:
    """What is asked for at all targets together, with the fewest replicas, and with the most, and in jobs."""
    found = together(effect)
    told = (f"{code(one.resource)} {account.resource(one, NO_ACCOUNT)}" for one in found.changed)
    return "; ".join(told) or "processors, memory and accelerators stay as they are"


def together(effect: Effect) -> Account:
    """The resources of all targets that change anything, added up; without quotas and prices, which differ."""
    sums: dict[str, tuple[Amounts, Amounts]] = {}
    for _, found in effect.resources:
        for one in found:
            before, after = sums.get(one.resource, (Amounts(), Amounts()))
            sums[one.resource] = (_sum(before, one.before), _sum(after, one.after))
    return Account(tuple(Delta(name, *sides) for name, sides in sums.items()))


def costs(subject: Subject) -> str:
    """What a month costs more or less, by the project's own prices."""
    effect = subject.effect
    if not effect.resources:
        return "stays as it is"
    accounts = [target.account for target in effect.plan.targets if target.account.changed]
    currency = next((one.prices.currency for one in accounts if one.prices), "")
    if not currency:
        return f"not known: {code(PROJECT_FILE)} has no {code('spec.prices')} for these targets"
    before, after = Cost(), Cost()
    for target in effect.plan.targets:
        if target.account.changed:
            old, new = _sides(target)
            before, after = before.plus(old), after.plus(new)
    return _difference(after.minus(before), currency)


def _sides(target: TargetPlan) -> tuple[Cost, Cost]:
    """What a target's changed resources cost before and after; those without a price are named with the target."""
    own = replace(target.account, resources=target.account.changed)
    missing = Cost(unpriced=tuple(one.resource for one in own.resources))
    old, new = own.before or missing, own.after or missing
    placed = [one._replace(unpriced=tuple(f"{name} at {target.target}" for name in one.unpriced)) for one in (old, new)]
    return placed[0], placed[1]


def _difference(more: Cost, currency: str) -> str:
    parts = [f"{more.least:+,.2f} {currency} a month"]
    parts += [f"{more.most:+,.2f} with the most replicas"] if more.most != more.least else []
    parts += [f"jobs {more.jobs:+,.2f} for each hour that they run"] if more.jobs else []
    unpriced = f"; {code(account.without_price(more.unpriced))}" if more.unpriced else ""
    return ", ".join(parts) + unpriced


def _sum(one: Amounts, other: Amounts) -> Amounts:
    return Amounts(one.least + other.least, one.most + other.most, one.jobs + other.jobs)


def _sentence(request: Request) -> str:
    model, target = code(request.model), code(request.target)
    sentences = {
        Kind.PROMOTE: f"Promotes {model} from {code(request.source)} to {target}:",
        Kind.ROLLBACK: f"Rolls {model} back in {target}:",
        Kind.RELEASE: f"Releases {model} to {target}, from training:",
        Kind.RELEASE_HOLD: f"Lifts the hold on {model} in {target}; it goes on running",
        Kind.COMPLETE: f"Ends the rollout of {model} in {target}; what goes on alone is",
        Kind.RETRAIN: f"Trains {model} anew in {target}; what is there now is",
        Kind.RETIRE: f"Marks {model} in {target} as {code(request.stage)}; its release is",
    }
    return sentences[request.kind]


def _for_whom(subject: Subject) -> str:
    targets = ", ".join(code(target.target) for target in subject.effect.plan.targets if target.pending)
    told = f"whoever uses it at {targets}" if targets else "nobody: no rendered object changes"
    shown = ", ".join(code(one) for one in subject.dependants[:MOST_NAMES])
    more = "…" if len(subject.dependants) > MOST_NAMES else ""
    return f"{told}; what relies on it: {shown}{more}" if shown else told


def _forms(request: Request) -> Iterator[str]:
    """Whether requests or answers have another form than those of the release that runs."""
    old = request.old.signature if request.old else None
    if old is not None and old != request.new.signature:
        yield "- **its inputs or outputs change**: see the release below"


def _verdicts(judgement: Judgement, verdict: Verdict) -> str:
    found = [gate.name for gate in judgement.gates if gate.verdict is verdict]
    sign, one, many = _WORDS[verdict]
    return f"{sign} **{len(found)} {one if len(found) == 1 else many}** ({_listed(found)})" if found else ""


def _names(rows: Sequence[MetricRow]) -> str:
    return f" ({_listed([row.name for row in rows])})" if rows else ""


def _listed(names: Sequence[str]) -> str:
    return ", ".join(map(cell, names[:MOST_NAMES])) + (", …" if len(names) > MOST_NAMES else "")
