"""Tells logs, metrics and probes what the loop does. A target that stays as it was is only counted, not logged."""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import AbstractContextManager

from mlgitops.controller.goals import Followed, Goal
from mlgitops.controller.log import Log
from mlgitops.controller.metrics import Fetch, Metrics
from mlgitops.controller.pulse import Pulse
from mlgitops.controller.state import BAD, GOOD, Key, ModelKey, State, TargetState, Word
from mlgitops.controller.telemetry import CycleSpans
from mlgitops.errors import MlgitopsError
from mlgitops.progressive.progress import Phase, Progress
from mlgitops.response.cause import Signal
from mlgitops.response.errands import Outcome, Result
from mlgitops.response.ledger import Known


class Telling:
    """A ``Reporter``. Nothing is counted before ``count_with``."""

    def __init__(self, log: Log, pulse: Pulse, spans: CycleSpans) -> None:
        self._log = log
        self._pulse = pulse
        self._spans = spans
        self._metrics: Metrics | None = None
        self._cycle = 0
        self._began = 0.0
        self._attempts: dict[Key, int] = {}
        self._trouble = ""
        self._unkept = ""
        self._unwatched: dict[Key, str] = {}
        self.state = State()
        """What ``/status`` shows."""

    def count_with(self, metrics: Metrics) -> None:
        """From now on everything is counted as well."""
        self._metrics = metrics

    def cycle_began(self) -> None:
        """See ``Reporter``."""
        self._cycle += 1
        self._began = time.monotonic()
        self._pulse.cycle_began()
        if self._metrics:
            self._metrics.cycle_began()

    def cycle_ended(self, state: State, objects: Mapping[Key, int]) -> None:
        """See ``Reporter``."""
        self.state = state
        self._spans.cycle_ended()
        if self._metrics:
            self._metrics.observe(state, objects)
            self._metrics.cycle_ended(time.monotonic() - self._began)

    def followed(self, followed: Followed, before: str) -> None:
        """See ``Reporter``. What stays wrong is told once."""
        commit = followed.goals.commit
        if commit:
            self._pulse.git_followed()
        if self._metrics:
            self._metrics.fetched(_fetch(followed, before))
        if commit != before:
            self._log.info("following a new commit", commit=commit, before=before)
            for name, why in followed.goals.broken.items():
                self._log.error("the environment cannot be rendered", commit=commit, environment=name, reason=why)
        trouble = followed.refused.reason if followed.refused else followed.unread
        if trouble and trouble != self._trouble:
            told = "the branch is not followed" if followed.refused else "Git could not be read"
            self._log.error(told, commit=commit, reason=trouble, help=followed.refused.help if followed.refused else "")
        self._trouble = trouble

    def began(self, goal: Goal) -> None:
        """See ``Reporter``."""
        self._attempts[goal.key] = self._cycle
        self._spans.began(goal.key, commit=goal.rendering.commit, cycle=self._cycle, **goal.key._asdict())

    def step(self, goal: Goal, name: str) -> AbstractContextManager[None]:
        """See ``Reporter``."""
        return self._spans.step(goal.key, name)

    def waits(self, goal: Goal, objects: int) -> None:
        """See ``Reporter``. An attempt ends with another line, which says what came of it."""
        self._log.info(
            "waiting until what is there is ready", commit=goal.rendering.commit, **goal.key._asdict(),
            objects=objects, timeout=goal.policy.reconcile.timeout,
        )  # fmt: skip

    def ended(self, goal: Goal, before: TargetState, after: TargetState, seconds: float) -> None:
        """See ``Reporter``."""
        if self._metrics:
            self._metrics.attempted(goal.key, before, after, seconds)
        result = after.result
        if result is not None:
            why = (result.reason or result.word) if result.word in BAD else ""
            self._spans.ended(goal.key, why, result=result.word, written=result.written)
        cycle = self._attempts.pop(goal.key, self._cycle)
        if result is None or (before.word in GOOD and result.word is Word.IN_SYNC):
            return
        log = self._log.bind(
            cycle=cycle, commit=result.commit, environment=goal.key.environment, target=goal.key.target
        )
        tell = log.error if result.word in BAD else log.info
        fields = {"written": result.written, "drifted": result.drifted, "pending": result.pending}
        counted = {name: number for name, number in fields.items() if number}
        tell(result.word.value, reason=result.reason, help=result.help, seconds=round(seconds, 3), **counted)

    def stepped(self, key: ModelKey, before: Progress, after: Progress) -> None:
        """See ``Reporter``. A measurement that came to what the one before did is not told."""
        if (before.phase, before.step, before.verdict, before.failures) == (
            after.phase, after.step, after.verdict, after.failures,
        ):  # fmt: skip
            return
        log = self._log.bind(environment=key.environment, model=key.model, version=after.new)
        tell = log.error if after.phase is Phase.ABORTED else log.info
        tell(f"rollout {after.phase}", step=after.step, verdict=after.verdict, reason=after.reason)

    def watched(self, key: Key, problem: str) -> None:
        """See ``Reporter``. The same problem is told once."""
        if self._metrics and not problem:
            self._metrics.watched(key)
        if problem and self._unwatched.get(key) != problem:
            self._log.warning("alerts cannot be looked at", **key._asdict(), reason=problem)
        self._unwatched[key] = problem

    def caused(self, known: Known) -> None:
        """See ``Reporter``."""
        cause = known.cause
        log = self._log.bind(environment=cause.environment, model=cause.model, version=cause.version)
        tell = log.warning if known.is_active and cause.signal is not Signal.ROLLOUT_COMPLETED else log.info
        tell(f"signal {cause.signal} {'began' if known.is_active else 'ended'}", id=cause.id, reason=known.reason)

    def responded(self, known: Known, outcomes: tuple[Outcome, ...]) -> None:
        """See ``Reporter``."""
        cause = known.cause
        log = self._log.bind(environment=cause.environment, model=cause.model, version=cause.version, id=cause.id)
        for one in outcomes:
            if self._metrics:
                self._metrics.responded(cause, one)
            tell = log.info if one.result is Result.DONE else log.error
            what = f"{one.errand.kind} {one.errand.name}".strip()
            tell(f"signal {cause.signal}: {what} {one.done or one.result}", reason=one.reason, url=one.url)

    def leads(self, is_leader: bool) -> None:
        """See ``Reporter``."""
        self._log.info("this replica leads" if is_leader else "this replica stands by: another one leads")
        if not is_leader:
            self._pulse.stands_by()
        if self._metrics:
            self._metrics.leads(is_leader)

    def shares(self, me: str, members: frozenset[str]) -> None:
        """See ``Reporter``."""
        self._log.info("sharing targets", replica=me, replicas=sorted(members))

    def unkept(self, error: MlgitopsError) -> None:
        """See ``Reporter``. The same error is told once."""
        if error.message != self._unkept:
            self._log.error("the state cannot be kept", reason=error.message, help=error.help)
        self._unkept = error.message

    def ending(self) -> None:
        """See ``Reporter``."""
        self._pulse.ending()
        self._log.info("ending: what is under way ends, nothing more is started")


def _fetch(followed: Followed, before: str) -> Fetch:
    if followed.unread:
        return Fetch.FAILED
    if followed.refused:
        return Fetch.REFUSED
    return Fetch.UNCHANGED if followed.goals.commit == before else Fetch.ADVANCED
