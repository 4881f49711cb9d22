from __future__ import annotations

import math
from dataclasses import replace

import orjson
import pytest

from mlgitops.errors import MlgitopsError
from mlgitops.promotion.registered import Measured, evidence, release_fields
from mlgitops.registries.registered import Reference, Registered

FOUND = Registered(
    Reference("mlflow", "fraud", version="3"), "s3://models/fraud/3", "2026-11-24T08:00:00Z", run_id="ab" * 16,
    run="https://ml.example.com/#/experiments/1/runs/x", metrics={"auc": 0.9, "loss": 0.1},
    tags={"mlgitops.sbom": "https://example.com/sbom.json", "mlgitops.artifactDigest": "sha256:" + "ab" * 32},
)  # fmt: skip


def test_the_files_are_where_the_registry_says_or_they_were_copied_to() -> None:
    assert release_fields(FOUND, "", "")[0]["artifact"]["uri"] == "s3://models/fraud/3"
    assert release_fields(FOUND, "gs://other/3", "")[0]["artifact"]["uri"] == "gs://other/3"
    proxied = replace(FOUND, uri="mlflow-artifacts:/1/models/m-1/artifacts")
    assert release_fields(proxied, "", "s3://kept/")[0]["artifact"]["uri"] == "s3://kept/1/models/m-1/artifacts"


@pytest.mark.parametrize("uri", ["", "mlflow-artifacts:/1/models/m-1", "/mlruns/1", "file:///mlruns/1", "dbfs:/1"])
def test_files_that_no_target_reads_are_refused(uri: str) -> None:
    with pytest.raises(MlgitopsError, match="where no target reads them") as refused:
        release_fields(replace(FOUND, uri=uri), "", "")
    assert "--artifact-root" in refused.value.help


@pytest.mark.parametrize("path", ["/../secrets", "/1/./m", "/1/..", "//other.example.com:5000/1/m"])
def test_files_that_are_not_below_the_root_are_refused(path: str) -> None:
    with pytest.raises(MlgitopsError, match="where no target reads them"):
        release_fields(replace(FOUND, uri=f"mlflow-artifacts:{path}"), "", "pvc://claim/mlruns")


def test_tags_say_what_a_registry_has_no_place_for() -> None:
    fields, _ = release_fields(FOUND, "", "")
    assert fields["sbom"] == "https://example.com/sbom.json"
    assert fields["artifact"]["digest"] == "sha256:" + "ab" * 32
    assert "dataDigest" not in fields


def test_a_commit_that_is_none_is_not_taken() -> None:
    fields, _ = release_fields(replace(FOUND, tags={"mlflow.source.git.commit": "main"}), "", "")
    assert "sourceCommit" not in fields


def test_evidence_has_what_is_a_number_and_no_secret() -> None:
    found = replace(FOUND, metrics={**FOUND.metrics, "bad": math.nan}, parameters={"password": "canary", "depth": "3"})
    content = evidence(found, Measured("iris", "3", {"loss"}))
    assert content is not None
    told = orjson.loads(content)
    assert [(one["name"], one["higherIsBetter"]) for one in told["metrics"]] == [("auc", True), ("loss", False)]
    assert told["parameters"] == {"depth": "3"}
    assert evidence(found, Measured("iris", "3", {"loss"})) == content


def test_without_metrics_there_is_no_evidence_unless_the_files_are_signed() -> None:
    found = replace(FOUND, metrics={})
    assert evidence(found, Measured("iris", "3")) is None
    assert evidence(found, Measured("iris", "3", (), "{}")) is not None


def test_evidence_that_is_none_is_told() -> None:
    with pytest.raises(MlgitopsError, match="says is no evidence: dataDigest"):
        evidence(replace(FOUND, tags={"mlgitops.dataDigest": "short"}), Measured("iris", "3"))
