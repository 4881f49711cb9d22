"""What monitoring scrapes: how each target stands, and how the controller does. Threads may share it.

``DEFINITIONS`` has every metric; docs/controller-metrics.md is the same as a table. Labels are environments and targets
of the specs, and words of fixed sets, so that their number cannot grow by anything else. What a target no longer has is
forgotten with the target. The lag is worked out when it is scraped, so that a loop that hangs shows.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from mlgitops import __version__
from mlgitops.controller.state import GOOD, Key, ModelKey, Result, State, TargetState, Word
from mlgitops.controller.webhook import Verdict
from mlgitops.progressive.progress import Phase
from mlgitops.response.cause import Cause
from mlgitops.response.errands import Outcome

if TYPE_CHECKING:
    from prometheus_client.core import Metric

COUNTER, GAUGE, HISTOGRAM = "counter", "gauge", "histogram"
TARGET = ("environment", "target")


class Fetch(StrEnum):
    """What following the branch came to. ``refused``: its head is not accepted. ``failed``: it could not be read."""

    ADVANCED = "advanced"
    UNCHANGED = "unchanged"
    REFUSED = "refused"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Definition:
    """A metric: its name without any suffix that its kind adds, what it says, its labels, and a histogram's bounds."""

    name: str
    kind: str
    says: str
    labels: tuple[str, ...] = ()
    bounds: tuple[float, ...] = ()

    @property
    def exposed(self) -> str:
        """The name that is scraped."""
        return f"{self.name}_total" if self.kind == COUNTER else self.name


_SECONDS = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 900)
DURATION = Definition(
    "mlgitops_reconcile_duration_seconds", HISTOGRAM, "How long an attempt at a target took.", TARGET, _SECONDS
)
RECONCILES = Definition("mlgitops_reconciles", COUNTER, "Attempts at a target, by their result.", (*TARGET, "result"))
RETRIES = Definition("mlgitops_reconcile_retries", COUNTER, "Attempts at a target after one that failed.", TARGET)
LIST_ERRORS = Definition(
    "mlgitops_list_errors", COUNTER, "Attempts at which what is live at a target could not be read.", TARGET
)
WRITES = Definition("mlgitops_objects_written", COUNTER, "Objects that were written or deleted at a target.", TARGET)
RESULT = Definition(
    "mlgitops_target_result", GAUGE, "1 for the result of the last attempt at a target, 0 for every other word.",
    (*TARGET, "result"),
)  # fmt: skip
OBJECTS = Definition("mlgitops_target_objects", GAUGE, "Objects that a target holds by its specs.", TARGET)
DRIFT = Definition(
    "mlgitops_target_drifted_objects", GAUGE, "Objects that somebody else had changed, at the last attempt.", TARGET
)
PENDING = Definition(
    "mlgitops_target_pending_objects", GAUGE, "Objects that were not as Git says after the last attempt.", TARGET
)
FAILURES = Definition("mlgitops_target_failures", GAUGE, "Attempts at a target that failed, in a row.", TARGET)
SUCCEEDED = Definition(
    "mlgitops_target_last_success_timestamp_seconds", GAUGE,
    "When a target was last as Git says, in seconds since the epoch; 0 if it never was.", TARGET,
)  # fmt: skip
LAG = Definition(
    "mlgitops_target_git_lag_seconds", GAUGE,
    "For how long a target has been behind Git: seconds since the commit was seen, 0 once it is there.", TARGET,
)  # fmt: skip
BROKEN = Definition("mlgitops_environment_broken", GAUGE, "1 if an environment cannot be rendered.", ("environment",))
STOPPED = Definition(
    "mlgitops_rollout_stopped", GAUGE, "1 if the rollout over an environment's targets has stopped.", ("environment",)
)
PHASE = Definition(
    "mlgitops_model_rollout_phase", GAUGE, "1 for the phase of a model's rollout by steps, 0 for every other one.",
    ("environment", "model", "phase"),
)  # fmt: skip
STEP = Definition(
    "mlgitops_model_rollout_step", GAUGE, "At which step a model's rollout is, from 0.", ("environment", "model")
)
CYCLE = Definition("mlgitops_cycle_duration_seconds", HISTOGRAM, "How long a cycle took.", (), _SECONDS)
WATCHED = Definition(
    "mlgitops_signal_last_success_timestamp_seconds", GAUGE,
    "When a target's alerts were last read, in seconds since the epoch.", TARGET,
)  # fmt: skip
SIGNAL = Definition(
    "mlgitops_signal_active", GAUGE, "1 while something is seen of a release of a model, 0 once it is over.",
    ("environment", "model", "version", "signal"),
)  # fmt: skip
RESPONSES = Definition(
    "mlgitops_responses", COUNTER, "What was done about what is seen of models, by kind and by what came of it.",
    ("environment", "model", "signal", "kind", "result"),
)  # fmt: skip
CYCLE_BEGAN = Definition(
    "mlgitops_cycle_last_start_timestamp_seconds", GAUGE, "When the last cycle began, in seconds since the epoch."
)
FETCHES = Definition("mlgitops_git_fetches", COUNTER, "Looks at the branch in Git, by what they came to.", ("result",))
FOLLOWED = Definition(
    "mlgitops_git_last_success_timestamp_seconds", GAUGE, "When the branch was last read, in seconds since the epoch."
)
REFUSED = Definition("mlgitops_git_head_refused", GAUGE, "1 if the branch's head is not accepted.")
WEBHOOKS = Definition("mlgitops_webhook_deliveries", COUNTER, "Webhooks, by what became of them.", ("result",))
LEADER = Definition("mlgitops_leader", GAUGE, "1 if this replica is the one that writes.")
BUILD = Definition("mlgitops_build_info", GAUGE, "Always 1; the label is the version that runs.", ("version",))

