"""How a rollout is to go, from the spec of a model at one target: steps, and PromQL for what is measured. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from string import Template

from mlgitops.check.progressive import ROUTE_SUFFIX
from mlgitops.check.runtimes import runtime_of
from mlgitops.manifest import digest
from mlgitops.progressive.exposure import ROUTE
from mlgitops.progressive.terms import Analysis, Measure, Server, Step, Terms
from mlgitops.render.burn_rate import rates
from mlgitops.render.promql import prometheus_duration
from mlgitops.render.realtime import is_knative
from mlgitops.spec import rollout as spec
from mlgitops.spec.quantities import milliseconds
from mlgitops.spec.resolved import ResolvedModel
from mlgitops.spec.side_by_side import SideBySide, side_by_side
from mlgitops.spec.target import TargetSpec

SCRAPES = 4
"""Scrapes that may be missed before metrics count as old."""


def stepping(models: Iterable[ResolvedModel]) -> dict[str, list[Terms]]:
    """The rollouts that are under way by steps, by target, each in the order of models' names."""
    found: dict[str, list[Terms]] = {}
    for model in models:
        if (terms := terms_of(model)) is not None:
            found.setdefault(model.place.target, []).append(terms)
    return {target: sorted(each, key=lambda one: one.model) for target, each in found.items()}


def terms_of(model: ResolvedModel) -> Terms | None:
    """The terms of a model's rollout at a target; None where it has no steps, or one release alone runs."""
    releases, rollout = side_by_side(model), model.spec.rollout
    if releases is None or not rollout.steps or rollout.strategy != "canary":
        return None
    steps = tuple(Step(one.weight, one.mirror or 0, _seconds(one.hold)) for one in rollout.steps)
    knative = is_knative(model)
    bearer = ("InferenceService", model.name) if knative else (ROUTE, model.name + ROUTE_SUFFIX)
    digests = [releases.stable.release_digest, releases.new.release_digest]
    return Terms(
        model.name,
        digest([*digests, [[one.weight, one.mirror, one.hold] for one in steps]]),
        releases.new.spec.release.version,
        releases.stable.spec.release.version,
        digests[1],
        model.name if knative else releases.new.instance,
        bearer,
        steps,
        _analysis(releases, rollout.analysis) if rollout.analysis else None,
        server_of(model.place.spec),
    )


def server_of(target: TargetSpec) -> Server | None:
    """The Prometheus of a target; None where it names none."""
    server = target.prometheus
    return Server(server.url, server.token_from or "") if server else None


def _analysis(releases: SideBySide, analysis: spec.Analysis) -> Analysis:
    new, window = releases.new, prometheus_duration(analysis.window)
    interval = _seconds(new.spec.monitoring.interval)
    up = f"up{{{_labels(new)}}}"
    return Analysis(
        _seconds(analysis.interval),
        analysis.failures,
        analysis.requests,
        _counted(new, analysis, window),
        f"(time() - max(timestamp({up}))) and on() (max({up}) == 1)",
        SCRAPES * interval,
        tuple(_measure(releases, measure, window) for measure in analysis.measures),
        _counted(releases.stable, analysis, window),
    )


def _measure(releases: SideBySide, measure: spec.Measure, window: str) -> Measure:
    new, stable = (_expression(one, measure, window) for one in (releases.new, releases.stable))
    bounds = (
        None if one is None else float(one) for one in (measure.max, measure.min, measure.max_ratio, measure.min_ratio)
    )
    return Measure(measure.name, new, stable, measure.of == "predictions", *bounds)


def _expression(model: ResolvedModel, measure: spec.Measure, window: str) -> str:
    """PromQL for one release. ``check`` has refused what cannot be measured before."""
    if measure.of == "query":
        return _filled(measure.query or "", model, window)
    if measure.of == "predictions":
        return f"sum by (le) (increase({measure.histogram}_bucket{{{_labels(model)}}}[{window}]))"
    runtime = runtime_of(model.spec.serving)
    indicators = runtime.indicators if runtime else None
    indicator = (indicators.latency if measure.of == "latency" else indicators.availability) if indicators else None
    if indicator is None:
        return "vector(NaN)"
    good, total = rates(model, indicator, window, measure.threshold)
    return f"100 * (1 - ({good} or vector(0)) / ({total}))"


def _filled(query: str, model: ResolvedModel, window: str) -> str:
    names = {"version": model.spec.release.version, "model": model.name, "namespace": model.place.namespace}
    return Template(query).safe_substitute(names, window=window)


def _counted(model: ResolvedModel, analysis: spec.Analysis, window: str) -> str:
    """PromQL for how many requests came to the release in the window."""
    if analysis.counted is not None:
        return _filled(analysis.counted, model, window)
    runtime = runtime_of(model.spec.serving)
    indicator = runtime.indicators.availability if runtime else None
    if indicator is None:
        return "vector(NaN)"
    _, total = rates(model, indicator, window)
    return f"({total}) * {milliseconds(window) / 1000:g}"


def _labels(model: ResolvedModel) -> str:
    return f'namespace="{model.place.namespace}",model="{model.name}",version="{model.spec.release.version}"'


def _seconds(duration: str) -> float:
    return milliseconds(duration) / 1000
