"""Rules of monitoring: what is asked for must be measurable where the model runs. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from mlgitops.check.indicators import Indicator
from mlgitops.check.runtimes import metrics_port_of, runtime_of
from mlgitops.finding import Finding, Severity
from mlgitops.spec.monitoring import Objective
from mlgitops.spec.positions import Pointer
from mlgitops.spec.quantities import milliseconds
from mlgitops.spec.resolved import ResolvedModel
from mlgitops.spec.serving import ONLINE

POLICY_CODES = frozenset({"metrics-not-scraped", "objective-too-low"})

SHORTEST_OBJECTIVE_WINDOW = "3d"
"""The longest window that a burn-rate alert looks back; an objective over less would be watched over more."""
FASTEST_BURN_RATE = 14.4
"""See ``mlgitops.render.burn_rate``. An objective below 1 - 1/14.4 cannot lose its budget that fast."""


def unix_time(timestamp: str) -> int:
    """A ``Timestamp`` in whole seconds since 1970. Raises ``ValueError`` for a day or time that does not exist."""
    return int(datetime.fromisoformat(timestamp).timestamp())


def check(model: ResolvedModel) -> Iterator[Finding]:
    """Findings about metrics, objectives, staleness and business metrics."""
    yield from _operator(model)
    yield from _scraping(model)
    yield from _staleness(model)
    yield from _lag(model)
    for index, objective in enumerate(model.spec.monitoring.objectives):
        yield from _objective(model, ("monitoring", "objectives", index), objective)


def _operator(model: ResolvedModel) -> Iterator[Finding]:
    """Alerts that were asked for must come; scraping, which is on unless switched off, may be left out with a word."""
    if model.place.spec.components.prometheus_operator is not None:
        return
    monitoring, target = model.spec.monitoring, model.place.target
    asked = {
        "objectives": monitoring.objectives,
        "staleness": monitoring.staleness,
        "business": monitoring.business,
        "lag": monitoring.lag,
        "drift": monitoring.drift,
        "dashboard": monitoring.dashboard,
        "errorBurst": monitoring.error_burst,
        "missingTraffic": monitoring.missing_traffic,
    }
    message = f"target {target} has no Prometheus operator"
    for name in (name for name, value in asked.items() if value):
        yield model.finding(
            "component-missing", ("monitoring", name), f"{message}, so that no alert can be raised",
            help=f"declare components.prometheusOperator in targets/{target}.yaml, or delete monitoring.{name} there "
            f"by spec.profile.model: {{monitoring: {{{name}: null}}}}",
        )  # fmt: skip
    serving = model.spec.serving
    if monitoring.metrics and (serving.mode in ONLINE or (serving.mode == "streaming" and serving.port)):
        yield _not_scraped(model, message)


def _not_scraped(model: ResolvedModel, message: str) -> Finding:
    return model.finding(
        "metrics-not-scraped", ("monitoring", "metrics"), f"{message}; metrics are not scraped",
        help="set monitoring.metrics to false, in the Target's profile for all models there", severity=Severity.WARNING,
    )  # fmt: skip


def _scraping(model: ResolvedModel) -> Iterator[Finding]:
    serving, place = model.spec.serving, model.place.spec
    if serving.mode == "llm" and model.spec.monitoring.metrics:
        yield _not_scraped(model, "a language model's own metrics are not scraped yet")
    runtime = runtime_of(serving)
    wanted = serving.mode in ONLINE and model.spec.monitoring.metrics
    if not wanted or runtime is None or place.components.prometheus_operator is None or runtime.http_port is None:
        return
    if runtime.metrics_port is None:
        yield _not_scraped(model, f"runtime {runtime.name} exports no metrics")
    elif not is_scraped(model):
        yield _not_scraped(
            model, f"runtime {runtime.name} exports metrics on port {runtime.metrics_port}, "
            f"but Knative on target {model.place.target} lets a pod declare one port only",
        )  # fmt: skip


def is_scraped(model: ResolvedModel) -> bool:
    """Whether the serving runtime's metrics are read at the target."""
    serving, knative = model.spec.serving, model.place.spec.serving.deployment_mode == "Knative"
    runtime = runtime_of(serving)
    return (
        serving.mode in ONLINE
        and model.spec.monitoring.metrics
        and runtime is not None
        and metrics_port_of(serving, runtime, knative=knative) is not None
    )


