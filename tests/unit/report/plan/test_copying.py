from __future__ import annotations

import pytest

from mlgitops.plan.copies import Copy
from mlgitops.report.plan.copying import command

BLOB = "https://models.blob.core.windows.net/eu"


@pytest.mark.parametrize(
    ("source", "destination", "expected"),
    [
        ("s3://a/iris/", "s3://b/iris", "aws s3 sync s3://a/iris s3://b/iris"),
        ("s3://a/iris.bst", "s3://b/iris.bst", "aws s3 cp s3://a/iris.bst s3://b/iris.bst"),
        ("s3://a/iris/1.4", "s3://b/iris/1.4", "aws s3 sync s3://a/iris/1.4 s3://b/iris/1.4"),
        ("gs://a/iris", "s3://b/iris", "gcloud storage rsync --recursive gs://a/iris s3://b/iris"),
        ("s3://a/iris", "gs://b/iris", "gcloud storage rsync --recursive s3://a/iris gs://b/iris"),
        ("gs://a/iris.onnx", "gs://b/iris.onnx", "gcloud storage cp gs://a/iris.onnx gs://b/iris.onnx"),
        (
            "s3://a/iris", f"{BLOB}/iris",
            f"azcopy copy 'https://s3.amazonaws.com/a/iris/*' {BLOB}/iris --recursive",
        ),
        (
            "gs://a/iris", f"{BLOB}/iris",
            f"azcopy copy 'https://storage.cloud.google.com/a/iris/*' {BLOB}/iris --recursive",
        ),
        (f"{BLOB}/iris", f"{BLOB}/copy", f"azcopy copy '{BLOB}/iris/*' {BLOB}/copy --recursive"),
        (
            f"{BLOB}/iris", "s3://b/iris",
            f"azcopy copy '{BLOB}/iris/*' copy-of-artifact --recursive && aws s3 sync copy-of-artifact s3://b/iris",
        ),
        (
            "hf://org/model:abc", "gs://b/model",
            "hf download org/model --revision abc --local-dir copy-of-artifact"
            " && gcloud storage rsync --recursive copy-of-artifact gs://b/model",
        ),
        ("oci://ghcr.io/a/m:1", "oci://eu.example.com/m:1", "crane copy ghcr.io/a/m:1 eu.example.com/m:1"),
        ("oci://ghcr.io/a/m:1", "s3://b/m", ""),
        ("s3://a/iris", "pvc://volume/iris", ""),
        ("https://example.com/iris", "s3://b/iris", ""),
    ],
)  # fmt: skip
def test_a_copy_is_one_command_of_the_tools_that_know_both_places(source: str, destination: str, expected: str) -> None:
    assert command(Copy(source, destination)) == expected


def test_a_shell_does_nothing_with_what_stands_in_a_uri() -> None:
    hostile = "s3://a/$(reboot)/`id`;ls"

    assert command(Copy(hostile, "s3://b/x")) == f"aws s3 sync '{hostile}' s3://b/x"
