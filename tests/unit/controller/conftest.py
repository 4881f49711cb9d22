"""Goals and states of environments, for tests of what decides without looking at anything."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import pytest

from mlgitops.controller.goals import Goal, Goals, Policy
from mlgitops.controller.state import Key
from mlgitops.manifest import LABEL_MODEL
from mlgitops.render.rendering import Rendering, TargetRendering
from mlgitops.spec.reconcile import Reconcile

SERVICE = {
    "apiVersion": "serving.kserve.io/v1beta1", "kind": "InferenceService",
    "metadata": {"name": "iris", "namespace": "models", "labels": {LABEL_MODEL: "iris"}},
}  # fmt: skip
"""What serves a model at a target."""


class MakeGoals(Protocol):
    """The goals of environments with these targets; ``content`` is what is to be there."""

    def __call__(
        self,
        commit: str = ...,
        content: str = ...,
        targets: Sequence[str] = ...,
        broken: dict[str, str] = ...,
        **reconcile: Any,
    ) -> Goals: ...


@pytest.fixture
def make_goals() -> MakeGoals:
    def made(
        commit: str = "c1",
        content: str = "1",
        targets: Sequence[str] = ("aws", "gcp", "azure"),
        broken: dict[str, str] | None = None,
        **reconcile: Any,
    ) -> Goals:
        policy = Policy(Reconcile.model_validate(reconcile), tuple(targets), {}, ())
        found = {}
        for name in targets:
            rendering = Rendering("shop", "prod", (TargetRendering(name, {"directory": {}}, ()),), commit=commit)
            found[Key("prod", name)] = Goal(rendering, policy, f"{name}-{content}", {})
        if broken:
            return Goals(commit, {}, {}, {}, broken)
        return Goals(commit, found, {"prod": content}, {"prod": policy})

    return made
