"""Rules of a rollout by steps: they lead somewhere, and what decides on them can be measured. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from string import Template

from mlgitops.check import components
from mlgitops.check.monitoring import is_scraped
from mlgitops.check.progressive import OLDEST_GATEWAY_API, OLDEST_PERCENT
from mlgitops.check.runtimes import Runtime, runtime_of
from mlgitops.finding import Finding, Severity
from mlgitops.spec.positions import Pointer
from mlgitops.spec.quantities import milliseconds
from mlgitops.spec.resolve import Resolution
from mlgitops.spec.resolved import ResolvedModel
from mlgitops.spec.rollout import Analysis, Measure
from mlgitops.spec.side_by_side import is_progressive

POLICY_CODES = frozenset({"rollout-not-analysed"})
STEPS: Pointer = ("rollout", "steps")
ANALYSIS: Pointer = ("rollout", "analysis")
PLACEHOLDERS = frozenset({"version", "model", "namespace", "window"})
"""What stands in a query for the release that is asked about."""
_INDICATORS = {"errors": "availability", "latency": "latency"}


def check(model: ResolvedModel) -> Iterator[Finding]:
    """Findings about rollout.steps and rollout.analysis."""
    rollout = model.spec.rollout
    if not rollout.steps:
        if rollout.analysis is not None:
            yield model.finding(
                "rollout-steps-missing", ANALYSIS, "there are no steps that an analysis could decide on",
                help="add rollout.steps, or remove rollout.analysis",
            )  # fmt: skip
        return
    if rollout.strategy != "canary" or not is_progressive(model):
        yield model.finding(
            "rollout-steps-unused", STEPS, "steps are for strategy canary in mode realtime",
            help="set rollout.strategy to canary, or remove rollout.steps",
        )  # fmt: skip
        return
    yield from _order(model)
    yield from _mirrors(model)
    if rollout.canary is not None and rollout.canary.weight:
        yield model.finding(
            "rollout-weight-twice", ("rollout", "canary", "weight"), "the controller sets the weight by rollout.steps",
            help="remove rollout.canary, or rollout.steps to set the weight by hand",
        )  # fmt: skip
    yield from _analysis(model, rollout.analysis) if rollout.analysis else _not_analysed(model)


def check_environment(resolution: Resolution) -> Iterator[Finding]:
    """Findings about models whose targets have other steps: a rollout is one for all of them, and has one step."""
    first: dict[str, ResolvedModel] = {}
    for model in resolution.models:
        if not model.spec.rollout.steps or model.spec.rollout.strategy != "canary" or not is_progressive(model):
            continue
        other = first.setdefault(model.name, model)
        if other.spec.rollout.steps != model.spec.rollout.steps:
            yield model.finding(
                "rollout-steps-differ", STEPS,
                f"{model.name} has other steps at {model.place.target} than at {other.place.target}, and its rollout "
                "is one for all targets",
                help="give all targets of the environment the same steps, or a target strategy rolling in its profile",
            )  # fmt: skip


def _order(model: ResolvedModel) -> Iterator[Finding]:
    steps = model.spec.rollout.steps
    for index, (before, after) in enumerate(pairwise(steps), start=1):
        if after.weight < before.weight:
            yield model.finding(
                "rollout-steps-order", (*STEPS, index, "weight"),
                f"the weight falls from {before.weight} to {after.weight}, so that users would change over and back",
                help="give steps whose weight grows",
            )  # fmt: skip


def _mirrors(model: ResolvedModel) -> Iterator[Finding]:
    knative = model.place.spec.serving.deployment_mode == "Knative"
    mirrored = [(index, step.mirror) for index, step in enumerate(model.spec.rollout.steps) if step.mirror is not None]
    if mirrored and not knative:
        index, percent = min(mirrored, key=lambda one: one[1])
        oldest = OLDEST_PERCENT if percent < 100 else OLDEST_GATEWAY_API
        need = "a share of copied requests in Standard mode"
        yield from components.check(model, (*STEPS, index, "mirror"), "gatewayApi", oldest, need)
    for index, step in enumerate(model.spec.rollout.steps):
        if step.mirror is None:
            continue
        if step.weight:
            yield model.finding(
                "rollout-mirror-weight", (*STEPS, index, "mirror"),
                "a release that answers requests needs no copies of them, and would count them twice",
                help="remove mirror or weight from this step",
            )  # fmt: skip
        if knative:
            yield model.finding(
                "rollout-needs-standard", (*STEPS, index, "mirror"),
                f"target {model.place.target} runs models on Knative, which copies no requests",
                help="remove the step, or give the target strategy rolling in its profile",
            )  # fmt: skip


def _not_analysed(model: ResolvedModel) -> Iterator[Finding]:
    yield model.finding(
        "rollout-not-analysed", STEPS,
        "nothing is measured: the new release is exposed further as time goes by, however it does",
        help="add rollout.analysis", severity=Severity.WARNING,
    )  # fmt: skip


def _analysis(model: ResolvedModel, analysis: Analysis) -> Iterator[Finding]:
    if model.place.spec.prometheus is None:
        yield model.finding(
            "rollout-prometheus-missing", ANALYSIS, f"target {model.place.target} does not say where its Prometheus is",
            help=f"add spec.prometheus.url to targets/{model.place.target}.yaml",
        )  # fmt: skip
    yield from _placeholders(model, (*ANALYSIS, "counted"), analysis.counted)
    runtime = runtime_of(model.spec.serving)
    if not is_scraped(model):
        yield model.finding(
            "rollout-not-measurable", ANALYSIS, f"metrics of {model.name} are not scraped at {model.place.target}",
            help="turn on monitoring.metrics with a runtime that exports them, or remove rollout.analysis",
        )  # fmt: skip
    if analysis.counted is None and (runtime is None or runtime.indicators.availability is None):
        yield model.finding(
            "rollout-not-measurable", ANALYSIS, f"requests cannot be counted: {_why(runtime)}",
            help="add rollout.analysis.counted, a PromQL expression of your own",
        )  # fmt: skip
    yield from _alone(model, analysis)
    names = [one.name for one in analysis.measures]
    for index, measure in enumerate(analysis.measures):
        if measure.name in names[:index]:
            yield model.finding(
                "duplicate-measure", (*ANALYSIS, "measures", index, "name"),
                f"another measure is called {measure.name}", help="give each measure a name of its own",
            )  # fmt: skip
        yield from _placeholders(model, (*ANALYSIS, "measures", index, "query"), measure.query)
        yield from _measure(model, (*ANALYSIS, "measures", index), measure, runtime)


def _placeholders(model: ResolvedModel, pointer: Pointer, query: str | None) -> Iterator[Finding]:
    """A name that stands for nothing would reach Prometheus as it is, which never answers that."""
    found = {one["named"] or one["braced"] for one in Template.pattern.finditer(query or "")} - {None}
    for name in sorted(found - PLACEHOLDERS):
        yield model.finding(
            "unknown-placeholder", pointer, f"${name} stands for nothing here",
            help=f"one of: {', '.join(f'${one}' for one in sorted(PLACEHOLDERS))}",
        )  # fmt: skip


def _measure(model: ResolvedModel, pointer: Pointer, measure: Measure, runtime: Runtime | None) -> Iterator[Finding]:
    if measure.of not in _INDICATORS:
        return
    indicator = getattr(runtime.indicators, _INDICATORS[measure.of]) if runtime else None
    if indicator is None:
        yield model.finding(
            "rollout-not-measurable", (*pointer, "of"), f"{measure.of} cannot be measured: {_why(runtime)}",
            help="measure a query of your own: of: query",
        )  # fmt: skip
    elif measure.threshold and milliseconds(measure.threshold) / 1000 not in indicator.bounds:
        told = ", ".join(f"{bound:g}s" for bound in indicator.bounds)
        yield model.finding(
            "rollout-not-measurable", (*pointer, "threshold"),
            f"the histogram has no bucket that ends at {measure.threshold}", help=f"one of {told}",
        )  # fmt: skip


def _alone(model: ResolvedModel, analysis: Analysis) -> Iterator[Finding]:
    """A step after which nothing comes to the stable release, though something is compared with it."""
    compared = [one.name for one in analysis.measures if one.max_ratio or one.min_ratio or one.of == "predictions"]
    for index, step in enumerate(model.spec.rollout.steps):
        if compared and step.weight == 100:
            yield model.finding(
                "rollout-not-measurable", (*STEPS, index, "weight"),
                f"{compared[0]} is compared with the stable release, to which nothing comes at this step",
                help="remove the step: after the last one the new release answers everything",
            )  # fmt: skip


def _why(runtime: Runtime | None) -> str:
    return runtime.indicators.why_not if runtime else "it is not known which metrics this runtime exports"
