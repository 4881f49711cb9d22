"""Rules about what a container asks for: accelerators that a node of the Target has, limits above requests. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from mlgitops.check.references import unknown_name
from mlgitops.finding import Finding
from mlgitops.spec.positions import Pointer
from mlgitops.spec.quantities import amount
from mlgitops.spec.resolved import Resolved
from mlgitops.spec.serving import AcceleratorRequest, Resources


def check(resolved: Resolved, pointer: Pointer, resources: Resources) -> Iterator[Finding]:
    """Findings about the resources at ``pointer``."""
    if resources.cpu_limit is not None and amount(resources.cpu_limit) < amount(resources.cpu):
        yield resolved.finding(
            "limit-below-request", (*pointer, "cpuLimit"),
            f"the limit of {resources.cpu_limit} is below the {resources.cpu} that are reserved",
            help="raise cpuLimit, or leave it out",
        )  # fmt: skip
    if resources.spot and resolved.place.spec.cloud == "onprem" and resolved.place.spec.spot is None:
        target = resolved.place.target
        yield resolved.finding(
            "spot-unknown", (*pointer, "spot"), f"target {target} does not say which of its nodes are spot",
            help=f"describe them in targets/{target}.yaml, spec.spot (empty: all of them), or remove spot",
        )  # fmt: skip
    if resources.accelerator is not None:
        yield from _accelerator(resolved, (*pointer, "accelerator"), resources.accelerator)


def _accelerator(resolved: Resolved, pointer: Pointer, request: AcceleratorRequest) -> Iterator[Finding]:
    known, target = resolved.place.spec.accelerators, resolved.place.target
    if request.class_ not in known:
        yield unknown_name(resolved, (*pointer, "class"), "accelerator", request.class_, known, f"target {target}")
    elif request.count > (most := known[request.class_].max_per_node):
        yield resolved.finding(
            "too-many-accelerators", (*pointer, "count"),
            f"{request.count} of {request.class_} do not fit on a node of target {target}, which has {most}",
            help=f"ask for at most {most}, or correct maxPerNode in targets/{target}.yaml",
        )  # fmt: skip
