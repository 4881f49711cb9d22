"""Scoring of a stream: a Deployment that consumes a Kafka topic, and what scales it by its lag. Pure.

The Deployment says no number of replicas: that is KEDA's, and a plan that named one would fight it.
"""

from __future__ import annotations

from typing import Any

from mlgitops.manifest import LABEL_MODEL, Manifest
from mlgitops.render import lag_scaling
from mlgitops.render.container import (
    POD_SECURITY_CONTEXT,
    SECURITY_CONTEXT,
    environment,
    image,
    node_sources,
    resource_requirements,
    resource_sources,
    scheduling,
)
from mlgitops.render.metadata import object_metadata
from mlgitops.render.replicas import deployment_strategy, pod_labels, zone_spread
from mlgitops.render.service_account import SOURCES as ACCOUNT_SOURCES
from mlgitops.render.service_account import identity_secrets, service_account
from mlgitops.render.storage import storage_uri
from mlgitops.spec.fields import SecretKey
from mlgitops.spec.quantities import seconds
from mlgitops.spec.resolved import ResolvedModel
from mlgitops.spec.streaming import ConsumerHealth, Streaming

COMPONENT = "consumer"
HTTP = "http"
"""The name of the port for probes and metrics."""
_STARTUP_PERIOD = 10

_CONTAINER = "spec.template.spec.containers"
SOURCES = {
    **ACCOUNT_SOURCES,
    **lag_scaling.SOURCES,
    "Deployment": {
        "spec": "serving.streaming",
        "spec.strategy": "rollout",
        "spec.strategy.type": "rollout.strategy",
        "spec.strategy.rollingUpdate.maxSurge": "rollout.maxSurge",
        "spec.strategy.rollingUpdate.maxUnavailable": "rollout.maxUnavailable",
        "spec.template.metadata.labels.mlgitops.dev/release": "release.version",
        "spec.template.spec.serviceAccountName": "serving.identity",
        "spec.template.spec.terminationGracePeriodSeconds": "serving.streaming.drain",
        "spec.template.spec.topologySpreadConstraints": "serving.spreadZones",
        **node_sources("spec.template.spec", "serving.resources"),
        f"{_CONTAINER}.image": "release.image",
        f"{_CONTAINER}.command": "serving.streaming.command",
        f"{_CONTAINER}.args": "serving.streaming.args",
        f"{_CONTAINER}.ports": "serving.port",
        f"{_CONTAINER}.livenessProbe": "serving.streaming.health",
        f"{_CONTAINER}.readinessProbe": "serving.streaming.health",
        f"{_CONTAINER}.startupProbe": "serving.streaming.health",
        f"{_CONTAINER}.envFrom": "target:identities",
        f"{_CONTAINER}.env": "serving.env.[]",
        f"{_CONTAINER}.env.[MODEL_URI]": "release.artifact.uri",
        f"{_CONTAINER}.env.[MODEL_VERSION]": "release.version",
        f"{_CONTAINER}.env.[KAFKA_BROKERS]": "serving.streaming.brokers",
        f"{_CONTAINER}.env.[KAFKA_TOPIC]": "serving.streaming.topic",
        f"{_CONTAINER}.env.[KAFKA_GROUP]": "serving.streaming.group",
        f"{_CONTAINER}.env.[KAFKA_OFFSET_RESET]": "serving.streaming.from",
        f"{_CONTAINER}.env.[KAFKA_OUTPUT_TOPIC]": "serving.streaming.outputTopic",
        f"{_CONTAINER}.env.[KAFKA_SECURITY_PROTOCOL]": "serving.streaming.tls",
        f"{_CONTAINER}.env.[KAFKA_SASL_MECHANISM]": "serving.streaming.login.mechanism",
        f"{_CONTAINER}.env.[KAFKA_USERNAME]": "serving.streaming.login.username",
        f"{_CONTAINER}.env.[KAFKA_PASSWORD]": "serving.streaming.login.password",
        f"{_CONTAINER}.env.[KAFKA_CA]": "serving.streaming.tls.ca",
        f"{_CONTAINER}.env.[KAFKA_CERTIFICATE]": "serving.streaming.tls.certificate",
        f"{_CONTAINER}.env.[KAFKA_PRIVATE_KEY]": "serving.streaming.tls.privateKey",
        **resource_sources(f"{_CONTAINER}.resources", "serving.resources"),
    },
}
_MECHANISMS = {"plaintext": "PLAIN", "scram_sha256": "SCRAM-SHA-256", "scram_sha512": "SCRAM-SHA-512"}
"""SASL mechanisms as Kafka's clients name them, by KEDA's names."""


