"""The rule that what users wait for in the last environment does not stand on one spot node alone. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from mlgitops.finding import Finding, Severity
from mlgitops.spec.resolve import Resolution
from mlgitops.spec.resolved import ResolvedModel

POLICY_CODES = frozenset({"spot-single-replica"})

_WAITED_FOR = frozenset({"realtime", "llm", "edge"})
"""Modes in which somebody waits for each answer; a batch or a stream only becomes later."""


def check(resolution: Resolution) -> Iterator[Finding]:
    """A finding for each model whose one replica may be taken away with its node."""
    last = resolution.project.spec.environments[-1] if resolution.project else ""
    if resolution.environment == last:
        for model in resolution.models:
            yield from _alone(model)


def _alone(model: ResolvedModel) -> Iterator[Finding]:
    serving = model.spec.serving
    if serving.resources.spot and serving.scaling.min == 1 and serving.mode in _WAITED_FOR:
        yield model.finding(
            "spot-single-replica", ("serving", "resources", "spot"),
            f"{model.name} may run as one replica on a spot node at target {model.place.target}, "
            "and nothing answers while it is replaced",
            help="set serving.scaling.min to 2 or more, or remove spot", severity=Severity.WARNING,
        )  # fmt: skip
