"""Rules of mode edge: a model that starts and goes on at a small site while nothing outside of it answers. Pure.

An image of the model (oci) is fetched by the node itself and kept there, so that a pod starts again without any
storage; KServe mounts it as it is (``InjectModelcar`` in ``pkg/webhook/admission/pod/storage_initializer_injector.go``,
switched on by KServe's own settings of v0.15.2 to v0.17.0). One server has no room for a second replica.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from mlgitops.check.inference_graph import router_resources
from mlgitops.check.storage import StorageUriError, readable
from mlgitops.finding import Finding
from mlgitops.spec.positions import Pointer
from mlgitops.spec.quantities import amount
from mlgitops.spec.resolved import ResolvedModel
from mlgitops.spec.serving import Component, Resources, Scaling

_PINNED_IMAGE = re.compile(r"oci://[^@]+@sha256:[0-9a-f]{64}")


def check(model: ResolvedModel) -> Iterator[Finding]:
    """Findings about a model in mode edge."""
    if model.spec.serving.mode != "edge":
        return
    if model.place.spec.serving.deployment_mode != "Standard":
        yield model.finding(
            "edge-needs-standard", ("serving", "mode"), f"target {model.place.target} runs models on Knative, which "
            "starts a new replica beside the old one", help="set serving.deploymentMode of the target to Standard",
        )  # fmt: skip
    yield from _artifact(model)
    for pointer, part in _scaled(model):
        yield from _replicas(model, pointer, part)
    for pointer, asked in _resources(model):
        yield from _nodes(model, pointer, asked)
    yield from _rollout(model)
    yield from _footprint(model)


def _artifact(model: ResolvedModel) -> Iterator[Finding]:
    """What cannot be read at all is a finding of ``capability``."""
    try:
        uri = readable(model.spec.release.artifact.uri, model.place.spec)
    except StorageUriError:
        return
    if not _PINNED_IMAGE.fullmatch(uri):
        yield model.finding(
            "edge-artifact", ("release", "artifact", "uri"), f"at the edge a model is an image that the node keeps, "
            f"pinned by its digest, and not {uri}",
            help="push the model as an image, and write oci://REGISTRY/NAME@sha256:…",
        )  # fmt: skip


def _scaled(model: ResolvedModel) -> Iterator[tuple[Pointer, Scaling | Component]]:
    serving = model.spec.serving
    yield ("serving", "scaling"), serving.scaling
    for name, part in (("transformer", serving.transformer), ("explainer", serving.explainer)):
        if part is not None:
            yield ("serving", name), part
    if serving.graph is not None:
        yield ("serving", "graph", "scaling"), serving.graph.scaling


def _replicas(model: ResolvedModel, pointer: Pointer, part: Scaling | Component) -> Iterator[Finding]:
    if (part.min, part.max) != (1, 1):
        yield model.finding(
            "edge-replicas", (*pointer, "max" if part.min == 1 else "min"),
            f"at the edge there is one replica of each part, and {part.min} to {part.max} are asked for",
            help="set min and max to 1, or use mode realtime",
        )  # fmt: skip


def _resources(model: ResolvedModel) -> Iterator[tuple[Pointer, Resources]]:
    """What each part of the model asks for, and where that stands."""
    serving = model.spec.serving
    yield ("serving", "resources"), serving.resources
    for name, part in (("transformer", serving.transformer), ("explainer", serving.explainer)):
        if part is not None:
            yield ("serving", name, "resources"), part.resources
    if serving.graph is not None:
        yield ("serving", "graph", "resources"), router_resources(serving.graph)


def _nodes(model: ResolvedModel, pointer: Pointer, asked: Resources) -> Iterator[Finding]:
    for field, given in (("accelerator", asked.accelerator), ("spot", asked.spot)):
        if given:
            yield model.finding(
                "not-for-edge", (*pointer, field), f"{field} has no meaning in mode edge, which is for a site without",
                help="remove it, or use mode realtime",
            )  # fmt: skip


def _rollout(model: ResolvedModel) -> Iterator[Finding]:
    rollout = model.spec.rollout
    if rollout.strategy not in ("rolling", "recreate"):
        yield model.finding(
            "not-for-edge", ("rollout", "strategy"), f"{rollout.strategy} runs two releases at once, for which there "
            "is no room in mode edge", help="set rollout.strategy to recreate",
        )  # fmt: skip
    elif rollout.strategy == "rolling" and rollout.max_surge > 0:
        yield model.finding(
            "edge-surge", ("rollout", "maxSurge"), "a second replica beside the first one would need twice the room",
            help="set rollout.maxSurge to 0 and maxUnavailable to 1, or rollout.strategy to recreate",
        )  # fmt: skip


def _footprint(model: ResolvedModel) -> Iterator[Finding]:
    """All parts together against what the target has for one model.

    The router of a graph counts twice: KServe always starts a second one beside it (a surge of 25%, rounded up).
    """
    room, parts = model.place.spec.serving.footprint, [asked for _, asked in _resources(model)]
    parts += [router_resources(model.spec.serving.graph)] if model.spec.serving.graph else []
    for field in ("cpu", "memory"):
        need = sum((amount(getattr(asked, field)) for asked in parts), Decimal(0))
        most = getattr(room, field)
        if need > amount(most):
            yield model.finding(
                "edge-too-large", ("serving", "resources", field),
                f"all parts of the model together ask for {_shown(need, field)} of {field}, and target "
                f"{model.place.target} has {most} for one model",
                help="ask for less, or raise serving.footprint of the target",
            )  # fmt: skip


def _shown(need: Decimal, field: str) -> str:
    """As a quantity: cores as they are, bytes in MiB, rounded up."""
    return f"{need.normalize():f}" if field == "cpu" else f"{-(-need // (1 << 20))}Mi"
