"""Whom the loop tells what happens: logs, metrics and probes."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Protocol

from mlgitops.controller.goals import Followed, Goal
from mlgitops.controller.state import Key, ModelKey, State, TargetState
from mlgitops.errors import MlgitopsError
from mlgitops.progressive.progress import Progress
from mlgitops.response.errands import Outcome
from mlgitops.response.ledger import Known


class Reporter(Protocol):
    """Is told what happens, by the loop's thread but for ``step`` and ``waits``. Raises nothing."""

    def cycle_began(self) -> None:
        """The loop looks at everything once more."""

    def cycle_ended(self, state: State, objects: Mapping[Key, int]) -> None:
        """That is how everything stands now; ``objects`` counts those that targets are to hold."""

    def followed(self, followed: Followed, before: str) -> None:
        """Git was asked; ``before`` is the commit that was followed until then."""

    def began(self, goal: Goal) -> None:
        """An attempt at a target begins."""

    def step(self, goal: Goal, name: str) -> AbstractContextManager[None]:
        """A step of an attempt, for as long as the context lasts; from the thread of the attempt."""

    def waits(self, goal: Goal, objects: int) -> None:
        """An attempt only waits now until so many objects are ready; from the thread of the attempt."""

    def ended(self, goal: Goal, before: TargetState, after: TargetState, seconds: float) -> None:
        """An attempt at a target ended."""

    def stepped(self, key: ModelKey, before: Progress, after: Progress) -> None:
        """A rollout by steps was looked at."""

    def watched(self, key: Key, problem: str) -> None:
        """A target's alerts were looked at, or why they could not be."""

    def caused(self, known: Known) -> None:
        """Something is seen of a model from now on, or no longer."""

    def responded(self, known: Known, outcomes: tuple[Outcome, ...]) -> None:
        """Errands about a cause were run."""

    def leads(self, is_leader: bool) -> None:
        """This process is the one that writes from now on, or no longer."""

    def shares(self, me: str, members: frozenset[str]) -> None:
        """Targets are shared among these replicas from now on."""

    def unkept(self, error: MlgitopsError) -> None:
        """The state could not be kept, or read."""

    def ending(self) -> None:
        """Everything is to end."""
