"""What the loop takes from outside: Git, the clock, where the state is kept, whom it tells, and whether it leads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from mlgitops.controller.goals import Followed, Goal, Goals
from mlgitops.controller.reconcile import Surroundings
from mlgitops.controller.reporter import Reporter
from mlgitops.controller.stepping import Due
from mlgitops.controller.store import Store
from mlgitops.progressive.analysis import Judgement
from mlgitops.response.alerts import Watch
from mlgitops.response.cause import Cause, Seen
from mlgitops.response.errands import Errand, Outcome
from mlgitops.response.ledger import Known


class Leadership(Protocol):
    """Whether this process is the one that writes."""

    def acquire(self) -> None:
        """Leads from now on. Raises ``MlgitopsError`` where another one does."""

    def campaign(self, changed: Callable[[], None]) -> None:
        """Leads whenever nobody else does; ``changed`` is called when that changes, by whatever thread."""

    def leads(self) -> bool:
        """Whether it surely is."""

    def share(self) -> tuple[str, frozenset[str]]:
        """The name of this process and of all among which targets are shared; itself alone where they are not."""

    def release(self) -> None:
        """Lets another one be it."""


@dataclass(frozen=True, slots=True)
class Outside:
    """What the loop takes from outside. ``clock`` gives seconds that only ever grow; ``forget`` follows a failure, and
    ``measure`` looks at a rollout at its targets. ``watch`` looks at a target's alerts, and raises ``MlgitopsError``
    where it cannot; ``answer`` runs errands about a cause. ``opens`` says whether pull requests may be opened."""

    follow: Callable[[Goals], Followed]
    surroundings: Surroundings
    forget: Callable[[Goal], None]
    store: Store
    reporter: Reporter
    leadership: Leadership
    clock: Callable[[], float]
    measure: Callable[[Due], Judgement]
    watch: Callable[[Goal, Watch, frozenset[Cause]], tuple[Seen, ...]]
    answer: Callable[[Known, tuple[Errand, ...], tuple[Goal, ...]], tuple[Outcome, ...]]
    opens: bool = False
