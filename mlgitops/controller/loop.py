"""The loop: follow Git, see which targets are due, work on them, remember what it came to, wait for what is next.

All that is known is one ``State``, which only this thread changes. Whatever may take long is a job in a thread of its
own: following Git, and each attempt at a target.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from random import SystemRandom

from mlgitops.controller import rollouts, schedule, shards, stepping
from mlgitops.controller.adopting import adopted, asked
from mlgitops.controller.attempts import Attempts
from mlgitops.controller.goals import Followed, Goal, Goals
from mlgitops.controller.jobs import Ended, Job, Jobs
from mlgitops.controller.measuring import LONGEST_LOOK
from mlgitops.controller.outside import Outside
from mlgitops.controller.responding import Answers, Responding, Watching
from mlgitops.controller.rollouts import Started
from mlgitops.controller.settings import Settings
from mlgitops.controller.state import RETRIED, Key, Result, State, Word, after
from mlgitops.controller.stepping import Looked
from mlgitops.controller.turns import Turns, View
from mlgitops.errors import MlgitopsError
from mlgitops.progressive import progress as steps
from mlgitops.progressive.analysis import Judgement, Verdict
from mlgitops.workflows.sites import CANNOT

FOLLOW = "follow"
"""The job that follows Git."""
FOLLOW_SECONDS = 1200.0
"""The longest that following may take, with rendering all environments; each program has a shorter bound."""
GRACE = 30.0
"""Seconds in which what is under way ends once everything is to end."""
LONGEST_PAUSE = 30.0
"""Seconds after which it looks again although nothing is due: a window may have opened."""


class Controller:
    """One controller. ``run_once`` and ``run_forever`` are for one thread; ``poke`` and ``stop`` are for any."""

    def __init__(self, settings: Settings, outside: Outside) -> None:
        self._settings = settings
        self._outside = outside
        self._woken = threading.Event()
        self._jobs = Jobs(self._woken.set, outside.clock)
        self._turns = Turns(once=False)
        self._attempts = Attempts(self._jobs, outside)
        self._responding = Responding(outside)
        self._whole = Goals()
        self._goals = Goals()
        self._state = State()
        self._follow_at: float | None = 0.0
        self._once = False
        self._stopped = False
        self._led: bool | None = None
        self._shared: tuple[str, frozenset[str]] = ("", frozenset({""}))

    @property
    def state(self) -> State:
        """What is known now."""
        return self._state

    def poke(self) -> None:
        """Git may have moved: it is asked at once."""
        self._follow_at = 0.0
        self._woken.set()

    def stop(self) -> None:
        """Ends ``run_forever``."""
        self._stopped = True
        self._woken.set()

    def run_once(self) -> State:
        """Follows Git once and works on every target once, wave after wave as far as nobody has to wait for a soak."""
        self._once, self._turns = True, Turns(once=True)
        self._outside.leadership.acquire()
        try:
            while self._step():
                self._pause()
        finally:
            self._end()
        return self._state

    def run_forever(self) -> None:
        """Works until it is told to stop, or an interrupt comes out; what is under way ends first, leases are freed."""
        self._outside.leadership.campaign(self._woken.set)
        try:
            while not self._stopped:
                self._step()
                self._pause()
        finally:
            self._end()

    def _step(self) -> bool:
        """One look at everything. Whether anything is under way then."""
        outside = self._outside
        outside.reporter.cycle_began()
        if self._is_leading():
            self._share()
            self._take_in()
            self._attempts.overtake(self._goals)
            self._answer()
            self._follow()
            self._work()
            self._measure()
            self._state = self._turns.told(self._view())
            self._state = self._responding.noticed(self._state, self._goals, self._now())
            is_kept = self._keep()
            self._responding.start(self._state, self._goals, self._jobs, self._now(), is_kept=is_kept)
        else:
            self._discard()
        outside.reporter.cycle_ended(self._state, self._objects())
        return self._jobs.awaited > 0

    def _is_leading(self) -> bool:
        """Whether there is anything to do for this process. A new leader begins with what the last one knew."""
        leads = self._outside.leadership.leads()
        if leads and not self._led:
            leads = self._remember()
            self._follow_at = 0.0
        elif self._led and not leads:
            self._jobs.stop(0)
        if leads != self._led:
            self._outside.reporter.leads(leads)
        self._led = leads
        return leads

    def _share(self) -> None:
        """Takes up the targets that became its own since another replica came or went, with what is known of them."""
        share = self._outside.leadership.share()
        if share != self._shared and self._remember():
            self._shared = share
            self._outside.reporter.shares(*share)
            self._adopt(Followed(self._whole, unread=self._state.refused))

    def _adopt(self, followed: Followed) -> None:
        self._whole = followed.goals
        own = shards.part(self._whole, *self._shared)
        if own.commit:
            self._state = replace(self._state, progress=stepping.current(self._state, own, self._now()))
        self._goals = stepping.exposing(own, self._state.progress)
        self._state = adopted(self._state, replace(followed, goals=self._goals), self._now())

    # Git

    def _follow(self) -> None:
        now = self._outside.clock()
        if self._follow_at is None or now < self._follow_at or self._jobs.is_busy(FOLLOW):
            return
        jitter = SystemRandom().uniform(0.9, 1.1)  # so that many controllers do not come together
        self._follow_at = None if self._once else now + self._settings.interval * jitter
        before = self._whole
        self._jobs.start(FOLLOW, FOLLOW_SECONDS, lambda _job: self._outside.follow(before))

    def _followed(self, ended: Ended) -> None:
        if isinstance(ended.value, Followed):
            followed = ended.value
        else:
            failed = f"internal error: {type(ended.error).__name__}" if ended.error else ""
            late = f"following it took longer than {FOLLOW_SECONDS:.0f} s"
            followed = Followed(self._whole, unread=failed or late)
        self._outside.reporter.followed(followed, self._whole.commit)
        self._adopt(followed)

    # Targets

    def _work(self) -> None:
        """Starts work on the targets that are due, as many as may be worked on at once."""
        for goal in self._turns.due(self._view()):
            if self._jobs.working >= self._settings.concurrency:
                return
            if self._turns.is_due(goal, self._view()):  # what was started just now may stand in its way
                self._start(goal)

    def _measure(self) -> None:
        """Starts looks at the rollouts that go by steps, where it is time."""
        for one in self._ahead():
            if one.at <= self._now():
                look = partial(self._outside.measure, one)
                self._jobs.start(one.looked, LONGEST_LOOK, partial(_only_waiting, look))

    def _ahead(self) -> list[stepping.Due]:
        ahead = stepping.ahead(self._state, self._goals, self._attempts.waiting, self._now())
        return [one for one in ahead if not self._jobs.is_busy(one.looked)]

    def _measured(self, looked: Looked, judgement: Judgement) -> None:
        """Takes up what became of a rollout: before anything is written by it, it is remembered."""
        before = self._state.progress.get(looked.key)
        held = self._held_back(looked)
        self._state = stepping.measured(self._state, self._goals, looked, judgement, held, self._now())
        after = self._state.progress.get(looked.key)
        if before is None or after is None or after == before:
            return
        if not self._keep() and steps.goes_on(before, after):
            self._state = stepping.with_progress(self._state, looked.key, replace(before, measured=self._now()))
            return
        self._outside.reporter.stepped(looked.key, before, after)
        self._goals = stepping.exposing(self._goals, self._state.progress)

    def _held_back(self, looked: Looked) -> str:
        """Why the next step could not be written now; empty where it could."""
        sites = stepping.sites(self._goals).get(looked.key, ())
        told = (self._turns.withheld(site.goal, self._view()) for site in sites)
        return next((one.reason for one in told if one is not None), "")

    def _expose(self) -> None:
        self._keep()
        self._goals = stepping.exposing(self._goals, self._state.progress)

    def _view(self) -> View:
        return View(self._state, self._goals, self._attempts.busy, self._attempts.writing, self._now())

    def _start(self, goal: Goal) -> None:
        key, suspended = goal.key, goal.policy.reconcile.suspend
        self._turns.had(key)
        if suspended:
            self._settle(goal, Result(Word.SUSPENDED, suspended, commit=goal.rendering.commit), 0.0)
            return
        withheld = self._turns.withheld(goal, self._view())
        wave = self._state.waves.get(key.environment)
        fresh = wave is not None and key.target not in wave.begun
        if withheld is None and fresh:
            self._state = rollouts.began(self._state, key)
            self._keep()
        freed = stepping.freed(self._state, goal)
        started = Started(goal, self._goals.digests[key.environment], withheld is None, fresh, freed)
        self._attempts.start(started, withheld, self._state.of(key))

    def _take_in(self) -> None:
        """What came of the jobs that ended, and of those that are left behind."""
        for ended in self._jobs.ended():
            if ended.name == FOLLOW:
                self._followed(ended)
            elif isinstance(ended.name, Looked):
                self._measured(ended.name, ended.value or Judgement(Verdict.UNKNOWN, "internal error"))
            elif isinstance(ended.name, Watching | Answers):
                self._responded(ended)
            elif (over := self._attempts.over(ended)) is not None:
                self._ended(*over, ended.seconds)
        for late in self._jobs.overdue():
            if late.name == FOLLOW:
                self._followed(late)
            elif isinstance(late.name, Looked):
                self._measured(late.name, Judgement(Verdict.UNKNOWN, f"no answer within {LONGEST_LOOK:.0f} s"))
            elif isinstance(late.name, Watching | Answers):
                self._responded(late)
            else:
                self._ended(*self._attempts.late(late), late.seconds)

    def _responded(self, ended: Ended) -> None:
        self._state = self._responding.took(self._state, ended, self._now())

    def _discard(self) -> None:
        """What came of jobs that were told to stop is not known for sure."""
        for ended in self._jobs.ended():
            if isinstance(ended.name, Key):
                self._attempts.over(ended)

    def _ended(self, started: Started, result: Result, seconds: float) -> None:
        if result.word in RETRIED:
            self._outside.forget(started.goal)
        self._state = rollouts.ended(self._state, started, result, self._now())
        self._settle(started.goal, result, seconds)

    def _settle(self, goal: Goal, result: Result, seconds: float) -> None:
        """Remembers what an attempt came to."""
        if goal.key not in self._goals.targets:
            return
        before = self._state.of(goal.key)
        pace = schedule.pace(goal.policy, SystemRandom().random())
        changed = after(before, goal.digest, result, self._now(), pace)
        self._state = replace(self._state, targets={**self._state.targets, goal.key: changed})
        self._outside.reporter.ended(goal, before, changed, seconds)

    # People, and the end

    def _answer(self) -> None:
        if not self._goals.commit:
            return
        try:
            requests = self._outside.store.requests()
        except MlgitopsError as error:
            self._outside.reporter.unkept(error)
            return
        for request in requests:
            self._state = asked(self._state, request, self._goals, self._now())
        if requests:
            self._expose()

    def _keep(self) -> bool:
        """Whether the state was kept. Where it cannot be, work goes on, but no new release is exposed further."""
        try:
            self._outside.store.write(self._state)
        except MlgitopsError as error:
            self._outside.reporter.unkept(error)
            return False
        return True

    def _remember(self) -> bool:
        """Begins with what was kept. Where it is damaged, with nothing; where it cannot be read now, False."""
        try:
            self._state = self._outside.store.read()
        except MlgitopsError as error:
            self._outside.reporter.unkept(error)
            self._state = State()
            return not isinstance(error, CANNOT)
        return True

    def _pause(self) -> None:
        """Waits until something is due, or something ends."""
        if not self._stopped:
            waits = self._waits() if self._led else ()
            self._woken.wait(max(0.05, min([LONGEST_PAUSE, *waits])))
        self._woken.clear()

    def _waits(self) -> Iterator[float]:
        """In how many seconds there is something to do."""
        clock, now = self._outside.clock(), self._now()
        follow_at = None if self._jobs.is_busy(FOLLOW) else self._follow_at
        yield from (at - clock for at in (follow_at, self._jobs.next_deadline()) if at is not None)
        yield from (one.at - now for one in self._ahead())
        yield from self._responding.waits(self._state, self._goals, self._jobs, now)
        idle = (self._state.of(key) for key in self._goals.targets if key not in self._attempts.busy)
        yield from (
            at - now for at in (schedule.next_look(idle, now), rollouts.wakes(self._state, self._goals, now)) if at
        )

    def _objects(self) -> Mapping[Key, int]:
        return {key: len(goal.target.manifests) for key, goal in self._goals.targets.items()}

    def _end(self) -> None:
        """What is cut off now is not remembered: it is looked at anew."""
        if not self._once:
            self._outside.reporter.ending()
        if self._led:
            self._take_in()
            self._keep()
        self._jobs.stop(GRACE)
        self._outside.leadership.release()

    def _now(self) -> float:
        return self._outside.surroundings.now()


def _only_waiting(look: Callable[[], Judgement], job: Job) -> Judgement:
    """Looks at a rollout; that keeps nobody else from working."""
    job.waits()
    return look()
