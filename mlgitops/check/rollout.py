"""The rule that a rollout can begin: with no replica more and none fewer, none can ever be replaced. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from mlgitops.finding import Finding
from mlgitops.spec.resolved import ResolvedModel


def stuck(model: ResolvedModel) -> Iterator[Finding]:
    """A finding where Kubernetes would refuse the Deployment's strategy."""
    rollout = model.spec.rollout
    if rollout.strategy != "recreate" and rollout.max_surge == rollout.max_unavailable == 0:
        yield model.finding(
            "rollout-stuck", ("rollout", "maxSurge"), "with no surge and none unavailable, no replica can be replaced",
            help="raise rollout.maxSurge or rollout.maxUnavailable, or set rollout.strategy to recreate",
        )  # fmt: skip
