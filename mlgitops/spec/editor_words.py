"""Puts into JSON Schemas what editors show beside them: a line for each value of a list, and examples. Pure.

``enumDescriptions`` and ``examples`` are keywords that VS Code and yaml-language-server read; validators pass over the
first, and draft-07 says of the second that it decides nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlgitops.spec.enum_words import MEANINGS, NULL

Schema = dict[str, Any]

EXAMPLES: Mapping[str, tuple[Any, ...]] = {
    "AcceleratorRequest.class": ("a10g", "t4"),
    "Algorithm.settings": ({"random_state": "10"},),
    "Artifact.uri": ("s3://models/iris/1.0", "store://models/iris/1.0"),
    "ArtifactInput.from": ("steps.prepare.dataset",),
    "Batch.timezone": ("Europe/Zurich",),
    "Bound.metric": ("accuracy",),
    "Build.repository": ("https://git.example.com/ml/training",),
    "Components.kserve": ("0.16.0",),
    "DirectoryConnection.path": ("clusters/aws-dev",),
    "EnvironmentSpec.targets": (["aws-dev", "gcp-dev"],),
    "Forge.branch": ("main",),
    "Forge.repository": ("acme/shop",),
    "Forge.tokenFrom": ("SHOP_FORGE_TOKEN",),
    "Forge.url": ("https://git.example.com", "../shop.git"),
    "Framework.version": ("1.5.2",),
    "Governance.owner": ("risk-models@example.com",),
    "GraphStep.condition": ("inputs.0.parameters.country",),
    "KubernetesConnection.context": ("prod-eu",),
    "Prices.currency": ("EUR",),
    "ProjectSpec.controller": ("kubernetes:hub/mlgitops",),
    "ProjectSpec.environments": (["dev", "staging", "prod"],),
    "PrometheusServer.url": ("http://prometheus.monitoring:9090",),
    "Release.evidence": ("evidence/iris/1.0.json",),
    "Release.registered": ("mlflow:models:/iris/7",),
    "Release.sourceCommit": ("0123456789abcdef0123456789abcdef01234567",),
    "Release.trainingRun": ("https://mlflow.example.com/#/experiments/1/runs/abc",),
    "Release.version": ("1.10",),
    "Resources.cpu": ("500m", "2"),
    "Resources.memory": ("512Mi", "4Gi"),
    "Serving.format": ("sklearn", "xgboost", "onnx"),
    "Serving.runtime": ("kserve-sklearnserver",),
    "ServingGateway.hostname": ("{model}.models.example.com",),
    "Step.uses": ("check-data@1",),
    "Streaming.brokers": (["kafka-1.example.com:9093"],),
    "Streaming.topic": ("transactions",),
}
"""For a block's field by its name in YAML, what might stand there; beside those of types that are shared."""


def with_words(definitions: Mapping[str, Schema]) -> dict[str, Schema]:
    """The definitions by name, each field with what its values mean and with examples where there are any."""
    return {name: _block(schema) for name, schema in definitions.items()}


def _block(schema: Schema) -> Schema:
    name = schema.get("title", "")
    fields = schema.get("properties", {})
    return {**schema, "properties": {key: _field(f"{name}.{key}", field) for key, field in fields.items()}}


def _field(place: str, field: Schema) -> Schema:
    described = _described(field, MEANINGS.get(place, {}))
    return {**described, "examples": list(EXAMPLES[place])} if place in EXAMPLES else described


def _described(value: Any, meanings: Mapping[str, str]) -> Any:
    """A schema in which every list of values is followed by what they mean, wherever it stands in the field."""
    if isinstance(value, list):
        return [_described(item, meanings) for item in value]
    if not isinstance(value, dict):
        return value
    found = {key: _described(inner, meanings) for key, inner in value.items()}
    values = found.get("enum")
    if meanings and isinstance(values, list):
        found["enumDescriptions"] = [NULL if each is None else meanings.get(each, "") for each in values]
    return found
