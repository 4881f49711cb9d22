"""What leads to a model among manifests: routes, graphs, addresses, and what only looks like one."""

from __future__ import annotations

from typing import Any

import pytest

from mlgitops.promotion.references import Address, addresses, referrers


def manifest(kind: str, spec: Any, name: str = "shop", namespace: str = "ml", model: str = "", **metadata: Any) -> Any:
    labels = {"mlgitops.dev/model": model} if model else {}
    about = {"name": name, "namespace": namespace, "labels": labels, **metadata}
    return {"apiVersion": "example.com/v1", "kind": kind, "metadata": about, "spec": spec}


IRIS = manifest("InferenceService", {"predictor": {}}, name="iris", model="iris")
REACHED = addresses([IRIS], "iris")


def route(*refs: dict[str, Any], **more: Any) -> Any:
    return manifest("HTTPRoute", {"rules": [{"backendRefs": list(refs), **more}]}, namespace="web")


def env(value: str) -> Any:
    container = {"name": "c", "image": "example.com/iris:1", "env": [{"name": "NEXT", "value": value}]}
    return manifest("InferenceService", {"transformer": {"containers": [container]}}, model="rose", name="rose")


def test_a_model_is_reached_by_the_services_that_kserve_makes_for_it() -> None:
    assert {Address("ml", "iris"), Address("ml", "iris-predictor"), Address("ml", "iris-predictor-default")} <= REACHED
    own = manifest("Service", {}, name="iris-v2", model="iris")
    assert addresses([own, manifest("Job", {}, model="iris")], "iris") == {Address("ml", "iris-v2")}
    assert addresses([IRIS], "rose") == frozenset()


def test_a_language_model_is_reached_by_its_service_or_its_pool_and_its_own_route_does_not_count() -> None:
    chat = manifest("LLMInferenceService", {}, name="chat", model="chat")
    reached = addresses([chat], "chat")
    refs = [{"name": name} for name in ("chat-kserve-workload-svc", "chat-inference-pool")]
    routes = [manifest("HTTPRoute", {"rules": [{"backendRefs": [ref]}]}) for ref in refs]
    assert len(list(referrers(routes, "chat", reached))) == 2
    owner = {"kind": "LLMInferenceService", "name": "chat"}
    own = manifest("HTTPRoute", {"rules": [{"backendRefs": refs}]}, ownerReferences=[owner])
    assert list(referrers([own], "chat", reached)) == []


def test_a_model_is_reached_through_its_graph_as_well() -> None:
    reached = addresses([manifest("InferenceGraph", {}, name="iris-graph", model="iris")], "iris")
    assert reached == {Address("ml", "iris-graph")}
    (found,) = referrers([route({"name": "iris-graph", "namespace": "ml"})], "iris", reached)
    assert "spec.rules.0.backendRefs.0" in found
    owner = {"kind": "InferenceGraph", "name": "iris-graph"}
    made = manifest("Service", {"externalName": "http://iris-graph.ml"}, name="iris-graph", ownerReferences=[owner])
    assert list(referrers([made], "iris", reached)) == []


@pytest.mark.parametrize(
    ("leads", "field"),
    [
        (route({"name": "iris-predictor", "namespace": "ml", "port": 80}), "spec.rules.0.backendRefs.0"),
        (
            route(filters=[{"requestMirror": {"backendRef": {"name": "iris", "namespace": "ml"}}}]),
            "spec.rules.0.filters.0.requestMirror.backendRef",
        ),
        (
            manifest("InferenceGraph", {"nodes": {"root": {"steps": [{"serviceName": "iris"}]}}}),
            "spec.nodes.root.steps.0",
        ),
        (
            manifest("InferenceGraph", {"nodes": {"root": {"steps": [{"serviceUrl": "http://iris/v1"}]}}}),
            "spec.nodes.root.steps.0.serviceUrl",
        ),
        (
            manifest("Ingress", {"rules": [{"http": {"paths": [{"backend": {"service": {"name": "iris"}}}]}}]}),
            "spec.rules.0.http.paths.0.backend.service",
        ),
        (
            manifest("VirtualService", {"http": [{"route": [{"destination": {"host": "iris-predictor"}}]}]}),
            "spec.http.0.route.0.destination.host",
        ),
        (manifest("KafkaSource", {"sink": {"ref": {"kind": "InferenceService", "name": "iris"}}}), "spec.sink.ref"),
        (manifest("Trigger", {"subscriber": {"uri": "http://iris.ml.svc.cluster.local/"}}), "spec.subscriber.uri"),
        (env("iris-predictor.ml"), "spec.transformer.containers.0.env.0.value"),
        (env("iris-predictor:8080"), "spec.transformer.containers.0.env.0.value"),
        (env("https://user@IRIS.ml.svc:443/v2?x=1"), "spec.transformer.containers.0.env.0.value"),
        (
            manifest("InferenceService", {"transformer": {"args": ["--host=iris-predictor.ml.svc"]}}, name="rose"),
            "spec.transformer.args.0",
        ),
    ],
)  # fmt: skip
def test_what_leads_to_it_is_told_with_the_field(leads: Any, field: str) -> None:
    name, namespace = leads["metadata"]["name"], leads["metadata"]["namespace"]
    assert list(referrers([IRIS, leads], "iris", REACHED)) == [f"{leads['kind']}/{name} in {namespace} ({field})"]


@pytest.mark.parametrize(
    "other",
    [
        route({"name": "iris-predictor", "port": 80}),  # of its own namespace
        route({"name": "iris-next", "namespace": "ml"}),
        manifest("InferenceService", {"predictor": {"model": {"storageUri": "s3://iris/1"}}}, name="rose"),
        manifest("InferenceService", {"predictor": {"model": {"name": "iris"}}}, name="rose"),
        env("iris"),
        env("iris.example.com"),
        env("registry.example.com/iris"),
        env("http://iris.other.svc"),
        manifest("HTTPRoute", {"backendRefs": [{"name": "iris"}]}, model="iris"),  # its own
        manifest(
            "VirtualService", {"host": "iris-predictor"}, ownerReferences=[{"kind": "InferenceService", "name": "iris"}]
        ),
    ],
)
def test_what_does_not_lead_to_it_is_not_told(other: Any) -> None:
    assert list(referrers([IRIS, other], "iris", REACHED)) == []
