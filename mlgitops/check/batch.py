"""Rules about batch scoring. Identity, accelerators and storage of the model itself are looked at elsewhere. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from mlgitops.check import braces, components, images, schedule, storage, variables
from mlgitops.finding import Finding
from mlgitops.spec.positions import Pointer
from mlgitops.spec.resolved import ResolvedModel
from mlgitops.spec.serving import Batch

POLICY_CODES = images.POLICY_CODES

OLDEST_ARGO = "3.4"
"""From here on results are reported by WorkflowTaskResults, which the rendered Role allows."""

OWN_VARIABLES = frozenset({"MODEL_URI", "MODEL_VERSION", "INPUT_URI", "OUTPUT_URI", "SHARD", "SHARDS"})
_ONLY_ONLINE = ("transformer", "explainer", "batcher", "logger", "args")


def check(resolved: ResolvedModel) -> Iterator[Finding]:
    """Findings about a model's batch block, or about its absence."""
    serving = resolved.spec.serving
    if serving.mode == "batch":
        yield from _online_fields(resolved)
        if serving.batch is None:
            yield resolved.finding(
                "batch-missing", ("serving", "mode"), "mode batch needs serving.batch",
                help="add serving.batch with command, input and output",
            )  # fmt: skip
        else:
            yield from _batch(resolved, serving.batch)
    elif serving.batch is not None:
        yield resolved.finding(
            "batch-not-used", ("serving", "batch"), f"serving.batch is for mode batch; the mode is {serving.mode}",
            help="set serving.mode to batch, or remove serving.batch",
        )  # fmt: skip


def _online_fields(resolved: ResolvedModel) -> Iterator[Finding]:
    for field in _ONLY_ONLINE:
        if getattr(resolved.spec.serving, field):
            yield resolved.finding(
                "not-for-batch", ("serving", field), f"serving.{field} has no meaning in mode batch",
                help="remove it" if field != "args" else "put it into serving.batch.args",
            )  # fmt: skip


def _batch(resolved: ResolvedModel, batch: Batch) -> Iterator[Finding]:
    at: Pointer = ("serving", "batch")
    yield from components.check(resolved, at, "argoWorkflows", OLDEST_ARGO, "batch scoring")
    yield from _image(resolved, batch)
    yield from schedule.check(resolved, (*at, "schedule"), batch.schedule, (*at, "timezone"), batch.timezone)
    yield from storage.check(resolved, (*at, "input"), batch.input)
    yield from storage.check(resolved, (*at, "output"), batch.output)
    yield from braces.check(resolved, _texts(resolved, batch))
    yield from variables.check(resolved, ("serving", "env"), resolved.spec.serving.env)
    for index, variable in enumerate(resolved.spec.serving.env):
        if variable.name in OWN_VARIABLES:
            yield resolved.finding(
                "reserved-variable", ("serving", "env", index, "name"),
                f"{variable.name} is set by mlgitops for batch scoring", help="choose another name",
            )  # fmt: skip


def _image(resolved: ResolvedModel, batch: Batch) -> Iterator[Finding]:
    yield from images.check(resolved, ("serving", "batch", "image"), batch.image)
    if batch.image is None and resolved.spec.release.image is None:
        yield resolved.finding(
            "batch-image-missing", ("serving", "batch"), "no image is named that scores",
            help="set release.image, or serving.batch.image for one that suits every release",
        )  # fmt: skip


def _texts(resolved: ResolvedModel, batch: Batch) -> Iterator[tuple[Pointer, str | None]]:
    """Every text that comes into the WorkflowTemplate."""
    at: Pointer = ("serving", "batch")
    yield ("release", "artifact", "uri"), resolved.spec.release.artifact.uri
    for index, variable in enumerate(resolved.spec.serving.env):
        yield ("serving", "env", index, "value"), variable.value
        if variable.from_secret is not None:
            yield ("serving", "env", index, "fromSecret", "key"), variable.from_secret.key
    yield from (((*at, "command", i), text) for i, text in enumerate(batch.command))
    yield from (((*at, "args", i), text) for i, text in enumerate(batch.args))
    yield from (((*at, "input"), batch.input), ((*at, "output"), batch.output))
