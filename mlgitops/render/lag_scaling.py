"""How many consumers run: KEDA's ScaledObject with the kafka trigger, and how KEDA logs in to Kafka. Pure.

Facts are of KEDA v2.17.2, ``pkg/scalers/kafka_scaler.go``. Its admission webhook wants ``metricType`` beside a fallback
in 2.17.0 (KEDA's CHANGELOG.md), so that it is written although it is the default.
"""

from __future__ import annotations

from typing import Any

from mlgitops.manifest import Manifest
from mlgitops.render.metadata import object_metadata
from mlgitops.spec.fields import SecretKey
from mlgitops.spec.quantities import seconds
from mlgitops.spec.resolved import ResolvedModel
from mlgitops.spec.streaming import Streaming

API_VERSION = "keda.sh/v1alpha1"
COMPONENT = "scaling"

_TRIGGER = "spec.triggers.metadata"
SOURCES = {
    "ScaledObject": {
        "spec": "serving.streaming",
        "spec.minReplicaCount": "serving.scaling.min",
        "spec.maxReplicaCount": "serving.scaling.max",
        "spec.pollingInterval": "serving.streaming.polling",
        "spec.cooldownPeriod": "serving.streaming.cooldown",
        "spec.fallback": "serving.streaming.fallback",
        "spec.fallback.replicas": "serving.streaming.fallback.replicas",
        "spec.fallback.failureThreshold": "serving.streaming.fallback.after",
        f"{_TRIGGER}.bootstrapServers": "serving.streaming.brokers",
        f"{_TRIGGER}.consumerGroup": "serving.streaming.group",
        f"{_TRIGGER}.topic": "serving.streaming.topic",
        f"{_TRIGGER}.lagThreshold": "serving.streaming.lagThreshold",
        f"{_TRIGGER}.activationLagThreshold": "serving.streaming.activationLag",
        f"{_TRIGGER}.offsetResetPolicy": "serving.streaming.from",
        f"{_TRIGGER}.version": "serving.streaming.kafkaVersion",
        f"{_TRIGGER}.sasl": "serving.streaming.login.mechanism",
        f"{_TRIGGER}.tls": "serving.streaming.tls",
    },
    "TriggerAuthentication": {"spec": "serving.streaming"},
}


def render(model: ResolvedModel, streaming: Streaming) -> list[Manifest]:
    """The ScaledObject, after the TriggerAuthentication where Kafka wants secrets, which it only refers to."""
    secrets = _secrets(streaming)
    found = [_authentication(model, secrets)] if secrets else []
    return [*found, _scaled_object(model, streaming, with_secrets=bool(secrets))]


def _secrets(streaming: Streaming) -> dict[str, SecretKey]:
    """Where KEDA finds what it logs in with, by its own names of the parameters."""
    login, tls = streaming.login, streaming.tls
    found = {
        "username": login.username if login else None,
        "password": login.password if login else None,
        "ca": tls.ca if tls else None,
        "cert": tls.certificate if tls else None,
        "key": tls.private_key if tls else None,
    }
    return {name: reference for name, reference in found.items() if reference is not None}


def _authentication(model: ResolvedModel, secrets: dict[str, SecretKey]) -> Manifest:
    references = [{"parameter": name, "name": one.secret, "key": one.key} for name, one in secrets.items()]
    return {
        "apiVersion": API_VERSION,
        "kind": "TriggerAuthentication",
        "metadata": object_metadata(model, component=COMPONENT),
        "spec": {"secretTargetRef": references},
    }


def _scaled_object(model: ResolvedModel, streaming: Streaming, *, with_secrets: bool) -> Manifest:
    scaling, fallback = model.spec.serving.scaling, streaming.fallback
    trigger = {
        "type": "kafka",
        "metricType": "AverageValue",
        "metadata": _trigger(streaming),
        **({"authenticationRef": {"name": model.name}} if with_secrets else {}),
    }
    given_up = {"failureThreshold": fallback.after, "replicas": fallback.replicas} if fallback else None
    return {
        "apiVersion": API_VERSION,
        "kind": "ScaledObject",
        "metadata": object_metadata(model, component=COMPONENT),
        "spec": {
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": model.name},
            "pollingInterval": seconds(streaming.polling),
            "cooldownPeriod": seconds(streaming.cooldown),
            "minReplicaCount": scaling.min,
            "maxReplicaCount": scaling.max,
            **({"fallback": given_up} if given_up else {}),
            "triggers": [trigger],
        },
    }


def _trigger(streaming: Streaming) -> dict[str, Any]:
    """The trigger's metadata, all of it text."""
    values = {
        "bootstrapServers": ",".join(streaming.brokers),
        "consumerGroup": streaming.group,
        "topic": streaming.topic,
        "lagThreshold": str(streaming.lag_threshold),
        "activationLagThreshold": str(streaming.activation_lag),
        "offsetResetPolicy": streaming.from_,
        "version": streaming.kafka_version,
        "sasl": streaming.login.mechanism if streaming.login else None,
        "tls": "enable" if streaming.tls is not None else None,
    }
    return {name: value for name, value in values.items() if value is not None}
