from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlgitops.check import storage
from mlgitops.check.storage import StorageUriError, normalise

STORES = {
    "models": "s3://bucket/models/",
    "lake": "abfss://raw@exampleml.dfs.core.windows.net/models",
    "loop": "store://models",
    "tape": "tape://7",
}


@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        ("s3://bucket/model", "s3://bucket/model"),
        ("hf://org/model:main", "hf://org/model:main"),
        ("pvc://claim/path", "pvc://claim/path"),
        ("az://exampleml/raw/model/1", "https://exampleml.blob.core.windows.net/raw/model/1"),
        ("az://exampleml/raw", "https://exampleml.blob.core.windows.net/raw"),
        ("abfs://raw@exampleml.dfs.core.windows.net/model", "https://exampleml.blob.core.windows.net/raw/model"),
        ("abfss://raw@exampleml.dfs.core.windows.net/model/", "https://exampleml.blob.core.windows.net/raw/model/"),
        ("wasbs://raw@exampleml.blob.core.windows.net/model", "https://exampleml.blob.core.windows.net/raw/model"),
        ("store://models/fraud/1", "s3://bucket/models/fraud/1"),
        ("store://models", "s3://bucket/models"),
        ("store://lake/fraud", "https://exampleml.blob.core.windows.net/raw/models/fraud"),
    ],
)
def test_uris_become_what_kserve_reads(uri: str, expected: str) -> None:
    assert normalise(uri, STORES) == expected


@pytest.mark.parametrize(
    ("uri", "reason"),
    [
        ("az://raw", "form"),
        ("az://exampleml/raw@x/y", "form"),
        ("abfs://raw/model", "form"),
        ("abfs://raw@example.com/model", "form"),
        ("store://nowhere/model", "no storage 'nowhere'"),
        ("store://loop/model", "no storage 'models'"),
        ("store://tape/model", "does not read tape://"),
        ("s3://bucket/../other", "'..'"),
        ("store://models/%2e%2e/other", "'..'"),
        ("store://models/./other", "'.'"),
    ],
)
def test_uris_that_nothing_reads_are_refused(uri: str, reason: str) -> None:
    with pytest.raises(StorageUriError, match=reason.replace(".", r"\.")):
        normalise(uri, STORES)


@given(
    st.sampled_from(["s3://b", "az://exampleml/raw", "store://models", "store://lake", "abfs://c@exampleml.dfs.core.windows.net"]),
    st.lists(st.text("abc0-_", min_size=1), max_size=4),
)  # fmt: skip
def test_normalising_twice_is_normalising_once(base: str, parts: list[str]) -> None:
    once = normalise("/".join([base, *parts]), STORES)

    assert normalise(once, {}) == once


def test_an_unknown_storage_is_found_with_the_name_that_was_meant(resolved_model: Any) -> None:
    model = resolved_model(release={"artifact": {"uri": "store://artefacts/fraud"}})

    (finding,) = storage.check(model, ("release", "artifact", "uri"), "store://artefacts/fraud")

    assert finding.code == "unknown-storage"
    assert finding.suggestion == "artifacts"
    assert finding.pointer == "spec.release.artifact.uri"


def test_a_uri_that_nothing_reads_is_found(resolved_model: Any) -> None:
    (finding,) = storage.check(resolved_model(), ("release", "artifact", "uri"), "az://x")

    assert finding.code == "invalid-storage-uri"


def test_a_mirror_that_cannot_be_read_is_found(resolved_model: Any) -> None:
    model = resolved_model(target={"mirrors": {"s3://example-models": "az://x"}})

    (finding,) = storage.check(model, ("release", "artifact", "uri"), "s3://example-models/a")

    assert finding.code == "invalid-storage-uri"
