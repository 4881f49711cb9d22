"""Synthetic projects of any size: what the benchmarks run on."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

TARGET = """\
apiVersion: mlgitops.dev/v1alpha1
kind: Target
metadata:
  name: {name}
spec:
  cloud: aws
  region: eu-central-1
  namespace: models
  connection:
{connection}
  components:
    kserve: "0.17.0"
    argoWorkflows: "3.7.1"
    trainer: "2.2.0"
    prometheusOperator: "0.85.0"
  identities:
    reader:
      principal: arn:aws:iam::111122223333:role/reader
"""
MODEL = """\
apiVersion: mlgitops.dev/v1alpha1
kind: Model
metadata:
  name: model-{number:05}
spec:
  targets: {targets}
  release:
    version: "1.{number}.0"
    artifact:
      uri: s3://models/model-{number:05}/1
      digest: sha256:{number:064x}
    trainedAt: 2026-11-01T00:00:00Z
  serving:
    scaling:
      min: 1
      max: {max}
  monitoring:
    objectives:
      - metric: availability
        objective: 99.5
  governance:
    owner: team-{team}@example.com
"""
BASE = """\
apiVersion: mlgitops.dev/v1alpha1
kind: Model
metadata:
  name: model-{number:05}
  description: A model of the benchmark.
spec:
  serving:
    mode: realtime
    format: sklearn
    identity: reader
    resources:
      cpu: 500m
      memory: 1Gi
    env:
      - name: LOG_LEVEL
        value: info
  monitoring:
    interval: 30s
  governance:
    licence: Apache-2.0
    dataClassification: internal
"""
PIPELINE = """\
apiVersion: mlgitops.dev/v1alpha1
kind: Pipeline
metadata:
  name: train-{number:05}
spec:
  model: model-{number:05}
  targets: [one]
  training:
    runtime: torch-distributed
    image: registry.example.com/train:{number}
    command: [python, /train.py]
    nodes: 2
    resources:
      cpu: "2"
      memory: 4Gi
"""
PROJECT = """\
apiVersion: mlgitops.dev/v1alpha1
kind: Project
metadata:
  name: benchmark
spec:
  environments: [dev]
  policy:
    rules:
      image-not-pinned: "off"
"""
ENVIRONMENT = """\
apiVersion: mlgitops.dev/v1alpha1
kind: Environment
metadata:
  name: dev
spec:
  targets: [{targets}]
"""
KUSTOMIZATION = """\
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
commonAnnotations:
  example.com/cost-centre: "4711"
patches:
  - target:
      kind: InferenceService
    patch: |-
      - op: add
        path: /metadata/labels/example.com~1tier
        value: standard
"""
OBJECTS_A_PLACE = 4
"""ServiceAccount, InferenceService, PodMonitor and PrometheusRule of one model at one target."""


def write_project(root: Path, models: int, objects: int, *, kustomization: bool = False) -> None:
    """Writes a project of ``models`` models that render to ``objects`` objects, some models at two targets."""
    at_both = objects // OBJECTS_A_PLACE - models
    assert 0 <= at_both <= models, "each model is at one target or at two"
    _write_places(root, {name: f"    directory:\n      path: clusters/{name}" for name in ("one", "two")})
    for number in range(models):
        _write_model(root, number, "[one, two]" if number < at_both else "[one]")
    if kustomization:
        (root / "environments/dev/kustomization.yaml").write_text(KUSTOMIZATION)


def write_live_project(root: Path, objects: int) -> None:
    """Writes a project of one cluster, that of KUBECONFIG: of each model its objects, and a TrainJob that trains it."""
    _write_places(root, {"one": "    kubernetes:\n      namespace: models"})
    (root / "environments/dev/pipelines").mkdir()
    for number in range(objects // (OBJECTS_A_PLACE + 1)):
        _write_model(root, number, "[one]")
        (root / f"environments/dev/pipelines/train-{number:05}.yaml").write_text(PIPELINE.format(number=number))


def write_fleet_project(root: Path, targets: int, objects: int) -> None:
    """The same for several targets, each a namespace of that cluster with so many objects."""
    names = [f"target-{number}" for number in range(targets)]
    _write_places(root, {name: f"    kubernetes:\n      namespace: {name}" for name in names})
    for name in names:
        path = root / f"targets/{name}.yaml"
        path.write_text(path.read_text().replace("namespace: models", f"namespace: {name}"))
    (root / "environments/dev/pipelines").mkdir()
    everywhere = f"[{', '.join(names)}]"
    for number in range(objects // (OBJECTS_A_PLACE + 1)):
        _write_model(root, number, everywhere)
        pipeline = PIPELINE.format(number=number).replace("[one]", everywhere)
        (root / f"environments/dev/pipelines/train-{number:05}.yaml").write_text(pipeline)


def write_lean_project(root: Path, models: int) -> None:
    """Writes a project of one cluster whose models are one object each, an InferenceService."""
    _write_places(root, {"one": "    kubernetes:\n      namespace: models"})
    for number in range(models):
        _write_model(root, number, "[one]")
        for path in (root / "models", root / "environments/dev/models"):
            file = path / f"model-{number:05}.yaml"
            file.write_text(_lean(file.read_text()))


def _lean(text: str) -> str:
    """A model without what makes more objects than one."""
    head, _, rest = text.partition("  monitoring:\n")
    return head.replace("    identity: reader\n", "") + rest[rest.find("  governance:") :]


def _write_places(root: Path, connections: Mapping[str, str]) -> None:
    for folder in ("targets", "models", "environments/dev/models"):
        (root / folder).mkdir(parents=True)
    (root / "mlgitops.yaml").write_text(PROJECT)
    (root / "environments/dev/environment.yaml").write_text(ENVIRONMENT.format(targets=", ".join(connections)))
    for name, connection in connections.items():
        (root / f"targets/{name}.yaml").write_text(TARGET.format(name=name, connection=connection))


def _write_model(root: Path, number: int, targets: str) -> None:
    values = {"number": number, "targets": targets, "max": 2 + number % 5, "team": number % 7}
    (root / f"models/model-{number:05}.yaml").write_text(BASE.format(**values))
    (root / f"environments/dev/models/model-{number:05}.yaml").write_text(MODEL.format(**values))
