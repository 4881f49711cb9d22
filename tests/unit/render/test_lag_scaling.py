from __future__ import annotations

from typing import Any

import pytest

from mlgitops.manifest import Manifest
from mlgitops.render import lag_scaling

BLOCK: dict[str, Any] = {"brokers": ["a:9092", "b:9092"], "topic": "payments", "group": "fraud-dev"}
SECRET = {"secret": "kafka-login", "key": "name"}


@pytest.fixture
def rendered(resolved_model: Any) -> Any:
    """Renders what scales a consumer; ``block`` is merged over a small valid one."""

    def render(block: dict[str, Any] | None = None, **serving: Any) -> list[Manifest]:
        model = resolved_model(serving={"mode": "streaming", "streaming": {**BLOCK, **(block or {})}, **serving})
        return lag_scaling.render(model, model.spec.serving.streaming)

    return render


def test_keda_scales_the_deployment_between_the_bounds(rendered: Any) -> None:
    (scaled,) = rendered(scaling={"min": 0, "max": 7})

    assert scaled["spec"] == {
        "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "fraud-detector"},
        "pollingInterval": 30,
        "cooldownPeriod": 300,
        "minReplicaCount": 0,
        "maxReplicaCount": 7,
        "triggers": [
            {
                "type": "kafka",
                "metricType": "AverageValue",
                "metadata": {
                    "bootstrapServers": "a:9092,b:9092",
                    "consumerGroup": "fraud-dev",
                    "topic": "payments",
                    "lagThreshold": "10",
                    "activationLagThreshold": "0",
                    "offsetResetPolicy": "latest",
                },
            }
        ],
    }


def test_every_value_of_the_trigger_is_text(rendered: Any) -> None:
    block = {"lagThreshold": 100, "activationLag": 3, "kafkaVersion": "3.9.0", "tls": {}}
    (scaled,) = rendered(block)

    metadata = scaled["spec"]["triggers"][0]["metadata"]
    assert {type(value) for value in metadata.values()} == {str}
    assert (metadata["lagThreshold"], metadata["version"], metadata["tls"]) == ("100", "3.9.0", "enable")


def test_keda_is_told_where_secrets_are_and_never_what_they_are(rendered: Any) -> None:
    login = {"mechanism": "scram_sha512", "username": SECRET, "password": {"secret": "kafka-login", "key": "word"}}
    tls = {"ca": {"secret": "kafka-ca", "key": "ca.crt"}, "certificate": SECRET, "privateKey": SECRET}
    authentication, scaled = rendered({"login": login, "tls": tls})

    assert authentication["kind"] == "TriggerAuthentication"
    assert authentication["spec"]["secretTargetRef"] == [
        {"parameter": "username", "name": "kafka-login", "key": "name"},
        {"parameter": "password", "name": "kafka-login", "key": "word"},
        {"parameter": "ca", "name": "kafka-ca", "key": "ca.crt"},
        {"parameter": "cert", "name": "kafka-login", "key": "name"},
        {"parameter": "key", "name": "kafka-login", "key": "name"},
    ]
    (trigger,) = scaled["spec"]["triggers"]
    assert trigger["authenticationRef"] == {"name": authentication["metadata"]["name"]}
    assert (trigger["metadata"]["sasl"], trigger["metadata"]["tls"]) == ("scram_sha512", "enable")


def test_a_fallback_is_rendered_where_it_is_asked_for(rendered: Any) -> None:
    (plain,) = rendered()
    (scaled,) = rendered({"fallback": {"replicas": 0, "after": 5}})

    assert "fallback" not in plain["spec"]
    assert scaled["spec"]["fallback"] == {"failureThreshold": 5, "replicas": 0}
