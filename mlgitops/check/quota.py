"""Rules about quotas and budgets: a quota's classes are the Target's, and what is asked for is within. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mlgitops.capacity.amounts import written
from mlgitops.capacity.limits import QUEUED, Excess, Spending
from mlgitops.finding import Finding, Severity
from mlgitops.spec.document import Document
from mlgitops.spec.positions import Pointer, value_of
from mlgitops.spec.project_files import did_you_mean

CERTAIN, POSSIBLE, DEAR, UNKNOWN = "over-quota", "quota-may-be-exceeded", "over-budget", "budget-not-known"
POLICY_CODES = frozenset({POSSIBLE, DEAR, UNKNOWN})
"""Codes whose level a Project or an Environment may change; all of them are warnings otherwise."""


def check(documents: Iterable[Document]) -> Iterator[Finding]:
    """Findings for every Target whose quota names a class that it does not have."""
    for document in documents:
        named = value_of(document.data, ("spec", "quota", "accelerators"))
        if document.data.get("kind") == "Target" and isinstance(named, dict):
            known = value_of(document.data, ("spec", "accelerators"))
            classes = [str(name) for name in known] if isinstance(known, dict) else []
            yield from (_unknown(document, str(name), classes) for name in named if name not in classes)


def _unknown(document: Document, name: str, classes: list[str]) -> Finding:
    return document.finding(
        "unknown-accelerator", ("spec", "quota", "accelerators", name),
        f"there is no accelerator '{name}' in spec.accelerators",
        help=f"one of: {', '.join(sorted(classes))}" if classes else "declare it in spec.accelerators", key=True,
        suggestion=did_you_mean(name, classes),
    )  # fmt: skip


def exceeded(document: Document, target: str, environment: str, excess: Excess) -> Finding:
    """The finding that an environment asks a target for more than the quota in the Target's document."""
    name = excess.resource
    pointer = _pointer(excess)
    asked, quota = written(name, excess.asked), written(name, excess.quota)
    whose = f" ({excess.whose})" if excess.whose else ""
    message = f"{environment} asks target {target} for {asked} of {name} {excess.what}{whose}, and its quota is {quota}"
    help = "ask for less, lower replicas, move something to another target, or raise the quota where there is room"
    if excess.certain:
        return document.finding(CERTAIN, pointer, message, help=help)
    at = document.written(pointer, False)
    return Finding(
        POSSIBLE, message, at.location, Severity.WARNING, pointer=".".join(map(str, pointer)), excerpt=at.excerpt,
        help=help,
    )  # fmt: skip


def _pointer(excess: Excess) -> Pointer:
    """Where the quota is written; of a ClusterQueue, where the Target says that Kueue is there."""
    if excess.what == QUEUED:
        return ("spec", "components", "kueue")
    if excess.resource in ("cpu", "memory"):
        return ("spec", "quota", excess.resource)
    return ("spec", "quota", "accelerators", excess.resource)


def too_dear(document: Document, spending: Spending) -> Iterator[Finding]:
    """Findings where an environment costs more than its budget, or where nobody can tell because prices are missing."""
    at, pointer = document.written(("spec", "budget", "monthly"), False), "spec.budget.monthly"
    budget, currency = spending.budget, spending.currency
    if spending.cost.unpriced:
        shown = ", ".join(spending.cost.unpriced[:5]) + (", …" if len(spending.cost.unpriced) > 5 else "")
        yield Finding(
            UNKNOWN, f"what it costs is not wholly known: no price for {shown}", at.location, Severity.WARNING,
            pointer=pointer, excerpt=at.excerpt,
            help="add the prices to mlgitops.yaml, spec.prices, with their source and day",
        )  # fmt: skip
    if spending.is_over:
        cost = f"{spending.monthly:,.2f} {currency} a month with the {budget.replicas} replicas"
        yield Finding(
            DEAR, f"it costs {cost}, and the budget is {budget.monthly:,.2f} {currency}", at.location,
            Severity.WARNING, pointer=pointer, excerpt=at.excerpt,
            help="ask for less, lower replicas, or raise the budget",
        )  # fmt: skip
