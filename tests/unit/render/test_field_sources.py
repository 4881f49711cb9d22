from __future__ import annotations

from typing import Any

import pytest

from mlgitops.render.field_sources import spec_pointer
from mlgitops.render.render import render
from mlgitops.spec.model import ModelSpec
from mlgitops.spec.pipeline import PipelineSpec
from mlgitops.spec.target import TargetSpec
from mlgitops.spec.validation import field_at
from mlgitops.targets import owner_of

IMAGE = "example.com/a@sha256:" + "0" * 64
BATCH = {"command": ["score"], "input": "s3://in", "output": "s3://out", "schedule": ["@daily"], "shards": 3}
EVERYTHING = {
    "identity": "model-reader",
    "env": [{"name": "LEVEL", "value": "info"}, {"name": "KEY", "fromSecret": {"secret": "a", "key": "b"}}],
    "args": ["--fast"],
    "spreadZones": True,
    "scaling": {"min": 1, "max": 4},
    "resources": {"accelerator": {"class": "t4"}, "spot": True},
}
MODELS: list[dict[str, Any]] = [
    {
        "serving": {
            **EVERYTHING,
            "format": "sklearn",
            "protocol": "v1",
            "batcher": {},
            "logger": {"url": "http://sink.example.com"},
            "transformer": {"image": IMAGE, "command": ["x"], "args": ["y"], "env": [{"name": "A", "value": "b"}]},
            "explainer": {"image": IMAGE},
            "graph": {
                "nodes": [{"name": "root", "kind": "sequence", "steps": [{"model": "a", "condition": "b"}]}],
                "scaling": {"min": 1, "max": 2},
                "timeout": "2m",
            },
        },
        "monitoring": {
            "objectives": [{"metric": "availability", "objective": 99.5}],
            "staleness": {"maxAge": "30d"},
            "business": [{"name": "sales", "query": "sum(sales)", "floor": 1}],
        },
    },
    {"serving": {**EVERYTHING, "format": None, "args": None, "mode": "batch", "batch": {**BATCH, "image": IMAGE}}},
]
ROLLOUT = {"stable": {"version": "0.9", "artifact": {"uri": "s3://a/b"}}}
GATEWAY = {"name": "a", "namespace": "b", "hostname": "{model}.example.com"}
TWO_RELEASES = {"components": {"gatewayApi": "1.3.0"}, "serving": {"gateway": GATEWAY}}
MODELS += [
    {**MODELS[0], "rollout": {**ROLLOUT, "strategy": "canary", "canary": {"weight": 5}}},
    {**MODELS[0], "rollout": {**ROLLOUT, "strategy": "shadow", "shadow": {"percent": 5}}},
]
SECRET = {"secret": "a-b", "key": "c"}
STREAMING = {
    "image": IMAGE,
    "command": ["consume"],
    "args": ["--fast"],
    "brokers": ["a:9092"],
    "topic": "in",
    "group": "g",
    "outputTopic": "out",
    "kafkaVersion": "3.9.0",
    "fallback": {"replicas": 1},
    "login": {"mechanism": "plaintext", "username": SECRET, "password": SECRET},
    "tls": {"ca": SECRET, "certificate": SECRET, "privateKey": SECRET},
    "health": {},
}
MODELS.append(
    {
        "serving": {**EVERYTHING, "args": None, "mode": "streaming", "port": 8080, "streaming": STREAMING},
        "monitoring": {"lag": {"max": 100}},
    }
)
STEP: dict[str, Any] = {
    "image": IMAGE,
    "command": ["a"],
    "args": ["b"],
    "env": [{"name": "LEVEL", "value": "info"}],
    "retries": 2,
    "timeout": "5m",
    "outputs": [{"name": "count", "path": "/tmp/count"}],
    "artifacts": {"outputs": [{"name": "data", "type": "dataset", "path": "/tmp/data"}]},
}
READING = {
    "inputs": [
        {"name": "made", "path": "/tmp/made", "from": "steps.one.data"},
        {"name": "held", "path": "/tmp/held", "uri": "store://artifacts/data"},
    ]
}
TRAINING = {"image": IMAGE, "env": [{"name": "A", "value": "b"}], "resources": {"accelerator": {"class": "t4"}}}
PIPELINES: list[dict[str, Any]] = [
    {
        "steps": [{**STEP, "name": "one"}, {**STEP, "name": "two", "dependsOn": ["one"], "artifacts": READING}],
        "training": {**TRAINING, "dependsOn": ["two"]},
        "parameters": [{"name": "rate", "value": "1", "enum": ["1", "2"], "description": "How fast."}],
        "schedule": {"cron": ["@daily"]},
        "queue": "training",
        "identity": "model-reader",
    },
    {"steps": None, "training": {**TRAINING, "dataset": "s3://data", "baseModel": "s3://base"}, "queue": "training"},
    {
        "steps": [
            {
                "name": "build",
                "image": IMAGE,
                "cache": {},
                "build": {
                    "repository": "https://git.example.com/a.git",
                    "revision": "main",
                    "destination": "example.com/a:1",
                    "registryLogin": SECRET,
                    "gitToken": SECRET,
                },
            },
            {
                "name": "spark",
                "image": IMAGE,
                "spark": {"mainApplicationFile": "local:///a.py", "version": "4.0.1"},
                "resources": {"memory": "2Gi"},
            },
        ],
        "training": TRAINING,
        "evaluation": {"image": IMAGE, "timeout": "1h"},
        "registration": {
            "repository": "https://git.example.com/a.git",
            "credentials": SECRET,
            "artifact": "s3://a/b",
        },
        "mlgitopsImage": IMAGE,
    },
]


