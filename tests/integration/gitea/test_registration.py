"""The registration of a pipeline's run: its rendered commands clone, push and open the pull request on a real Gitea."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mlgitops.render.render import render
from mlgitops.sources.worktree import WorkTree
from mlgitops.spec.resolve import resolve
from mlgitops.workflows.documents import read_project
from tests.testbed.gitea.team import Team
from tests.testbed.workflow import Cluster

pytestmark = [pytest.mark.integration, pytest.mark.gitea, pytest.mark.slow]

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
      command: [python, -c, "open('/tmp/version', 'w').write('3.0')"]
      outputs: [{{name: version, path: /tmp/version}}]
  evaluation:
    dependsOn: [train-model]
    image: docker.io/library/python@sha256:{digest}
    command: [python, -c, "open('/tmp/metrics.json', 'w').write('{{\\"accuracy\\": 0.97}}')"]
    bounds: [{{metric: accuracy, min: 0.9}}]
  registration:
    repository: {address}
    credentials: {{secret: shop-git, key: credentials}}
    version: "{{{{steps.train-model.version}}}}"
    artifact: s3://models/iris/{{{{steps.train-model.version}}}}
    digest: sha256:{digest}
"""


def _workflow(team: Team) -> Any:
    """The rendered pipeline, as it is on the protected branch."""
    team.ann.git("pull", "--quiet", "origin", "main")
    project, _, findings = read_project(WorkTree(team.ann.root))
    resolution = resolve(project, "dev")
    assert [*findings, *resolution.findings] == []
    (pipeline,) = resolution.pipelines
    (workflow,) = [one for one in render(pipeline) if one["kind"] == "WorkflowTemplate"]
    return workflow


def _cluster(team: Team, folder: Path, token: str) -> Cluster:
    """A cluster whose image of mlgitops trusts the server's certificate, and whose Secret lets ci in."""
    server, user = team.server, team.ci.user
    trusted = f'[http "{server.url}"]\n\tsslCAInfo = {server.certificate}\n'
    return Cluster(
        folder,
        {"shop-git": {"credentials": f"https://{user.name}:{token}@127.0.0.1:{server.port}\n"}},
        {"SSL_CERT_FILE": str(server.certificate)},
        home={".gitconfig": trusted},
    )


@pytest.fixture
def shop(team: Team) -> Team:
    """The team, whose protected branch has the pipeline."""
    address = team.server.clone_url(team.repository)
    target = team.ann.root / "targets/dev-here.yaml"
    with team.without_protection():
        team.push({
            "environments/dev/pipelines/iris-training.yaml": PIPELINE.format(digest="ab" * 32, address=address),
            "targets/dev-here.yaml": target.read_text() + '    argoWorkflows: "3.7.1"\n',
        })  # fmt: skip
    return team


def test_a_run_opens_the_pull_request_that_the_team_merges(shop: Team, tmp_path: Path) -> None:
    token = shop.ci.user.token
    ended = _cluster(shop, tmp_path / "pods", token).run(_workflow(shop))

    assert {name: one.code for name, one in ended.items()} == dict.fromkeys(
        ("train-model", "evaluate", "evidence", "register"), 0
    ), ended
    assert "pull request 1 opened" in ended["register"].said
    assert shop.pull(BRANCH)["user"]["login"] == shop.ci.name
    assert token not in "".join(one.said for one in ended.values())
    # Approved of by somebody else and merged, as every pull request; the next promotion finds its evidence.
    assert shop.check(BRANCH).code == 0
    shop.land(BRANCH)
    assert '"3.0"' in shop.file("environments/dev/models/iris.yaml")
    assert '"accuracy"' in shop.file("environments/dev/evidence/iris/3.0.json")
    shop.ann.does("promote", "iris", "--to", "staging")
    assert shop.ann.does("audit", "verify").startswith("Passed: 1 change")


def test_a_token_that_may_not_fails_the_run_and_is_not_said(shop: Team, tmp_path: Path) -> None:
    token = "0123456789abcdef0123456789abcdef01234567"
    ended = _cluster(shop, tmp_path / "pods", token).run(_workflow(shop))
    assert ended["register"].code != 0
    assert token not in ended["register"].said
    assert shop.pulls() == []
