from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from mlgitops.check.streaming import OWN_VARIABLES
from mlgitops.manifest import Manifest, in_order
from mlgitops.render import streaming

DIGEST = "sha256:" + "0123456789abcdef" * 4
BLOCK: dict[str, Any] = {
    "image": f"example.com/consume@{DIGEST}",
    "brokers": ["b-1.example.com:9096", "b-2.example.com:9096"],
    "topic": "payments",
    "group": "fraud-dev",
}
LOGIN = {
    "mechanism": "scram_sha256",
    "username": {"secret": "kafka-login", "key": "name"},
    "password": {"secret": "kafka-login", "key": "word"},
}
TLS = {
    "ca": {"secret": "kafka-ca", "key": "ca.crt"},
    "certificate": {"secret": "kafka-client", "key": "tls.crt"},
    "privateKey": {"secret": "kafka-client", "key": "tls.key"},
}
EVERYTHING: dict[str, Any] = {
    "command": ["consume"],
    "args": ["--fast"],
    "outputTopic": "scores",
    "kafkaVersion": "3.9.0",
    "lagThreshold": 50,
    "activationLag": 5,
    "from": "earliest",
    "polling": "15s",
    "cooldown": "10m",
    "drain": "90s",
    "fallback": {"replicas": 3},
    "login": LOGIN,
    "tls": TLS,
    "health": {"startup": "95s"},
}


@pytest.fixture
def rendered(resolved_model: Any) -> Callable[..., list[Manifest]]:
    """Renders a streaming model; ``block`` is merged over a small valid one."""

    def render(
        block: dict[str, Any] | None = None,
        target: dict[str, Any] | None = None,
        rollout: dict[str, Any] | None = None,
        release: dict[str, Any] | None = None,
        **serving: Any,
    ) -> list[Any]:
        serving = {"mode": "streaming", "streaming": {**BLOCK, **(block or {})}, **serving}
        model = resolved_model(target=target or {}, serving=serving, rollout=rollout or {}, release=release or {})
        return streaming.render(model)

    return render


def _only(manifests: list[Manifest], kind: str) -> Manifest:
    return next(manifest for manifest in manifests if manifest["kind"] == kind)


def _pod(manifests: list[Manifest]) -> dict[str, Any]:
    pod: dict[str, Any] = _only(manifests, "Deployment")["spec"]["template"]["spec"]
    return pod


def _container(manifests: list[Manifest]) -> dict[str, Any]:
    (container,) = _pod(manifests)["containers"]
    return dict(container)


@pytest.mark.parametrize("cloud", ["aws", "gcp", "azure", "onprem"])
def test_a_consumer_as_it_was_reviewed(
    rendered: Any, golden: Callable[[str, str], None], manifests_text: Any, cloud: str
) -> None:
    manifests = rendered(
        EVERYTHING,
        target={"cloud": cloud},
        identity="model-reader",
        port=8080,
        spreadZones=True,
        scaling={"min": 0, "max": 8},
        env=[{"name": "LEVEL", "value": "debug"}],
        resources={"cpu": "2", "memory": "8Gi", "accelerator": {"class": "a10g"}},
    )

    golden(f"render/streaming-{cloud}.yaml", manifests_text(in_order(manifests)))


def test_the_least_that_can_be_said_is_a_deployment_and_its_scaling(rendered: Any) -> None:
    manifests = rendered()

    assert [manifest["kind"] for manifest in manifests] == ["Deployment", "ScaledObject"]
    assert {variable["name"]: variable["value"] for variable in _container(manifests)["env"]} == {
        "MODEL_URI": "s3://example-models/fraud/1.4.0",
        "MODEL_VERSION": "1.4.0",
        "KAFKA_BROKERS": "b-1.example.com:9096,b-2.example.com:9096",
        "KAFKA_TOPIC": "payments",
        "KAFKA_GROUP": "fraud-dev",
        "KAFKA_OFFSET_RESET": "latest",
        "KAFKA_SECURITY_PROTOCOL": "PLAINTEXT",
    }
    assert not {"command", "args", "ports", "livenessProbe", "envFrom"} & _container(manifests).keys()
    assert "serviceAccountName" not in _pod(manifests)


def test_the_number_of_replicas_is_left_to_keda(rendered: Any) -> None:
    assert "replicas" not in _only(rendered(scaling={"min": 3, "max": 3}), "Deployment")["spec"]