def render(model: ResolvedModel) -> list[Manifest]:
    """The manifests of a streaming model: account where an identity is named, consumer, and its scaling."""
    streaming = model.spec.serving.streaming
    if streaming is None:  # refused by check before
        raise ValueError(f"model {model.name} has mode streaming and no streaming block")
    account = service_account(model, model.spec.serving.identity)
    return [*([account] if account else []), _deployment(model, streaming), *lag_scaling.render(model, streaming)]


def consumer_selector(model: ResolvedModel) -> dict[str, str]:
    """The labels of the consumer's pods. A Deployment's selector can never change, so that no release is in it."""
    return {LABEL_MODEL: model.name, "app.kubernetes.io/component": COMPONENT}


def _deployment(model: ResolvedModel, streaming: Streaming) -> Manifest:
    selector = consumer_selector(model)
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": object_metadata(model, component=COMPONENT),
        "spec": {
            "selector": {"matchLabels": selector},
            "strategy": deployment_strategy(model.spec.rollout),
            "template": {"metadata": {"labels": {**pod_labels(model), **selector}}, "spec": _pod(model, streaming)},
        },
    }


def _pod(model: ResolvedModel, streaming: Streaming) -> dict[str, Any]:
    """Without links to services: a Service called ``kafka`` would put KAFKA_PORT and more into the environment."""
    serving = model.spec.serving
    spread = zone_spread(model, consumer_selector(model))
    return {
        **({"serviceAccountName": model.name} if serving.identity else {}),
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "securityContext": dict(POD_SECURITY_CONTEXT),
        "terminationGracePeriodSeconds": seconds(streaming.drain),
        **scheduling(model, serving.resources),
        **({"topologySpreadConstraints": spread} if spread else {}),
        "containers": [_container(model, streaming)],
    }


def _container(model: ResolvedModel, streaming: Streaming) -> dict[str, Any]:
    serving = model.spec.serving
    secrets = identity_secrets(model, serving.identity)
    return {
        "name": COMPONENT,
        "image": image(model, model.spec.release.image or streaming.image or ""),
        **({"command": list(streaming.command)} if streaming.command else {}),
        **({"args": list(streaming.args)} if streaming.args else {}),
        "env": [*environment(serving.env), *_own_variables(model, streaming), *_secret_variables(streaming)],
        **({"envFrom": [{"secretRef": {"name": name}} for name in secrets]} if secrets else {}),
        **({"ports": [{"name": HTTP, "containerPort": serving.port, "protocol": "TCP"}]} if serving.port else {}),
        **(_probes(streaming.health) if streaming.health else {}),
        "resources": resource_requirements(model, serving.resources),
        "securityContext": dict(SECURITY_CONTEXT),
    }


def _own_variables(model: ResolvedModel, streaming: Streaming) -> list[dict[str, Any]]:
    """What to score with which model: last, so that they win over the user's (``check`` refuses the clash)."""
    release, login = model.spec.release, streaming.login
    values = {
        "MODEL_URI": storage_uri(model, release.artifact.uri),
        "MODEL_VERSION": release.version,
        "KAFKA_BROKERS": ",".join(streaming.brokers),
        "KAFKA_TOPIC": streaming.topic,
        "KAFKA_GROUP": streaming.group,
        "KAFKA_OFFSET_RESET": streaming.from_,
        "KAFKA_OUTPUT_TOPIC": streaming.output_topic,
        "KAFKA_SECURITY_PROTOCOL": ("SASL_" if login else "") + ("PLAINTEXT" if streaming.tls is None else "SSL"),
        "KAFKA_SASL_MECHANISM": _MECHANISMS[login.mechanism] if login else None,
    }
    return [{"name": name, "value": value} for name, value in values.items() if value is not None]


def _secret_variables(streaming: Streaming) -> list[dict[str, Any]]:
    login, tls = streaming.login, streaming.tls
    references: dict[str, SecretKey | None] = {
        "KAFKA_USERNAME": login.username if login else None,
        "KAFKA_PASSWORD": login.password if login else None,
        "KAFKA_CA": tls.ca if tls else None,
        "KAFKA_CERTIFICATE": tls.certificate if tls else None,
        "KAFKA_PRIVATE_KEY": tls.private_key if tls else None,
    }
    return [
        {"name": name, "valueFrom": {"secretKeyRef": {"name": reference.secret, "key": reference.key}}}
        for name, reference in references.items()
        if reference is not None
    ]


def _probes(health: ConsumerHealth) -> dict[str, Any]:
    tries = -(-seconds(health.startup) // _STARTUP_PERIOD)
    return {
        "startupProbe": _probe(health.live, _STARTUP_PERIOD, tries),
        "livenessProbe": _probe(health.live, 20, 3),
        "readinessProbe": _probe(health.ready, 10, 3),
    }


def _probe(path: str, period: int, tries: int) -> dict[str, Any]:
    asked = {"path": path, "port": HTTP}
    return {"httpGet": asked, "periodSeconds": period, "timeoutSeconds": 5, "failureThreshold": tries}
