"""The first lines of a pull request's text: what a reviewer with little time has to know. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from mlgitops.promotion.branch import Kind
from mlgitops.promotion.cost import Cost, cost
from mlgitops.promotion.effect import Effect
from mlgitops.promotion.judgement import Judgement, MetricRow, Verdict
from mlgitops.promotion.request import Request
from mlgitops.report.plan import totals
from mlgitops.report.plan.markdown import code
from mlgitops.report.promotion.subject import Subject
from mlgitops.report.promotion.tables import cell
from mlgitops.spec.project_files import PROJECT_FILE

MOST_NAMES = 8
"""Names that are told in a line."""

_BINARY = ("Ki", "Mi", "Gi", "Ti")
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
    """What is asked for at all targets together, with the fewest replicas, and with the most."""
    sums: dict[str, list[Decimal]] = {}
    for _, found in effect.resources:
        for one in found:
            amounts = (one.before, one.after, one.most_before, one.most_after)
            known = sums.setdefault(one.resource, [Decimal(0)] * 4)
            sums[one.resource] = [a + b for a, b in zip(known, amounts, strict=True)]
    if not sums:
        return "processors, memory and accelerators stay as they are"
    return "; ".join(_delta(name, *amounts) for name, amounts in sums.items())


def costs(subject: Subject) -> str:
    """What a day costs more or less, by the project's own prices."""
    changed, prices = subject.effect.resources, subject.prices
    if not changed:
        return "stays as it is"
    if prices is None:
        return f"not known: {code(PROJECT_FILE)} has no {code('spec.prices')}"
    found = cost(changed, prices)
    missing = ", ".join(f"{code(name)} at {code(target)}" for target, name in found.unpriced[:MOST_NAMES])
    more = "…" if len(found.unpriced) > MOST_NAMES else ""
    priced = sum(len(deltas) for _, deltas in changed) > len(found.unpriced)
    told = [_a_day(found, prices.currency)] if priced else []
    return "; ".join([*told, *([f"no price for {missing}{more}"] if missing else [])])


def _a_day(found: Cost, currency: str) -> str:
    least, most = (f"{value:+.2f}" for value in (found.least, found.most))
    both = "" if least == most else f" with the fewest replicas, {most} with the most"
    return f"{least} {currency} a day{both}, if all runs all day"


def amount(resource: str, value: Decimal) -> str:
    """A number of cores or pieces, or of bytes with a unit."""
    number = float(value)
    if resource != "memory":
        return f"{number:g}"
    unit = ""
    for name in _BINARY:
        if abs(number) < 1024:
            break
        number, unit = number / 1024, name
    return f"{number:.4g}{unit}"


def _delta(name: str, before: Decimal, after: Decimal, most_before: Decimal, most_after: Decimal) -> str:
    told = f"{code(name)} {amount(name, before)} → {amount(name, after)}"
    if (before, after) == (most_before, most_after):
        return told
    return f"{told} (with the most replicas {amount(name, most_before)} → {amount(name, most_after)})"


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
