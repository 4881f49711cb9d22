"""The two releases of a model that run side by side while one takes over from the other. Pure.

Each is a resolved model of its own, so that everything that is rendered or checked of a release can be of either.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from mlgitops.spec.resolved import ResolvedModel
from mlgitops.spec.rollout import PROGRESSIVE, BlueGreen, Canary


class SideBySide(NamedTuple):
    """The release that has served so far, and the new one; each with its ``part``."""

    stable: ResolvedModel
    new: ResolvedModel


def is_progressive(model: ResolvedModel) -> bool:
    """Whether the model's strategy has two releases run where a stable one is given, in a mode where that can be."""
    return model.spec.rollout.strategy in PROGRESSIVE and model.spec.serving.mode == "realtime"


def side_by_side(model: ResolvedModel) -> SideBySide | None:
    """The two releases; None where one alone runs."""
    stable = model.spec.rollout.stable
    if stable is None or not is_progressive(model):
        return None
    before = model.spec.model_copy(update={"release": stable})
    return SideBySide(replace(model, spec=before, part="stable"), replace(model, part="new"))


def new_percent(model: ResolvedModel) -> int:
    """Percent of the requests that the new release answers; a shadow's answers go nowhere."""
    rollout = model.spec.rollout
    if rollout.strategy == "canary":
        return (rollout.canary or Canary()).weight
    if rollout.strategy == "blueGreen":
        return 100 if (rollout.blue_green or BlueGreen()).active == "new" else 0
    return 0
