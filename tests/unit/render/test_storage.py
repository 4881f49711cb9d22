from __future__ import annotations

from typing import Any

import pytest

from mlgitops.render.storage import storage_uri


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
