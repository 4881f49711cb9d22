"""Totals of a plan. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from mlgitops.plan.change import Action, Change, Impact, Plan


@dataclass(frozen=True, slots=True)
class Totals:
    """How many changes there are of each action and of each impact; every one is named, also where it is 0."""

    actions: Mapping[Action, int]
    impacts: Mapping[Impact, int]


@dataclass(frozen=True, slots=True)
class Summary:
    """The totals of a plan and of each of its targets."""

    total: Totals
    targets: Mapping[str, Totals]


def summarise(plan: Plan) -> Summary:
    """The totals of a plan."""
    everything = [change for target in plan.targets for change in target.changes]
    return Summary(_totals(everything), {target.target: _totals(target.changes) for target in plan.targets})


def _totals(changes: Iterable[Change]) -> Totals:
    changes = list(changes)
    actions = Counter(change.action for change in changes)
    impacts = Counter(change.impact for change in changes)
    return Totals({action: actions[action] for action in Action}, {impact: impacts[impact] for impact in Impact})