def leaves(value: Any, path: tuple[str | int, ...] = ()) -> Any:
    """The path of every leaf, with ``[NAME]`` for the items of a list that have a name, as plans have it."""
    if isinstance(value, dict) and value:
        for key, child in value.items():
            yield from leaves(child, (*path, key))
    elif isinstance(value, list) and value:
        for index, child in enumerate(value):
            named = isinstance(child, dict) and "name" in child
            yield from leaves(child, (*path, f"[{child['name']}]" if named else index))
    else:
        yield path


def unexplained(manifests: Any) -> list[str]:
    """The leaves outside of metadata that lead to no field of a spec."""
    found = []
    for manifest in manifests:
        owner = owner_of(manifest)
        for path in leaves(manifest):
            if path[0] in ("apiVersion", "kind", "metadata"):
                continue
            in_target, pointer = spec_pointer(owner, manifest["kind"], path)
            kind = TargetSpec if in_target else ModelSpec if owner.startswith("Model/") else PipelineSpec
            whole = [part for part in pointer if not str(part).startswith("[")]
            indexed = tuple(0 if str(part).startswith("[") else part for part in pointer)
            if not whole or field_at(kind, indexed if indexed[-1] != 0 else indexed[:-1]) is None:
                found.append(f"{manifest['kind']} {'.'.join(map(str, path))} <- {'.'.join(map(str, pointer))}")
    return found


@pytest.mark.parametrize("cloud", ["aws", "gcp", "azure", "onprem"])
@pytest.mark.parametrize("spec", MODELS, ids=["realtime", "batch", "canary", "shadow", "streaming"])
def test_every_field_of_a_model_s_manifests_leads_to_a_field_of_a_spec(
    resolved_model: Any, spec: dict[str, Any], cloud: str
) -> None:
    assert unexplained(render(resolved_model(**spec, target={**TWO_RELEASES, "cloud": cloud}))) == []


@pytest.mark.parametrize("trainer", ["2.0.0", "2.1.0", "2.2.0"])
@pytest.mark.parametrize("spec", PIPELINES, ids=["steps", "training", "kinds"])
def test_every_field_of_a_pipeline_s_manifests_leads_to_a_field_of_a_spec(
    resolved_pipeline: Any, spec: dict[str, Any], trainer: str
) -> None:
    assert unexplained(render(resolved_pipeline(**spec, target={"components": {"trainer": trainer}}))) == []


