from __future__ import annotations

from typing import Any

import pytest

from mlgitops.check import edge

DIGEST = "sha256:" + "0123456789abcdef" * 4
ARTIFACT = {"uri": f"oci://registry.example.com/fraud@{DIGEST}"}
ROLLOUT = {"maxSurge": 0, "maxUnavailable": 1}
GRAPH: dict[str, Any] = {"nodes": [{"name": "root", "kind": "sequence", "steps": [{"model": "a"}]}]}
PART = {"image": f"example.com/t@{DIGEST}", "resources": {"cpu": "1", "memory": "1Gi"}}


@pytest.fixture
def places(resolved_model: Any) -> Any:
    """The codes and pointers of the findings about a model in mode edge; ``serving`` is merged over a sound one."""

    def found(
        serving: dict[str, Any] | None = None,
        target: dict[str, Any] | None = None,
        rollout: dict[str, Any] | None = None,
        artifact: str = "",
    ) -> list[tuple[str, str]]:
        model = resolved_model(
            serving={"mode": "edge", **(serving or {})},
            target=target or {},
            release={"artifact": {"uri": artifact} if artifact else ARTIFACT},
            rollout=ROLLOUT if rollout is None else rollout,
        )
        return [(one.code, one.pointer) for one in edge.check(model)]

    return found


def test_a_sound_model_has_no_findings(places: Any) -> None:
    assert places() == []
    assert places(rollout={"strategy": "recreate"}) == []
    assert places({"transformer": {**PART, "resources": {"cpu": "500m", "memory": "512Mi"}}}) == []


def test_a_model_of_another_mode_is_none_of_its_business(resolved_model: Any) -> None:
    assert list(edge.check(resolved_model())) == []


def test_knative_has_no_room_for_it(places: Any) -> None:
    target = {"serving": {"deploymentMode": "Knative"}}
    assert places(target=target) == [("edge-needs-standard", "spec.serving.mode")]


@pytest.mark.parametrize(
    "uri",
    [
        "s3://example-models/fraud",
        "pvc://claim/fraud",
        "oci://registry.example.com/fraud:1.4.0",
        f"oci://registry.example.com/fraud@{DIGEST}0",
        "oci://registry.example.com/fraud@sha256:1234",
    ],
)
def test_the_model_is_an_image_pinned_by_its_digest(places: Any, uri: str) -> None:
    assert places(artifact=uri) == [("edge-artifact", "spec.release.artifact.uri")]


def test_a_named_store_is_looked_up_first(places: Any) -> None:
    stores = {"images": "oci://registry.example.com/models", "files": "s3://bucket"}
    uri = f"fraud@{DIGEST}"
    assert places(artifact=f"store://images/{uri}", target={"storage": stores}) == []
    assert places(artifact=f"store://files/{uri}", target={"storage": stores}) != []
    assert places(artifact=f"store://nowhere/{uri}") == []  # capability says so


@pytest.mark.parametrize(
    ("serving", "pointer"),
    [
        ({"scaling": {"min": 1, "max": 2}}, "scaling.max"),
        ({"scaling": {"min": 2, "max": 2}}, "scaling.min"),
        ({"transformer": {**PART, "resources": {}, "max": 3}}, "transformer.max"),
        ({"explainer": {**PART, "resources": {}, "min": 0}}, "explainer.min"),
        ({"graph": {**GRAPH, "scaling": {"max": 2}}}, "graph.scaling.max"),
    ],
)  # fmt: skip
def test_there_is_one_replica_of_each_part(places: Any, serving: dict[str, Any], pointer: str) -> None:
    assert [one for one in places(serving) if one[0] == "edge-replicas"] == [
        ("edge-replicas", f"spec.serving.{pointer}")
    ]


@pytest.mark.parametrize(("field", "value"), [("accelerator", {"class": "t4"}), ("spot", True)])
def test_what_a_small_site_has_not_is_refused(places: Any, field: str, value: Any) -> None:
    assert places({"resources": {field: value}}) == [("not-for-edge", f"spec.serving.resources.{field}")]
    part = {"image": PART["image"], "resources": {"cpu": "1", "memory": "1Gi", field: value}}
    assert places({"explainer": part}) == [("not-for-edge", f"spec.serving.explainer.resources.{field}")]


@pytest.mark.parametrize(
    ("rollout", "code", "field"),
    [
        ({}, "edge-surge", "maxSurge"),
        ({"maxSurge": 1, "maxUnavailable": 1}, "edge-surge", "maxSurge"),
        ({"strategy": "canary"}, "not-for-edge", "strategy"),
        ({"strategy": "shadow"}, "not-for-edge", "strategy"),
        ({"strategy": "blueGreen"}, "not-for-edge", "strategy"),
    ],
)
def test_there_is_no_room_for_two_replicas_at_once(places: Any, rollout: dict[str, Any], code: str, field: str) -> None:
    assert places(rollout=rollout) == [(code, f"spec.rollout.{field}")]


def test_all_parts_together_have_to_fit(places: Any) -> None:
    parts = {"resources": {"cpu": "1", "memory": "3584Mi"}, "transformer": PART}
    assert places(parts) == [("edge-too-large", "spec.serving.resources.memory")]
    assert places({"resources": {"cpu": "1001m"}, "transformer": PART}) == [
        ("edge-too-large", "spec.serving.resources.cpu")
    ]
    assert places({"resources": {"cpu": "1", "memory": "3Gi"}, "transformer": PART}) == []
    roomy = {"serving": {"footprint": {"cpu": "4", "memory": "5Gi"}}}
    assert places(parts, target=roomy) == []


def test_the_router_of_a_graph_takes_room_for_the_one_that_replaces_it_too(places: Any, resolved_model: Any) -> None:
    assert places({"graph": {**GRAPH, "resources": {"cpu": "500m"}}}) == []
    graph = {**GRAPH, "resources": {"cpu": "600m"}}
    assert places({"graph": graph}) == [("edge-too-large", "spec.serving.resources.cpu")]
    serving = {"mode": "edge", "graph": graph}
    (finding,) = edge.check(resolved_model(serving=serving, release={"artifact": ARTIFACT}, rollout=ROLLOUT))
    assert "together ask for 2.2 of cpu" in finding.message
