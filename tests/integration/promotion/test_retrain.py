"""Another run of a model's pipeline: asked for by a pull request, rendered once it is merged, and audited."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

pytestmark = pytest.mark.integration
PIPELINE = """\
# how iris is made
apiVersion: mlgitops.dev/v1alpha1
kind: Pipeline
metadata:
  name: iris-training
spec:
  model: iris   # odd
  parameters:
    - name: epochs
      type: int
      value: 3
  steps:
    - name: fit
      image: example.com/fit:1
      args: ["--epochs={{parameters.epochs}}"]
"""
PATH = "environments/dev/pipelines/iris-training.yaml"
BRANCH = "retrain/dev/iris"


@pytest.fixture
def trained(shop: Any) -> Any:
    """The shop, with a pipeline in dev that makes iris."""
    target = yaml.safe_load(shop.file("targets/dev-here.yaml"))
    target["spec"]["components"]["argoWorkflows"] = "3.7.1"
    shop.commit({PATH: PIPELINE, "targets/dev-here.yaml": yaml.safe_dump(target, sort_keys=False)})
    return shop


def run_of(shop: Any, revision: str = "main") -> Any:
    return yaml.safe_load(shop.file(PATH, revision))["spec"].get("run")


def test_a_run_is_asked_for_by_a_pull_request_and_starts_once_it_is_merged(trained: Any) -> None:
    ran = trained.run("retrain", "iris", "--reason", "it has drifted")
    assert (ran.code, trained.open_pulls()) == (0, [BRANCH]), ran.err
    assert run_of(trained, BRANCH) == {"number": 1, "reason": "it has drifted"}
    body = trained.forge.find(BRANCH).body
    assert "**Trains <code>iris</code> anew in <code>dev</code>" in body
    assert "iris-training-1" in body
    assert "Remove <code>spec.run</code> from the pipeline" in body
    trained.merge(BRANCH)
    trained.pull()
    assert trained.run("apply", "--env", "dev", "--yes").code == 0
    (made,) = (trained.root / "clusters/dev").rglob("*iris-training-1*")
    assert yaml.safe_load(made.read_text())["spec"]["workflowTemplateRef"] == {"name": "iris-training"}
    assert trained.run("audit", "verify").code == 0


def test_everything_else_in_the_file_stays(trained: Any) -> None:
    trained.promoted("retrain", "iris")
    assert [line for line in trained.file(PATH).splitlines() if "run" not in line and "number" not in line] == (
        PIPELINE.splitlines()
    )


def test_a_second_run_of_the_command_changes_nothing_until_the_first_is_merged(trained: Any) -> None:
    trained.run("retrain", "iris", "--reason", "why")
    before = trained.git("show-ref", at=trained.bare)
    assert "unchanged" in trained.run("retrain", "iris", "--reason", "why").out
    assert trained.git("show-ref", at=trained.bare) == before
    trained.merge(BRANCH)
    trained.promoted("retrain", "iris", "--set", "epochs=9")
    assert run_of(trained) == {"number": 2, "parameters": {"epochs": 9}}


def test_the_pull_request_passes_the_check(trained: Any) -> None:
    trained.run("retrain", "iris")
    trained.git("fetch", "--quiet", str(trained.bare), f"{BRANCH}:{BRANCH}")
    trained.pull()
    assert trained.run("gates", "--base", "HEAD", "--revision", BRANCH).code == 0


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("rose",), "no pipeline makes rose"),
        (("irsi",), "did you mean 'iris'?"),
        (("iris", "--env", "prod"), "no pipeline makes iris in prod"),
        (("iris", "--env", "dve"), "did you mean 'dev'?"),
        (("iris", "--pipeline", "iris-trianing"), "did you mean 'iris-training'?"),
        (("iris", "--set", "epochs=many"), "parameter 'epochs' is a whole number, not 'many'"),
        (("iris", "--set", "epoch=3"), "there is no parameter 'epoch', did you mean 'epochs'?"),
    ],
)
def test_what_cannot_be_trained_is_told(trained: Any, arguments: tuple[str, ...], told: str) -> None:
    ran = trained.run("retrain", *arguments)
    assert (ran.code, trained.open_pulls()) == (1, [])
    assert told in ran.err


def test_of_several_pipelines_one_has_to_be_named(trained: Any) -> None:
    other = PIPELINE.replace("iris-training", "iris-again")
    trained.commit({"environments/dev/pipelines/iris-again.yaml": other})
    ran = trained.run("retrain", "iris")
    assert (ran.code, "--pipeline: iris-again, iris-training" in ran.err) == (1, True)
    assert trained.run("retrain", "iris", "--pipeline", "iris-again", "--dry-run").code == 0


def test_a_pipeline_that_cannot_be_read_is_told_before_one_of_a_later_environment(trained: Any) -> None:
    later = "environments/staging/pipelines/iris-training.yaml"
    trained.commit({PATH: PIPELINE.replace("steps:", "stepz:"), later: PIPELINE})
    ran = trained.run("retrain", "iris")
    assert (ran.code, trained.open_pulls()) == (1, [])
    assert f"{PATH}:12:3" in ran.err


def test_a_model_that_is_retired_is_not_trained(trained: Any, model_text: Any) -> None:
    retired = model_text("dev", "2.0") + "  lifecycle:\n    stage: retired\n"
    trained.commit({"environments/dev/models/iris.yaml": retired})
    ran = trained.run("retrain", "iris")
    assert (ran.code, trained.open_pulls()) == (1, [])
    assert "iris is retired in dev" in ran.err


def test_a_claim_to_train_anew_lets_no_change_of_the_model_in(trained: Any) -> None:
    trained.run("retrain", "iris")
    trained.git("fetch", "--quiet", str(trained.bare), BRANCH)
    trained.git("checkout", "--quiet", "-b", "forged", "FETCH_HEAD")
    path = trained.root / "environments/dev/models/iris.yaml"
    path.write_text(path.read_text().replace("max: 3", "max: 4"))
    trained.git("commit", "--quiet", "--all", "--amend", "--no-edit")
    ran = trained.run("gates", "--base", "main", "--revision", "forged")
    assert (ran.code, "is not what the retraining makes of it" in ran.out) == (1, True), ran.out
