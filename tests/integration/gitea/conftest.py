"""A small project with three environments on a real Gitea with a protected branch."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.testbed.gitea.fixtures import gitea
from tests.testbed.gitea.server import Gitea
from tests.testbed.gitea.team import Team

__all__ = ["gitea"]

ENVIRONMENTS = ("dev", "staging", "prod")
DIGEST = "sha256:" + "ab" * 32
GATES = """\
  promotion:
    gates:
      - uses: digest-pinned
      - uses: metric-floor
        with: {metric: accuracy, min: 0.9}
"""


def evidence(model: str, version: str, accuracy: float) -> str:
    metrics = [{"name": "accuracy", "value": accuracy}]
    about = {"formatVersion": "mlgitops.dev/evidence/v1", "model": model, "version": version}
    return json.dumps({**about, "createdAt": "2026-01-01T00:00:00Z", "metrics": metrics})


def project_files(server: Gitea, repository: str, files: Mapping[str, str]) -> dict[str, str]:
    """The small project of tests/conftest.py, stretched to three environments; iris 2.0 is in dev, 1.0 everywhere."""
    forge = f"  forge:\n    kind: gitea\n    url: {server.url}\n    repository: {repository}\n"
    project = files["mlgitops.yaml"].replace("[dev]", "[dev, staging, prod]") + forge
    written = {"mlgitops.yaml": project, ".gitignore": "clusters/\n"}
    for name in ENVIRONMENTS:
        here = f"{name}-here"
        written[f"targets/{here}.yaml"] = files["targets/here.yaml"].replace("here", here)
        environment = files["environments/dev/environment.yaml"].replace("name: dev", f"name: {name}")
        gates = GATES if name == "staging" else ""
        written[f"environments/{name}/environment.yaml"] = environment.replace("[here]", f"[{here}]") + gates
        version = "2.0" if name == "dev" else "1.0"
        written |= model_files(files, "iris", name, version)
    return written


def model_files(files: Mapping[str, str], model: str, environment: str, version: str) -> dict[str, str]:
    """A model's file in an environment, with evidence that is good enough."""
    name = f"evidence/{model}/{version}.json"
    uri = f"      uri: s3://models/{model}/{version}\n"
    text = files["environments/dev/models/iris.yaml"].replace("name: iris", f"name: {model}")
    text = text.replace('"1.0"', f'"{version}"').replace("      uri: s3://models/iris/1.0\n", uri)
    text = text.replace(uri, f"{uri}      digest: {DIGEST}\n    evidence: {name}\n")
    return {
        f"environments/{environment}/models/{model}.yaml": text,
        f"environments/{environment}/{name}": evidence(model, version, 0.95),
    }


@pytest.fixture
def model_of(project: Callable[..., Path]) -> Callable[..., dict[str, str]]:
    """``model_of("rose", "dev", "2.0")``: the files of a model's release in an environment."""
    files = _read(project())
    return lambda model, environment, version: model_files(files, model, environment, version)


@pytest.fixture
def evidence_of() -> Callable[..., str]:
    """``evidence_of("iris", "2.0", 0.5)``: an evidence file's text."""
    return evidence


@pytest.fixture
def team(gitea: Gitea, home: Path, tmp_path: Path, project: Callable[..., Path]) -> Team:
    """Iris runs 2.0 in dev, 1.0 in staging and prod; staging has gates; ``main`` is protected."""
    made = Team(gitea, tmp_path, home / ".cache")
    made.begin(project_files(gitea, made.repository, _read(project())))
    return made


def _read(root: Path) -> dict[str, str]:
    return {path.relative_to(root).as_posix(): path.read_text() for path in root.rglob("*") if path.is_file()}