DEFINITIONS = (
    DURATION, RECONCILES, RETRIES, LIST_ERRORS, WRITES, RESULT, OBJECTS, DRIFT, PENDING, FAILURES, SUCCEEDED, LAG,
    BROKEN, STOPPED, PHASE, STEP, WATCHED, SIGNAL, RESPONSES, CYCLE, CYCLE_BEGAN, FETCHES, FOLLOWED, REFUSED, WEBHOOKS,
    LEADER, BUILD,
)  # fmt: skip
"""Every metric, in the order in which they are documented."""


class Metrics:
    """The metrics of one controller. ``clock`` gives seconds since the epoch."""

    def __init__(self, clock: Callable[[], float]) -> None:
        from prometheus_client import CollectorRegistry, ProcessCollector, disable_created_metrics

        disable_created_metrics()  # type: ignore[no-untyped-call]
        self._clock = clock
        self._lock = threading.Lock()
        self._behind: dict[Key, float] = {}
        self._is_quiet = False
        self._known: set[Key] = set()
        self._environments: set[str] = set()
        self._stepped: set[ModelKey] = set()
        self._seen: set[tuple[str, ...]] = set()
        self._registry = CollectorRegistry()
        self._held = {one.name: _made(one, self._registry) for one in DEFINITIONS if one != LAG}
        self._registry.register(_Lag(self._lags))
        ProcessCollector(registry=self._registry)
        self._held[BUILD.name].labels(__version__).set(1)
        for definition, words in ((FETCHES, Fetch), (WEBHOOKS, Verdict)):
            for word in words:
                self._held[definition.name].labels(word)

    def exposition(self, accept: str) -> tuple[bytes, str]:
        """What is scraped and its content type, in the format that ``accept``, a header, asks for."""
        from prometheus_client.exposition import choose_encoder

        encode, content_type = choose_encoder(accept)
        return encode(self._registry), content_type

    def cycle_began(self) -> None:
        """A cycle begins."""
        self._held[CYCLE_BEGAN.name].set(self._clock())

    def cycle_ended(self, seconds: float) -> None:
        """A cycle took so long."""
        self._held[CYCLE.name].observe(seconds)

    def fetched(self, result: Fetch) -> None:
        """The branch was looked at."""
        self._held[FETCHES.name].labels(result).inc()
        if result is not Fetch.FAILED:
            self._held[REFUSED.name].set(result is Fetch.REFUSED)
            self._held[FOLLOWED.name].set(self._clock())

    def delivered(self, verdict: Verdict) -> None:
        """A webhook came in."""
        self._held[WEBHOOKS.name].labels(verdict).inc()

    def attempted(self, key: Key, before: TargetState, after: TargetState, seconds: float) -> None:
        """An attempt at a target ended."""
        if after.result is None:
            return
        self._held[DURATION.name].labels(*key).observe(seconds)
        self._held[RECONCILES.name].labels(*key, after.result.word).inc()
        self._held[WRITES.name].labels(*key).inc(after.result.written)
        self._held[RETRIES.name].labels(*key).inc(before.failures > 0)
        self._held[LIST_ERRORS.name].labels(*key).inc(after.result.word is Word.UNREACHABLE)

    def watched(self, key: Key) -> None:
        """A target's alerts were read."""
        self._held[WATCHED.name].labels(*key).set(self._clock())

    def responded(self, cause: Cause, outcome: Outcome) -> None:
        """An errand about a cause was run."""
        labels = (cause.environment, cause.model, cause.signal, outcome.errand.kind, outcome.result)
        self._held[RESPONSES.name].labels(*labels).inc()

    def leads(self, is_leader: bool) -> None:
        """Whether this replica writes. One that does not tells nothing about targets, since it knows nothing new."""
        self._held[LEADER.name].set(is_leader)
        self._is_quiet = not is_leader
        if not is_leader:
            self._forget(self._known, self._environments)

    def observe(self, state: State, objects: Mapping[Key, int]) -> None:
        """How everything stands after a cycle; ``objects`` counts those that targets hold by their specs.

        Targets and environments that are no longer there are forgotten.
        """
        if self._is_quiet:
            return
        environments = {key.environment for key in state.targets} | state.broken.keys()
        self._forget(self._known - state.targets.keys(), self._environments - environments)
        for key, target in state.targets.items():
            self._observe(key, target, state)
            self._held[OBJECTS.name].labels(*key).set(objects.get(key, 0))
        for name in environments:
            self._held[BROKEN.name].labels(name).set(name in state.broken)
            wave = state.waves.get(name)
            self._held[STOPPED.name].labels(name).set(bool(wave and wave.failures))
        self._observe_progress(state)
        self._observe_signals(state)
        with self._lock:
            self._known, self._environments = set(state.targets), environments

    def _observe_progress(self, state: State) -> None:
        for key in self._stepped - state.progress.keys():
            for definition in (PHASE, STEP):
                self._held[definition.name].remove_by_labels(key._asdict())
        for key, progress in state.progress.items():
            self._held[STEP.name].labels(*key).set(progress.step)
            for phase in Phase:
                self._held[PHASE.name].labels(*key, phase).set(progress.phase is phase)
        self._stepped = set(state.progress)

    def _observe_signals(self, state: State) -> None:
        active: dict[tuple[str, ...], bool] = {}
        for cause, known in state.responses.items():
            labels: tuple[str, ...] = (cause.environment, cause.model, cause.version, cause.signal.value)
            active[labels] = active.get(labels, False) or known.is_active
        for gone in self._seen - active.keys():
            self._held[SIGNAL.name].remove_by_labels(dict(zip(SIGNAL.labels, gone, strict=True)))
        for each, is_active in active.items():
            self._held[SIGNAL.name].labels(*each).set(is_active)
        self._seen = set(active)

    def _observe(self, key: Key, target: TargetState, state: State) -> None:
        result = target.result
        for word in Word:
            self._held[RESULT.name].labels(*key, word).set(target.word == word)
        self._held[DRIFT.name].labels(*key).set(result.drifted if result else 0)
        self._held[PENDING.name].labels(*key).set(result.pending if result else 0)
        self._held[FAILURES.name].labels(*key).set(target.failures)
        self._held[SUCCEEDED.name].labels(*key).set(target.succeeded)
        with self._lock:
            if result and _is_there(result, state.commit):
                self._behind[key] = 0.0
            elif not self._behind.get(key):
                self._behind[key] = state.committed

    def _forget(self, keys: Collection[Key], environments: Collection[str]) -> None:
        with self._lock:
            for key in keys:
                self._behind.pop(key, None)
        for definition in DEFINITIONS:
            if definition.labels[:2] == TARGET and definition != LAG:
                for key in keys:
                    self._held[definition.name].remove_by_labels(dict(zip(TARGET, key, strict=True)))
            elif definition.labels == ("environment",):
                for name in environments:
                    self._held[definition.name].remove_by_labels({"environment": name})

    def _lags(self) -> list[tuple[Key, float]]:
        now = self._clock()
        with self._lock:
            return [(key, max(now - since, 0.0) if since else 0.0) for key, since in sorted(self._behind.items())]


def _is_there(result: Result, commit: str) -> bool:
    """Whether what a commit says was brought to a target, whoever may have changed it since."""
    return result.applied == commit or (result.word in GOOD and result.commit == commit)


class _Lag:
    """Works the lag out when it is scraped."""

    def __init__(self, lags: Callable[[], list[tuple[Key, float]]]) -> None:
        self._lags = lags

    def collect(self) -> Iterator[Metric]:
        from prometheus_client.core import GaugeMetricFamily

        family = GaugeMetricFamily(LAG.name, LAG.says, labels=LAG.labels)
        for key, seconds in self._lags():
            family.add_metric(key, seconds)
        yield family


def _made(definition: Definition, registry: Any) -> Any:
    from prometheus_client import Counter, Gauge, Histogram

    kind = {COUNTER: Counter, GAUGE: Gauge, HISTOGRAM: Histogram}[definition.kind]
    bounds = {"buckets": definition.bounds} if definition.bounds else {}
    return kind(definition.name, definition.says, definition.labels, registry=registry, **bounds)