@pytest.mark.parametrize(
    ("owner", "kind", "path", "pointer"),
    [
        ("Model/a", "InferenceService", "spec.predictor.maxReplicas", "serving.scaling.max"),
        ("Model/a", "InferenceService", "spec.predictor.model.resources.limits.cpu", "serving.resources.cpuLimit"),
        (
            "Model/a", "InferenceService", "spec.predictor.model.resources.limits.nvidia+com/gpu",
            "serving.resources.accelerator",
        ),
        ("Model/a", "InferenceService", "spec.predictor.model.env.[LEVEL].value", "serving.env.[LEVEL]"),
        ("Model/a", "InferenceService", "spec.predictor.model.env", "serving.env"),
        ("Model/a", "InferenceService", "spec.predictor.tolerations.0.key", "target:accelerators"),
        ("Model/a", "InferenceService", "metadata.labels.mlgitops+dev/release", "release.version"),
        ("Model/a", "InferenceService", "metadata.namespace", "target:namespace"),
        ("Model/a", "WorkflowTemplate", "spec.templates.[score].container.env.[MODEL_URI]", "release.artifact.uri"),
        ("Model/a", "WorkflowTemplate", "spec.templates.[score].container.env.[LEVEL].value", "serving.env.[LEVEL]"),
        ("Model/a", "InferenceGraph", "spec.nodes.root.steps.[a].weight", "serving.graph.nodes"),
        ("Model/a", "InferenceGraph", "spec.routerTimeouts.serverWrite", "serving.graph.timeout"),
        ("Model/a", "InferenceGraph", "spec.resources.limits.cpu", "serving.graph.resources.cpuLimit"),
        ("Model/a", "InferenceGraph", "metadata.labels.mlgitops+dev/release", "release.version"),
        ("Model/a", "Role", "rules.0.verbs.0", "serving.batch"),
        ("Model/a", "Deployment", "spec.template.spec.containers.[consumer].env.[KAFKA_TOPIC].value",
         "serving.streaming.topic"),
        ("Model/a", "Deployment", "spec.template.spec.containers.[consumer].env.[LEVEL].value", "serving.env.[LEVEL]"),
        ("Model/a", "Deployment", "spec.template.spec.containers.[consumer].resources.limits.memory",
         "serving.resources.memory"),
        ("Model/a", "ScaledObject", "spec.triggers.0.metadata.lagThreshold", "serving.streaming.lagThreshold"),
        ("Model/a", "ScaledObject", "spec.maxReplicaCount", "serving.scaling.max"),
        ("Model/a", "TriggerAuthentication", "spec.secretTargetRef.0.key", "serving.streaming"),
        ("Pipeline/a", "WorkflowTemplate", "spec.templates.[step-one].container.args.0", "steps.[one].args"),
        (
            "Pipeline/a", "WorkflowTemplate", "spec.templates.[step-one].container.env.[LEVEL].value",
            "steps.[one].env.[LEVEL]",
        ),
        ("Pipeline/a", "WorkflowTemplate", "spec.templates.[step-one].container.env", "steps.[one].env"),
        (
            "Pipeline/a", "WorkflowTemplate", "spec.templates.[step-one].inputs.artifacts.[held].s3.bucket",
            "steps.[one].artifacts.inputs.[held].uri",
        ),
        (
            "Pipeline/a", "WorkflowTemplate", "spec.templates.[step-one].outputs.artifacts.[data].path",
            "steps.[one].artifacts.outputs.[data].path",
        ),
        (
            "Pipeline/a", "WorkflowTemplate", "spec.templates.[main].dag.tasks.[two].arguments.artifacts.[made].from",
            "steps.[two].artifacts.inputs.[made].from",
        ),
        (
            "Pipeline/a", "WorkflowTemplate",
            "spec.templates.[step-one].metadata.annotations.mlgitops+dev/step-template", "steps.[one].uses",
        ),
        ("Pipeline/a", "WorkflowTemplate", "spec.templates", "steps"),
        ("Pipeline/a", "WorkflowTemplate", "spec.templates.[train-start].resource.manifest", "training"),
        ("Pipeline/a", "WorkflowTemplate", "spec.templates.[step-one].resource.manifest", "steps.[one].spark"),
        ("Pipeline/a", "WorkflowTemplate", "spec.templates.[step-one].memoize.key", "steps.[one].cache"),
        ("Pipeline/a", "WorkflowTemplate", "spec.templates.[evaluate].container.image", "evaluation"),
        ("Pipeline/a", "WorkflowTemplate", "spec.templates.[register].container.args.3", "registration"),
        ("Pipeline/a", "WorkflowTemplate", "spec.templates.[main].dag.tasks.[register].depends", "registration"),
        ("Pipeline/a", "WorkflowTemplate", "spec.templates.[main].dag.tasks.[one].depends", "steps.[one].dependsOn"),
        ("Pipeline/a", "WorkflowTemplate", "spec.arguments.parameters.[rate].value", "parameters.[rate].value"),
        ("Pipeline/a", "TrainJob", "spec.trainer.env.[A].value", "training.env.[A]"),
        ("Pipeline/a", "NetworkPolicy", "spec", ""),
    ],
)  # fmt: skip
def test_a_field_leads_to_the_nearest_field_that_is_declared(owner: str, kind: str, path: str, pointer: str) -> None:
    parts = [int(part) if part.isdigit() else part.replace("+", ".") for part in path.split(".")]
    in_target, found = spec_pointer(owner, kind, parts)
    assert ("target:" if in_target else "") + ".".join(map(str, found)) == pointer


def test_the_longest_declared_path_wins_whatever_stands_below_it() -> None:
    assert spec_pointer("Model/a", "InferenceService", ("spec", "predictor", "model", "new", "field")) == (
        False, ("serving",),
    )  # fmt: skip
