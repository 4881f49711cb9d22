"""Whether anything leads to a model that is to be retired, by a look at a real API server."""

from __future__ import annotations

from typing import Any

import pytest

from tests.testbed.control_plane import ControlPlane

pytestmark = [pytest.mark.integration, pytest.mark.kubernetes]

PROD = "environments/prod/models/iris.yaml"
KINDS = {
    "gateway.networking.k8s.io": ["httproutes", "grpcroutes"], "networking.k8s.io": ["ingresses"],
    "serving.kserve.io": ["inferencegraphs", "inferenceservices"],
}  # fmt: skip


def read(*groups: str) -> list[dict[str, list[str]]]:
    return [{"apiGroups": [group], "resources": KINDS[group], "verbs": ["list"]} for group in groups]


class Cluster:
    """Prod of the shop, in a namespace of a real API server, where iris is deprecated and can be retired."""

    def __init__(self, shop: Any, plane: ControlPlane, namespace: str) -> None:
        self.shop = shop
        self.plane = plane
        self.namespace = namespace

    def deprecate(self, model: str) -> None:
        directory = "    directory:\n      path: clusters/prod\n"
        target = self.shop.file("targets/prod-here.yaml").replace(directory, "    kubernetes: {}\n")
        environment = self.shop.file("environments/prod/environment.yaml")
        placed = environment.replace("spec:\n", f"spec:\n  namespace: {self.namespace}\n", 1)
        self.shop.commit({
            "targets/prod-here.yaml": target, "environments/prod/environment.yaml": placed,
            PROD: f"{model}  lifecycle: {{stage: deprecated}}\n",
        })  # fmt: skip

    def create(self, api: str, kind: str, spec: Any, namespace: str = "", name: str = "shop", **metadata: Any) -> None:
        about = {"name": name, "namespace": namespace or self.namespace, **metadata}
        self.plane.api.create({"apiVersion": api, "kind": kind, "metadata": about, "spec": spec})

    def route(self, namespace: str = "", **metadata: Any) -> None:
        reference = {"name": "iris-predictor", "namespace": self.namespace, "port": 80}
        spec = {"rules": [{"backendRefs": [reference]}]}
        self.create("gateway.networking.k8s.io/v1", "HTTPRoute", spec, namespace, **metadata)

    def retire(self) -> Any:
        return self.shop.run("retire", "iris", "--env", "prod")


@pytest.fixture
def cluster(
    shop: Any, control_plane: ControlPlane, namespace: str, model_text: Any, monkeypatch: pytest.MonkeyPatch
) -> Cluster:
    made = Cluster(shop, control_plane, namespace)
    made.deprecate(model_text("prod", "1.0"))
    monkeypatch.setenv("KUBECONFIG", str(control_plane.kubeconfig))
    return made


def test_a_model_that_nothing_leads_to_is_retired_and_the_pull_request_says_so(cluster: Cluster) -> None:
    owner = {"apiVersion": "serving.kserve.io/v1beta1", "kind": "InferenceService", "name": "iris", "uid": "1"}
    cluster.route(ownerReferences=[owner])  # as KServe makes one for the model itself
    ran = cluster.retire()
    assert ran.code == 0, ran.err
    pull = cluster.shop.forge.find("retire/prod/iris")
    assert "prod-here: no route, graph or InferenceService leads to it</code>" in pull.body


def test_a_route_of_another_namespace_keeps_the_model(cluster: Cluster) -> None:
    web = cluster.plane.new_namespace()
    cluster.route(web)
    ran = cluster.retire()
    assert (ran.code, cluster.shop.open_pulls()) == (1, [])
    assert f"at prod-here HTTPRoute/shop in {web} (spec.rules.0.backendRefs.0) leads to it" in ran.err


def test_a_graph_that_somebody_made_by_hand_keeps_the_model(cluster: Cluster) -> None:
    steps = [{"serviceName": "iris", "weight": 100}]
    spec = {"nodes": {"root": {"routerType": "Splitter", "steps": steps}}}
    cluster.create("serving.kserve.io/v1alpha1", "InferenceGraph", spec)
    ran = cluster.retire()
    assert (ran.code, "InferenceGraph/shop" in ran.err) == (1, True), ran.err


def test_who_may_read_one_namespace_is_told_that_others_were_not_looked_at(cluster: Cluster, monkeypatch: Any) -> None:
    account = cluster.plane.add_account("reader", read(*KINDS), cluster.namespace)
    monkeypatch.setenv("KUBECONFIG", str(account))
    ran = cluster.retire()
    assert ran.code == 0, ran.err
    body = cluster.shop.forge.find("retire/prod/iris").body
    assert f"leads to it in {cluster.namespace}; other namespaces may not be read" in body


def test_who_may_not_read_at_all_retires_nothing(cluster: Cluster, monkeypatch: Any) -> None:
    account = cluster.plane.add_account("blind", read("networking.k8s.io"), cluster.namespace)
    monkeypatch.setenv("KUBECONFIG", str(account))
    ran = cluster.retire()
    assert (ran.code, cluster.shop.open_pulls()) == (4, [])
    assert "what leads to iris at prod-here cannot be told: not allowed" in ran.err
