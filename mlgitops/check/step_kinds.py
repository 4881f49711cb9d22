"""Rules about what a step is: a container, a build or an application of Spark, and whether it can be cached. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from mlgitops.check import components
from mlgitops.finding import Finding
from mlgitops.spec.pipeline import Step
from mlgitops.spec.placeholders import OutputUse, containers, output_names, parts
from mlgitops.spec.positions import Pointer
from mlgitops.spec.quantities import amount
from mlgitops.spec.resolved import ResolvedPipeline
from mlgitops.spec.spark import Spark

OLDEST_SPARK_OPERATOR = "2.0"
LEAST_SPARK_MEMORY = 2**30
"""In bytes: Spark itself refuses less than 450 MiB of heap, and takes at least 384 MiB beside that."""
_UNUSED = {"build": ("command", "args", "outputs", "artifacts"), "spark": ("command", "outputs", "artifacts")}
_WHY = {
    "build": "BuildKit is run with what build says; its outputs are digest and image",
    "spark": "the Spark Operator starts the application, of which Argo reads no files",
}


def check(resolved: ResolvedPipeline) -> Iterator[Finding]:
    """Findings about each step by itself, and about images that another step is to build."""
    for index, step in enumerate(resolved.spec.steps):
        yield from _kind(resolved, ("steps", index), step)
        yield from _cache(resolved, ("steps", index), step)
        if step.spark is not None:
            yield from _spark(resolved, ("steps", index), step, step.spark)
    yield from _built_images(resolved)


def _kind(resolved: ResolvedPipeline, pointer: Pointer, step: Step) -> Iterator[Finding]:
    if step.build is not None and step.spark is not None:
        yield resolved.finding("step-of-two-kinds", (*pointer, "spark"), f"step {step.name} has both build and spark",
                               help="make them two steps")  # fmt: skip
        return
    for kind, fields in _UNUSED.items():
        for field in fields if getattr(step, kind) is not None else ():
            if getattr(step, field) != type(step).model_fields[field].default:
                yield resolved.finding(
                    "step-field-unused", (*pointer, field), f"a step with {kind} has no {field}: {_WHY[kind]}",
                    help=f"remove {field}",
                )  # fmt: skip


def _cache(resolved: ResolvedPipeline, pointer: Pointer, step: Step) -> Iterator[Finding]:
    if step.cache is not None and not output_names(step) and not step.artifacts.outputs:
        yield resolved.finding(
            "cache-without-outputs", (*pointer, "cache"),
            f"step {step.name} has no outputs, so that a run that leaves it out would have nothing of it",
            help="declare what it leaves behind under outputs or artifacts.outputs, or remove cache",
        )  # fmt: skip
    if step.cache is not None and any(each.from_ is not None for each in step.artifacts.inputs):
        yield resolved.finding(
            "cache-of-artifacts", (*pointer, "cache"),
            f"step {step.name} reads artifacts of other steps, whose content no key of a cache knows",
            help="hand over a digest or a version of the data as an output, or remove cache",
        )  # fmt: skip


def _spark(resolved: ResolvedPipeline, pointer: Pointer, step: Step, spark: Spark) -> Iterator[Finding]:
    place = (*pointer, "spark")
    yield from components.check(resolved, place, "sparkOperator", OLDEST_SPARK_OPERATOR, "a step with spark")
    if (spark.main_class is None) == (spark.type in ("Scala", "Java")):
        word = "needs its" if spark.main_class is None else "has no"
        yield resolved.finding("spark-main-class", (*place, "type"), f"an application in {spark.type} {word} mainClass",
                               help="name the class with main for Scala and Java, and for no other")  # fmt: skip
    memory = (((*pointer, "resources"), step.resources), ((*place, "executorResources"), spark.executor_resources))
    for where, resources in memory:
        if amount(resources.memory) < LEAST_SPARK_MEMORY:
            yield resolved.finding(
                "spark-memory", (*where, "memory"), f"Spark does not start with {resources.memory}",
                help="give driver and executors at least 1Gi each",
            )  # fmt: skip


def _built_images(resolved: ResolvedPipeline) -> Iterator[Finding]:
    built = {step.name for step in resolved.spec.steps if step.build is not None}
    for pointer, _, container, _ in containers(resolved.spec):
        for part in parts(container.image):
            if isinstance(part, OutputUse) and not (part.name == "image" and part.step in built):
                yield resolved.finding(
                    "image-not-built", (*pointer, "image"), f"{part.step}.{part.name} is no image that a step builds",
                    help="use {{steps.STEP.image}} of a step with build, whose digest is pinned",
                )  # fmt: skip
