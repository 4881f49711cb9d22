"""A model that was registered in a real MLflow reaches dev by one command, with its lineage and metrics."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
import urllib3
import yaml

from tests.testbed.mlflow.fixtures import mlflow_server
from tests.testbed.mlflow.server import MlflowServer

__all__ = ["mlflow_server"]

pytestmark = [pytest.mark.integration, pytest.mark.mlflow, pytest.mark.slow]

BRANCH = "release/dev/iris"
MODEL = "environments/dev/models/iris.yaml"
COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture(scope="module")
def flowers(mlflow_server: MlflowServer) -> dict[str, Any]:
    """What was trained and registered as flowers, whose files MLflow keeps itself."""
    return mlflow_server.register("flowers", "candidate")


@pytest.fixture
def asked(shop: Any, mlflow_server: MlflowServer, flowers: Any, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The command."""
    monkeypatch.setenv("MLFLOW_TRACKING_URI", mlflow_server.url)
    monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", "canary-token-5")
    return ["release", "iris", "--env", "dev", "--from", "mlflow:models:/flowers@candidate", "--version", "3.0",
            "--artifact-root", "s3://mlflow"]  # fmt: skip


def test_a_registered_model_reaches_dev_with_its_lineage_and_metrics(
    shop: Any, asked: list[str], flowers: dict[str, Any], mlflow_server: MlflowServer
) -> None:
    shop.promoted(*asked)

    spec = shop.file(MODEL)
    release = yaml.safe_load(spec)["spec"]["release"]
    digest = release["artifact"].pop("digest")
    assert digest.startswith("sha256:")
    assert datetime.fromisoformat(release.pop("trainedAt")) < datetime.now(UTC)
    inputs = [(one["name"], one["datatype"]) for one in release["signature"]["inputs"]]
    assert inputs[1:2] == [("sepal width (cm)", "FP64")]
    assert release.pop("signature")["outputs"] == [{"name": "output-0", "datatype": "INT64", "shape": [-1]}]
    assert release.pop("framework")["name"] == "scikit-learn"
    assert release == {
        "version": "3.0", "artifact": {"uri": f"s3://mlflow/1/models/{flowers['model']}/artifacts"},
        "trainingRun": f"{mlflow_server.url}/#/experiments/1/runs/{flowers['run']}", "sourceCommit": COMMIT,
        "dataDigest": "sha256:" + "ab" * 32, "registered": "mlflow:models:/flowers/1",
        "evidence": "evidence/iris/3.0.json",
    }  # fmt: skip
    evidence = json.loads(shop.file("environments/dev/evidence/iris/3.0.json"))
    assert evidence["metrics"] == [{"name": "accuracy", "value": flowers["accuracy"], "higherIsBetter": True}]
    assert evidence["parameters"]["C"] == "0.5"
    assert evidence["parameters"]["dataset.iris.training"]
    assert evidence["source"][0]["runId"] == flowers["run"]
    assert "canary" not in spec + json.dumps(evidence)


def test_the_pull_request_shows_lineage_and_is_verified(shop: Any, asked: list[str], flowers: dict[str, Any]) -> None:
    asked = [*asked, "--sbom", "https://example.com/sbom.json"]
    ran = shop.run(*asked)
    assert (ran.code, "pull request 1 opened" in ran.out) == (0, True), ran.err
    body = shop.forge.find(BRANCH).body
    assert "bill of materials" in body
    assert "example.com/sbom.json" in body
    assert flowers["run"] in body
    assert "mlflow:models:/flowers/1" in body
    assert "canary" not in body + ran.out + ran.err
    assert "pull request 1 unchanged" in shop.run(*asked).out
    shop.git("fetch", "--quiet", str(shop.bare), BRANCH)
    shop.git("checkout", "--quiet", "-B", "claimed", "FETCH_HEAD")
    assert shop.run("gates", "--base", "main").code == 0


def test_files_that_no_target_reads_are_refused_with_what_to_do(shop: Any, asked: list[str]) -> None:
    ran = shop.run(*asked[:-2])
    assert (ran.code, "--artifact-root" in ran.err) == (1, True), ran.err
    assert shop.open_pulls() == []


def test_a_digest_that_is_not_that_of_the_files_is_refused(shop: Any, asked: list[str]) -> None:
    ran = shop.run(*asked, "--digest", "sha256:" + "ab" * 32)
    assert (ran.code, "the digests of mlflow:models:/flowers/1 differ" in ran.err) == (1, True), ran.err


def test_an_alias_that_nobody_gave_is_told(shop: Any, asked: list[str]) -> None:
    ran = shop.run(*(part.replace("@candidate", "@champion") for part in asked))
    assert (ran.code, "could not find mlflow:models:/flowers@champion" in ran.err) == (1, True), ran.err


def test_a_version_elsewhere_keeps_its_address(
    shop: Any, asked: list[str], flowers: dict[str, Any], mlflow_server: MlflowServer
) -> None:
    copied = {"source": "s3://models/copied/1", "run_id": flowers["run"], "model_id": flowers["model"]}
    for what, body in (("registered-models", {}), ("model-versions", copied)):
        address = f"{mlflow_server.url}/api/2.0/mlflow/{what}/create"
        assert urllib3.request("POST", address, json={"name": "copied", **body}).status == 200
    ran = shop.run("release", "iris", "--env", "dev", "--from", "mlflow:models:/copied/1", "--version", "4.0")
    assert ran.code == 0, ran.err
    assert "uri: s3://models/copied/1" in shop.file(MODEL, BRANCH)
    assert "could not read MLmodel" in shop.forge.find(BRANCH).body


def test_the_alias_follows_what_is_merged_and_a_second_run_changes_nothing(
    shop: Any, asked: list[str], mlflow_server: MlflowServer
) -> None:
    assert shop.run(*asked).code == 0
    assert "no release in dev names a version" in shop.run("registry", "alias", "--env", "dev").out
    shop.merge(BRANCH)
    assert "would be called dev" in shop.run("registry", "alias", "--env", "dev", "--dry-run").out
    assert "iris: mlflow:models:/flowers/1 is now called dev" in shop.run("registry", "alias", "--env", "dev").out
    assert "is called dev already" in shop.run("registry", "alias", "iris", "--env", "dev").out
    query = {"name": "flowers", "alias": "dev"}
    found = urllib3.request("GET", f"{mlflow_server.url}/api/2.0/mlflow/registered-models/alias", fields=query).json()
    assert found["model_version"]["version"] == "1"


def test_an_unregistered_release_that_is_named_and_a_registry_that_is_away_are_told(
    shop: Any, asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = shop.run("registry", "alias", "iris", "--env", "dev")
    assert (ran.code, "names no version in a registry" in ran.err) == (1, True)
    shop.promoted(*asked)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    ran = shop.run("registry", "alias", "--env", "dev")
    assert (ran.code, "could not be connected to" in ran.err) == (1, True)