def test_the_selector_which_never_changes_holds_no_release(rendered: Any) -> None:
    def deployment(version: str) -> Any:
        release = {"version": version, "artifact": {"uri": "s3://example-models/fraud"}}
        return _only(rendered(release=release), "Deployment")["spec"]

    one, other = deployment("1"), deployment("2")
    assert one["selector"] == other["selector"]
    for spec in (one, other):
        assert spec["selector"]["matchLabels"].items() <= spec["template"]["metadata"]["labels"].items()
    assert one["template"]["metadata"]["labels"] != other["template"]["metadata"]["labels"]


def test_every_variable_of_ours_is_one_that_users_are_refused(rendered: Any) -> None:
    assert {variable["name"] for variable in _container(rendered(EVERYTHING))["env"]} == OWN_VARIABLES


@pytest.mark.parametrize(
    ("login", "tls", "protocol"),
    [
        (None, None, "PLAINTEXT"),
        (None, {}, "SSL"),
        (LOGIN, None, "SASL_PLAINTEXT"),
        (LOGIN, TLS, "SASL_SSL"),
    ],
)
def test_the_consumer_is_told_the_protocol(rendered: Any, login: Any, tls: Any, protocol: str) -> None:
    variables = {one["name"]: one.get("value") for one in _container(rendered({"login": login, "tls": tls}))["env"]}

    assert variables["KAFKA_SECURITY_PROTOCOL"] == protocol
    assert variables.get("KAFKA_SASL_MECHANISM") == ("SCRAM-SHA-256" if login else None)


def test_secrets_are_only_referred_to(rendered: Any) -> None:
    variables = {one["name"]: one for one in _container(rendered({"login": LOGIN, "tls": TLS}))["env"]}

    assert variables["KAFKA_PASSWORD"]["valueFrom"] == {"secretKeyRef": {"name": "kafka-login", "key": "word"}}
    assert variables["KAFKA_PRIVATE_KEY"]["valueFrom"] == {"secretKeyRef": {"name": "kafka-client", "key": "tls.key"}}


def test_the_releases_own_image_comes_first(rendered: Any) -> None:
    own = f"example.com/own@{DIGEST}"

    assert _container(rendered(release={"image": own}))["image"] == own


def test_pods_keep_to_the_restricted_profile(rendered: Any) -> None:
    manifests = rendered()

    pod, container = _pod(manifests), _container(manifests)
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert container["securityContext"] == {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}
    assert (pod["automountServiceAccountToken"], pod["enableServiceLinks"]) == (False, False)


def test_a_slow_start_is_no_reason_for_a_restart(rendered: Any) -> None:
    container = _container(rendered({"health": {"live": "/ping", "ready": "/ready", "startup": "95s"}}, port=4195))

    assert container["ports"] == [{"name": "http", "containerPort": 4195, "protocol": "TCP"}]
    assert (container["startupProbe"]["periodSeconds"], container["startupProbe"]["failureThreshold"]) == (10, 10)
    assert container["livenessProbe"]["httpGet"] == {"path": "/ping", "port": "http"}
    assert container["readinessProbe"]["httpGet"] == {"path": "/ready", "port": "http"}


def test_the_strategy_is_the_rollouts(rendered: Any) -> None:
    def strategy(**rollout: Any) -> Any:
        return _only(rendered(rollout=rollout), "Deployment")["spec"]["strategy"]

    assert strategy(maxSurge=2)["rollingUpdate"] == {"maxSurge": 2, "maxUnavailable": 0}
    assert strategy(strategy="recreate") == {"type": "Recreate"}


def test_an_identity_is_an_account_of_the_models_name(rendered: Any) -> None:
    manifests = rendered(identity="model-reader", target={"cloud": "azure"})

    assert _only(manifests, "ServiceAccount")["metadata"]["name"] == "fraud-detector"
    assert _pod(manifests)["serviceAccountName"] == "fraud-detector"
    labels = _only(manifests, "Deployment")["spec"]["template"]["metadata"]["labels"]
    assert labels["azure.workload.identity/use"] == "true"


def test_without_a_block_nothing_is_guessed(resolved_model: Any) -> None:
    with pytest.raises(ValueError, match="no streaming block"):
        streaming.render(resolved_model(serving={"mode": "streaming"}))