def _staleness(model: ResolvedModel) -> Iterator[Finding]:
    trained_at = model.spec.release.trained_at
    if trained_at is not None:
        try:
            unix_time(trained_at)
        except ValueError:
            yield model.finding(
                "time-invalid",
                ("release", "trainedAt"),
                f"there is no such time as {trained_at}",
                help="write a time that exists, such as 2026-02-28T12:00:00Z",
            )
    elif model.spec.monitoring.staleness is not None:
        yield model.finding(
            "trained-at-missing", ("monitoring", "staleness"), "staleness counts from release.trainedAt: it is missing",
            help="add release.trainedAt, or remove monitoring.staleness",
        )  # fmt: skip


def _lag(model: ResolvedModel) -> Iterator[Finding]:
    mode = model.spec.serving.mode
    if model.spec.monitoring.lag is not None and mode != "streaming":
        yield model.finding(
            "lag-not-measurable", ("monitoring", "lag"), f"mode {mode} reads no stream that it could fall behind of",
            help="remove monitoring.lag; it is for mode streaming",
        )  # fmt: skip


def _objective(model: ResolvedModel, pointer: Pointer, objective: Objective) -> Iterator[Finding]:
    yield from _objective_bounds(model, pointer, objective)
    runtime = runtime_of(model.spec.serving)
    if model.spec.serving.mode not in ONLINE:
        yield model.finding(
            "objective-not-measurable", pointer, f"requests are not measured in mode {model.spec.serving.mode}",
            help="remove the objective; monitoring.business takes a query of your own",
        )  # fmt: skip
    elif runtime is not None and (indicator := getattr(runtime.indicators, objective.metric)) is None:
        yield model.finding(
            "objective-not-measurable", pointer,
            f"{objective.metric} cannot be measured with runtime {runtime.name}: {runtime.indicators.why_not}",
            help="remove the objective; monitoring.business takes a query of your own",
        )  # fmt: skip
    elif runtime is not None and not is_scraped(model):
        yield model.finding(
            "objective-not-measurable", pointer, f"{objective.metric} cannot be measured: metrics are not scraped",
            help="set monitoring.metrics to true, on a target that has the Prometheus operator",
        )  # fmt: skip
    elif runtime is not None and objective.metric == "latency":
        yield from _threshold(model, pointer, objective, indicator)


def _threshold(model: ResolvedModel, pointer: Pointer, objective: Objective, latency: Indicator) -> Iterator[Finding]:
    known = ", ".join(f"{round(bound * 1000)}ms" for bound in latency.bounds)
    if objective.threshold is None:
        message = "a latency objective needs a threshold"
        yield model.finding("threshold-missing", pointer, message, help=f"one of: {known}")
    elif milliseconds(objective.threshold) / 1000 not in latency.bounds:
        yield model.finding(
            "threshold-not-measured", (*pointer, "threshold"),
            f"the runtime counts requests in buckets, none of which ends at {objective.threshold}",
            help=f"one of: {known}",
        )  # fmt: skip


def _objective_bounds(model: ResolvedModel, pointer: Pointer, objective: Objective) -> Iterator[Finding]:
    if milliseconds(objective.window) < milliseconds(SHORTEST_OBJECTIVE_WINDOW):
        yield model.finding(
            "objective-window", (*pointer, "window"),
            f"an objective holds over at least {SHORTEST_OBJECTIVE_WINDOW}, not {objective.window}",
            help=f"set window to {SHORTEST_OBJECTIVE_WINDOW} or more",
        )  # fmt: skip
    if objective.objective == 0:
        yield model.finding(
            "objective-empty",
            (*pointer, "objective"),
            "an objective of 0 percent can never be missed",
            help="write a share such as 99.5, or remove the objective",
        )
    elif (100 - objective.objective) / 100 * FASTEST_BURN_RATE >= 1:
        yield model.finding(
            "objective-too-low", (*pointer, "objective"),
            f"with an objective of {objective.objective:g} percent the fastest alert is left out: even if every "
            f"request failed, the budget would not be spent {FASTEST_BURN_RATE} times too fast",
            help="set it to 93.1 or more, or policy.rules.objective-too-low to 'off'", severity=Severity.WARNING,
        )  # fmt: skip
    if objective.metric == "availability" and objective.threshold is not None:
        yield model.finding(
            "threshold-unused", (*pointer, "threshold"), "a threshold is for latency, not for availability",
            help="remove it, or set metric to latency",
        )  # fmt: skip
