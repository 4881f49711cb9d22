from __future__ import annotations

from typing import Any

from mlgitops.render.replicas import deployment_strategy, pod_labels, zone_spread


def test_a_strategy_is_written_as_kubernetes_reads_it(resolved_model: Any) -> None:
    rolling = resolved_model(rollout={"maxSurge": 2, "maxUnavailable": 1}).spec.rollout
    recreate = resolved_model(rollout={"strategy": "recreate"}).spec.rollout

    bounds = {"maxSurge": 2, "maxUnavailable": 1}
    assert deployment_strategy(rolling) == {"type": "RollingUpdate", "rollingUpdate": bounds}
    assert deployment_strategy(recreate) == {"type": "Recreate"}


def test_pods_say_whose_they_are_and_what_their_identity_needs(resolved_model: Any) -> None:
    plain = resolved_model(target={"cloud": "azure"})
    known = resolved_model(target={"cloud": "azure"}, serving={"identity": "model-reader"})

    own = {"mlgitops.dev/model": "fraud-detector", "mlgitops.dev/release": "1.4.0", "mlgitops.dev/environment": "dev"}
    assert pod_labels(plain) == own
    assert pod_labels(known) == {**own, "azure.workload.identity/use": "true"}


def test_pods_are_spread_where_it_is_asked_for(resolved_model: Any) -> None:
    (constraint,) = zone_spread(resolved_model(serving={"spreadZones": True}), {"a": "b"})

    assert constraint["labelSelector"] == {"matchLabels": {"a": "b"}}
    assert zone_spread(resolved_model(), {"a": "b"}) == []
