"""What is done about a cause goes as far as it can: one cluster that is away keeps nothing from the others."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

from mlgitops.controller.answering import Answering
from mlgitops.errors import TargetError
from mlgitops.response.cause import Cause, Signal
from mlgitops.response.errands import Errand, Kind, Result
from mlgitops.response.ledger import Known
from mlgitops.targets.kept import KeptConnections
from tests.unit.controller.conftest import SERVICE, MakeGoals

KNOWN = Known(Cause(Signal.DRIFT, "prod", "iris", "1.0", "ModelDataDrift"), 1_800_000_000.0)


class Clusters:
    """The connections to clusters, by their context, of which some are away."""

    def __init__(self, *away: str) -> None:
        self.away = away
        self.told: list[str] = []

    def client(self, connection: Any) -> Any:
        context = connection["kubernetes"]["context"]
        if context in self.away:
            raise TargetError(f"{context} gives no answer", help="See that it runs.")
        return Cluster(self, context)


class Cluster:
    """Takes every Event."""

    def __init__(self, clusters: Clusters, context: str) -> None:
        self._clusters, self._context = clusters, context

    def send(self, *_: Any, **__: Any) -> None:
        self._clusters.told.append(self._context)


def test_an_event_gets_to_every_cluster_that_is_there(make_goals: MakeGoals) -> None:
    clusters = Clusters("aws")
    goals = []
    for key, goal in make_goals().targets.items():
        target = replace(
            goal.target, connection={"kubernetes": {"context": key.target}}, manifests=(cast("Any", SERVICE),)
        )
        goals.append(replace(goal, rendering=replace(goal.rendering, targets=(target,))))
    answering = Answering(cast("KeptConnections", clusters), lambda _: cast("Any", None), lambda: 1.8e9, None, {})
    (outcome,) = answering.answer(KNOWN, (Errand(Kind.EVENT),), tuple(goals))
    assert clusters.told == ["gcp", "azure"]
    assert (outcome.result, outcome.reason.partition(" ")[0]) == (Result.LATER, "aws")
