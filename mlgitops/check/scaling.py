"""Rules of scaling: bounds of replicas, and which metric drives their number in which mode. Pure.

As in KServe v0.17.0, ``pkg/apis/serving/v1beta1/inference_service_validation.go``.
"""

from __future__ import annotations

from collections.abc import Iterator

from mlgitops.finding import Finding
from mlgitops.spec.positions import Pointer
from mlgitops.spec.resolved import ResolvedModel
from mlgitops.spec.serving import Scaling

METRICS = {"Standard": ("cpu", "memory"), "Knative": ("concurrency", "rps")}
"""What an autoscaler can hold at a target: the HorizontalPodAutoscaler in Standard mode, Knative's own in the other."""


def check(model: ResolvedModel) -> Iterator[Finding]:
    """Findings about numbers of replicas and what drives them."""
    serving = model.spec.serving
    parts = [((), serving.scaling), (("transformer",), serving.transformer), (("explainer",), serving.explainer)]
    for name, part in parts:
        if part is not None:
            pointer: Pointer = ("serving", *(name or ("scaling",)))
            yield from _bounds(model, pointer, part.min, part.max)
    yield from _metric(model, ("serving", "scaling"), serving.scaling)
    if serving.max_concurrency is not None and _mode(model) != "Knative":
        yield model.finding(
            "concurrency-needs-knative", ("serving", "maxConcurrency"),
            f"target {model.place.target} does not run models on Knative, which alone bounds requests at once",
            help="remove serving.maxConcurrency",
        )  # fmt: skip


def check_part(model: ResolvedModel, pointer: Pointer, scaling: Scaling) -> Iterator[Finding]:
    """Findings about the replicas of another part that KServe scales in the same way, such as a graph's router."""
    yield from _bounds(model, pointer, scaling.min, scaling.max)
    yield from _metric(model, pointer, scaling)


def _mode(model: ResolvedModel) -> str:
    return model.place.spec.serving.deployment_mode


def _bounds(model: ResolvedModel, pointer: Pointer, fewest: int, most: int) -> Iterator[Finding]:
    if fewest > most:
        yield model.finding(
            "scaling-bounds", (*pointer, "min"), f"min {fewest} is more than max {most}",
            help="raise max, or lower min",
        )  # fmt: skip
    if fewest == 0 and _mode(model) == "Standard":
        yield model.finding(
            "scale-to-zero", (*pointer, "min"),
            f"target {model.place.target} runs models in Standard mode, which cannot scale to zero",
            help="set min to 1 or more, or use a target in Knative mode",
        )  # fmt: skip


def _metric(model: ResolvedModel, pointer: Pointer, scaling: Scaling) -> Iterator[Finding]:
    mode = _mode(model)
    if scaling.min >= scaling.max:
        return
    if scaling.metric not in METRICS[mode]:
        yield model.finding(
            "scaling-metric", (*pointer, "metric"),
            f"target {model.place.target} is in {mode} mode, where {scaling.metric} cannot drive scaling",
            help=f"set {'.'.join(map(str, pointer))}.metric to {' or '.join(METRICS[mode])}, and a target for it",
        )  # fmt: skip
    elif mode == "Standard" and scaling.target > 100:
        yield model.finding(
            "scaling-target", (*pointer, "target"),
            f"the target of {scaling.metric} is a percentage of the request, 1 to 100, not {scaling.target}",
            help=f"set {'.'.join(map(str, pointer))}.target to 100 or less, such as 80",
        )  # fmt: skip
