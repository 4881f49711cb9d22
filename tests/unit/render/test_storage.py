from __future__ import annotations

from typing import Any

import pytest

from mlgitops.render.storage import data_uri, mirrored, storage_uri


@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        ("store://artifacts/fraud/1.4.0", "s3://example-models/fraud/1.4.0"),
        ("oci://ghcr.io/team/model:1", "oci://mirror.example.com/team/model:1"),
        ("gs://bucket/model", "gs://bucket/model"),
    ],
)
def test_uris_are_what_the_target_reads(resolved_model: Any, uri: str, expected: str) -> None:
    model = resolved_model(target={"registries": {"ghcr.io": "mirror.example.com"}})

    assert storage_uri(model, uri) == expected


MIRRORS = {"gs://far": "s3://near/far", "gs://far/big": "az://account/container/big", "az://old/c": "s3://near/old"}


@pytest.mark.parametrize(
    ("uri", "read"),
    [
        ("gs://far/iris", "s3://near/far/iris"),
        ("gs://far", "s3://near/far"),
        ("gs://farther/iris", "gs://farther/iris"),
        ("gs://far/big/iris", "https://account.blob.core.windows.net/container/big/iris"),
        ("https://old.blob.core.windows.net/c/iris", "s3://near/old/iris"),
        ("store://examples/iris", "s3://near/far/iris"),
    ],
)
def test_an_artifact_is_read_from_the_mirror_of_the_longest_prefix(resolved_model: Any, uri: str, read: str) -> None:
    model = resolved_model(
        target={"mirrors": MIRRORS, "storage": {"examples": "gs://far/"}}, release={"artifact": {"uri": uri}}
    )

    assert storage_uri(model, uri) == read
    assert mirrored(model) == ([] if uri.startswith("gs://farther") else [(data_uri(model, uri), read)])


def test_data_that_changes_is_never_a_copy(resolved_model: Any) -> None:
    batch = {"command": ["score"], "image": "example.com/i", "input": "gs://far/in", "output": "gs://far/out"}
    model = resolved_model(target={"mirrors": MIRRORS}, serving={"mode": "batch", "batch": batch})

    assert mirrored(model) == []
    assert data_uri(model, "gs://far/out") == "gs://far/out"


def test_what_a_training_reads_may_be_a_copy(resolved_pipeline: Any) -> None:
    training = {"image": "example.com/i", "dataset": "gs://far/data", "baseModel": "hf://org/base"}

    assert mirrored(resolved_pipeline(target={"mirrors": MIRRORS}, training=training)) == [
        ("gs://far/data", "s3://near/far/data")
    ]
