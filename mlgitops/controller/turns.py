"""Whose turn it is: which targets are due, and which of them may be written to. Pure, but for what it remembers."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

from mlgitops.controller import rollouts, schedule
from mlgitops.controller.goals import Goal, Goals
from mlgitops.controller.schedule import Withheld
from mlgitops.controller.state import Key, State, TargetState, Word
from mlgitops.controller.words import held


@dataclass(frozen=True, slots=True)
class View:
    """How everything stands. ``busy`` are targets that are worked on, ``writing`` those that may be written to then."""

    state: State
    goals: Goals
    busy: Collection[Key]
    writing: Collection[Key]
    now: float


class Turns:
    """``once``: every target has its turn once, and again only where it waited for something that has come."""

    def __init__(self, *, once: bool) -> None:
        self._seen: set[Key] | None = set() if once else None
        self._asked: dict[str, tuple[tuple[object, ...], Withheld | None]] = {}

    def due(self, view: View) -> Iterator[Goal]:
        """The targets that are due and not busy: those that a newer commit overtook first, then the longest overdue."""
        goals = sorted(view.goals.targets.values(), key=lambda goal: _rank(view.state.of(goal.key)))
        yield from (goal for goal in goals if goal.key not in view.busy and self.is_due(goal, view))

    def had(self, key: Key) -> None:
        """A target has its turn now."""
        if self._seen is not None:
            self._seen.add(key)

    def withheld(self, goal: Goal, view: View) -> Withheld | None:
        """Why a target may not be written to now; None where it may."""
        key = goal.key
        busy = {other.target for other in view.writing if other.environment == key.environment and other != key}
        return self._closed(goal, view) or rollouts.obstacle(view.state, key, goal.policy, busy)

    def is_due(self, goal: Goal, view: View) -> bool:
        """Whether a target is due."""
        state = view.state.of(goal.key)
        waited = state.word in (Word.WAITING, Word.PENDING) and state.digest == goal.digest
        if waited and self.withheld(goal, view) is None:
            return True
        if self._seen is not None:
            return goal.key not in self._seen
        soaked = rollouts.is_to_be_seen(view.state, goal.key, goal.policy, view.now)
        return soaked or schedule.is_due(state, goal.digest, view.now)

    def told(self, view: View) -> State:
        """The state with what targets wait for now; that may change although nobody looks at them again."""
        changed = {
            key: one
            for key, one in view.state.targets.items()
            if one.word is Word.WAITING and key in view.goals.targets
        }
        for key, one in changed.items():
            why = self.withheld(view.goals.targets[key], view)
            if why is not None and one.result is not None:
                changed[key] = replace(one, result=held(one.result, why))
        return replace(view.state, targets={**view.state.targets, **changed}) if changed else view.state

    def _closed(self, goal: Goal, view: View) -> Withheld | None:
        """Why its environment may not be written to; worked out once a minute, since windows take a while."""
        environment = goal.key.environment
        approved = view.state.approved.get(environment) == view.goals.digests[environment]
        question = (int(view.now // 60), view.goals.commit, approved)
        if self._asked.get(environment, ((), None))[0] != question:
            found = schedule.withheld(environment, goal.policy, approved=approved, now=view.now)
            self._asked[environment] = question, found
        return self._asked[environment][1]


def _rank(state: TargetState) -> tuple[bool, float]:
    """Where something was written that is not ready yet, it is better to go on than to begin elsewhere as well."""
    return state.word is not Word.PROGRESSING, state.next_attempt
