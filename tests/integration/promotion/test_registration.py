"""A run of a pipeline that evaluates what it trained and proposes the release: the rendered commands, really run."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from mlgitops.render.render import render
from mlgitops.sources.worktree import WorkTree
from mlgitops.spec.resolve import resolve
from mlgitops.workflows.documents import read_project
from tests.testbed.workflow import Cluster

pytestmark = pytest.mark.integration

ADDRESS = "https://git.example.com/shop/models.git"
BRANCH = "release/dev/iris"
PIPELINE = """\
apiVersion: mlgitops.dev/v1alpha1
kind: Pipeline
metadata:
  name: iris-training
spec:
  model: iris
  mlgitopsImage: registry.example.com/mlgitops@sha256:{digest}
  steps:
    - name: train-model
      image: docker.io/library/python@sha256:{digest}
      command: [python, -c]
      args: ["open('/tmp/uri', 'w').write('s3://models/iris/new \\"quoted\\" --dry-run'.split()[0])"]
      outputs: [{{name: uri, path: /tmp/uri}}]
  evaluation:
    dependsOn: [train-model]
    image: docker.io/library/python@sha256:{digest}
    command: [python, -c]
    args:
      - |
        import json
        json.dump({{"metrics": {{"accuracy": 0.97, "logLoss": 0.1}}}}, open("/tmp/metrics.json", "w"))
    bounds:
      - {{metric: accuracy, min: {least}}}
      - {{metric: logLoss, max: 0.3}}
  registration:
    repository: {address}
    credentials: {{secret: shop-git, key: credentials}}
    author: {{name: Training, email: training@example.com}}
    artifact: "{{{{steps.train-model.uri}}}}"
    digest: sha256:{digest}
    framework: scikit-learn=1.5
"""


class Runs:
    """The shop, and a cluster in which its pipeline runs."""

    def __init__(self, shop: Any, folder: Path) -> None:
        self.shop = shop
        self.cluster = Cluster(
            folder,
            {"shop-git": {"credentials": "https://mlgitops:secret@git.example.com\n"}},
            {"MLGITOPS_CACHE_DIR": str(folder / "cache")},
            {ADDRESS: f"file://{shop.bare}"},
        )
        self.commit(least="0.9")

    def commit(self, least: str) -> None:
        text = PIPELINE.format(digest="ab" * 32, address=ADDRESS, least=least)
        project = (self.shop.root / "mlgitops.yaml").read_text().replace("../origin.git", f"file://{self.shop.bare}")
        target = (self.shop.root / "targets/dev-here.yaml").read_text()
        argo = target if "argoWorkflows" in target else target + '    argoWorkflows: "3.7.1"\n'
        self.shop.commit({
            "mlgitops.yaml": project, "targets/dev-here.yaml": argo,
            "environments/dev/pipelines/iris-training.yaml": text,
        })  # fmt: skip

    def run(self, name: str = "run-1") -> Any:
        assert self.shop.run("validate", "--env", "dev").code == 0
        project, _, findings = read_project(WorkTree(self.shop.root))
        (pipeline,) = resolve(project, "dev").pipelines
        assert findings == []
        (workflow,) = [one for one in render(pipeline) if one["kind"] == "WorkflowTemplate"]
        return self.cluster.run(workflow, name)


@pytest.fixture
def runs(shop: Any, tmp_path: Path) -> Runs:
    return Runs(shop, tmp_path / "pods")


def test_a_run_proposes_the_release_with_its_evidence(runs: Runs) -> None:
    ended = runs.run()

    assert {name: one.code for name, one in ended.items()} == dict.fromkeys(
        ("train-model", "evaluate", "evidence", "register"), 0
    ), ended["register"].said if "register" in ended else ended
    assert "pull request 1 opened" in ended["register"].said
    shop = runs.shop
    model = shop.file("environments/dev/models/iris.yaml", BRANCH)
    assert 'version: "20261124-080000"' in model or "version: 20261124-080000" in model
    assert "uri: s3://models/iris/new\n" in model
    assert "trainingRun: models/run-1" in model
    evidence = json.loads(shop.file("environments/dev/evidence/iris/20261124-080000.json", BRANCH))
    assert {one["name"]: one["threshold"] for one in evidence["metrics"]} == {"accuracy": 0.9, "logLoss": 0.3}
    assert json.loads(ended["evidence"].outputs["evidence"])["metrics"] == evidence["metrics"]
    assert "Training <training@example.com>" in shop.git("log", "-1", "--format=%an <%ae>%n%B", BRANCH, at=shop.bare)
    shop.merge(BRANCH)
    assert shop.run("audit", "verify").code == 0


def test_a_registration_that_is_tried_again_finds_its_pull_request(runs: Runs) -> None:
    runs.run("run-1")
    assert "pull request 1 updated" in runs.run("run-2")["register"].said  # by the evidence of another time
    assert runs.shop.open_pulls() == [BRANCH]


def test_a_metric_out_of_bounds_fails_the_run_before_anything_is_proposed(runs: Runs) -> None:
    runs.commit(least="0.99")
    ended = runs.run()
    assert {name: one.code for name, one in ended.items()} == {"train-model": 0, "evaluate": 0, "evidence": 1}
    assert "out of bounds: accuracy is 0.97, and must be at least 0.99" in ended["evidence"].said
    assert runs.shop.open_pulls() == []


def test_no_credential_is_in_what_is_rendered_or_said(runs: Runs) -> None:
    ended = runs.run()
    assert "secret@" not in "".join(one.said for one in ended.values())
    assert os.environ.get("HOME", "") not in ended["register"].said
