"""Factories of resolved models, pipelines and whole small projects, for tests of spec, check and render."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, cast

import orjson
import pytest

from mlgitops.finding import Finding, in_order
from mlgitops.sources.worktree import WorkTree
from mlgitops.spec.document import Document, load
from mlgitops.spec.envelope import Metadata
from mlgitops.spec.merge import Layer, Provenance
from mlgitops.spec.model import ModelSpec
from mlgitops.spec.pipeline import PipelineSpec
from mlgitops.spec.resolve import Resolution, resolve
from mlgitops.spec.resolved import Place, ResolvedModel, ResolvedPipeline
from mlgitops.spec.target import TargetSpec
from mlgitops.workflows.documents import read_project

DIGEST = "sha256:" + "0123456789abcdef" * 4
PRINCIPALS = {
    "aws": "arn:aws:iam::111122223333:role/model-reader",
    "gcp": "model-reader@example-ml.iam.gserviceaccount.com",
    "azure": "11111111-2222-3333-4444-555555555555",
    "onprem": "minio-credentials",
}
TARGET: dict[str, Any] = {
    "cloud": "aws",
    "region": "eu-central-1",
    "connection": {"directory": {"path": "rendered"}},
    "components": {
        "kserve": "0.16.0",
        "knative": "1.18.0",
        "argoWorkflows": "3.7.1",
        "trainer": "2.1.0",
        "prometheusOperator": "0.85.0",
        "kueue": "0.14.0",
    },
    "accelerators": {"a10g": {}, "t4": {"nodeSelector": {"pool": "t4"}, "maxPerNode": 4}},
    "storage": {"artifacts": "s3://example-models"},
}
MODEL: dict[str, Any] = {
    "release": {
        "version": "1.4.0",
        "artifact": {"uri": "s3://example-models/fraud/1.4.0", "digest": DIGEST},
        "trainedAt": "2026-01-01T00:00:00Z",
    },
    "serving": {"format": "sklearn"},
    "governance": {"owner": "risk@example.com"},
}
PIPELINE: dict[str, Any] = {
    "model": "fraud-detector",
    "steps": [{"name": "prepare", "image": f"example.com/prepare@{DIGEST}", "command": ["prepare"]}],
}


class ResolvedModelFactory(Protocol):
    """Makes a resolved model; ``spec`` and ``target`` are merged over a small valid default, ``None`` deletes."""

    def __call__(
        self, *, name: str = ..., environment: str = ..., target: Mapping[str, Any] = ..., **spec: Any
    ) -> ResolvedModel: ...


class ResolvedPipelineFactory(Protocol):
    """Makes a resolved pipeline, as ``ResolvedModelFactory`` makes a model."""

    def __call__(
        self, *, name: str = ..., environment: str = ..., target: Mapping[str, Any] = ..., **spec: Any
    ) -> ResolvedPipeline: ...


def _over(base: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """``changes`` merged over ``base``: maps deeply, everything else replaces, ``None`` deletes."""
    merged = dict(base)
    for key, value in changes.items():
        if value is None:
            merged.pop(key, None)
        elif isinstance(value, Mapping):
            held = merged.get(key)
            merged[key] = _over(held if isinstance(held, Mapping) else {}, value)
        else:
            merged[key] = value
    return merged


def _place(environment: str, target: Mapping[str, Any]) -> Place:
    cloud = target.get("cloud", "aws")
    spec = _over({**TARGET, "identities": {"model-reader": {"principal": PRINCIPALS[cloud]}}}, target)
    target_spec = TargetSpec.model_validate(spec)
    return Place("example", environment, f"{cloud}-{environment}", f"{environment}-models", target_spec)


def _resolved(
    folder: str, name: str, environment: str, target: Mapping[str, Any], spec: Mapping[str, Any]
) -> dict[str, Any]:
    place = _place(environment, target)
    document = load(f"environments/{environment}/{folder}/{name}.yaml", orjson.dumps({"spec": spec}))
    provenance = Provenance([Layer("environment's own file", document, ("spec",), document.data["spec"])])
    return {"metadata": Metadata(name=name), "place": place, "provenance": provenance}


@pytest.fixture(scope="session")
def resolved_model() -> ResolvedModelFactory:
    """A factory: ``resolved_model(serving={"format": "onnx"}, target={"cloud": "gcp"})``."""

    def make(
        *, name: str = "fraud-detector", environment: str = "dev", target: Mapping[str, Any] | None = None, **spec: Any
    ) -> ResolvedModel:
        whole = _over(MODEL, spec)
        resolved = _resolved("models", name, environment, target or {}, whole)
        return ResolvedModel(**resolved, spec=ModelSpec.model_validate(whole))

    return cast("ResolvedModelFactory", make)


@dataclass(frozen=True)
class Read:
    """A small project as it was read and resolved for one environment."""

    root: Path
    resolution: Resolution
    documents: list[Document]
    findings: list[Finding]

    def codes(self, code: str = "") -> list[str]:
        """``CODE file:line:column`` of the findings, in order."""
        found = in_order([*self.findings, *self.resolution.findings])
        return [f"{one.code} {one.location}" for one in found if not code or one.code == code]


class ReadFactory(Protocol):
    """Writes the small project of ``project`` with ``files`` on top, and reads it."""

    def __call__(self, files: Mapping[str, str | None] = ..., environment: str = ...) -> Read: ...


@pytest.fixture
def read(project: Any) -> ReadFactory:
    """A factory: ``read({"environments/dev/models/iris.yaml": "..."}).resolution``."""

    def made(files: Mapping[str, str | None] | None = None, environment: str = "dev") -> Read:
        root: Path = project(files or {})
        arranged, documents, findings = read_project(WorkTree(root))
        return Read(root, resolve(arranged, environment), documents, findings)

    return made


@pytest.fixture(scope="session")
def resolved_pipeline() -> ResolvedPipelineFactory:
    """A factory: ``resolved_pipeline(training={...}, target={"cloud": "gcp"})``."""

    def make(
        *, name: str = "fraud-training", environment: str = "dev", target: Mapping[str, Any] | None = None, **spec: Any
    ) -> ResolvedPipeline:
        whole = _over(PIPELINE, spec)
        resolved = _resolved("pipelines", name, environment, target or {}, whole)
        return ResolvedPipeline(**resolved, spec=PipelineSpec.model_validate(whole))

    return cast("ResolvedPipelineFactory", make)


@pytest.fixture
def git() -> Callable[..., str]:
    """``git(root, "add", "--all")``: what it printed."""

    def ran(root: Path, *arguments: str) -> str:
        done = subprocess.run(["git", *arguments], cwd=root, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    return ran
