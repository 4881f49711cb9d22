from __future__ import annotations

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from mlgitops.spec import fields

GOOD: dict[str, list[Any]] = {
    "Name": ["a", "fraud-detector", "a1", "a" * 52],
    "Version": ["1.0", "1.10", "2024-11-24", "v3+build.5", "1" * 63],
    "ComponentVersion": ["0.16.0", "3.7", "1.2.3-rc.1"],
    "Digest": ["sha256:" + "0a" * 32],
    "Duration": ["250ms", "30s", "1h30m", "7d", "10m"],
    "Quantity": ["500m", "2", "1.5", "512Mi", "4Gi", 2, 0.5, "1E"],
    "Image": [
        "python", "docker.io/library/python:3.12-slim", "localhost:5000/a/b@sha256:" + "0" * 64,
        "registry.example.com/team/a_b.c:V1@sha256:" + "f" * 64,
    ],
    "Uri": ["https://example.com/x", "s3://bucket/key", "urn+x://a"],
    "StorageUri": ["s3://a/b", "gs://a", "hf://org/model", "pvc://claim/path", "oci://a/b@sha256:0", "store://a/b"],
    "Cron": ["0 3 * * 0", "*/5 0-6 1,2 * MON-FRI", "@daily"],
    "Percent": [0, 99.5, 100],
    "Ratio": [0, 0.2, 1],
    "Timestamp": ["2026-11-24T08:00:00Z", "2026-11-24T08:00:00.5+01:00"],
    "Date": ["2026-11-24"],
    "Line": ["a", "a b", "日本"],
    "LabelValue": ["", "a", "A.b_c-1", "x" * 63],
    "LabelKey": ["a", "example.com/a", "example.com/A.b_c"],
    "EnvironmentVariableName": ["A", "_a1", "PATH"],
}  # fmt: skip
BAD: dict[str, list[Any]] = {
    "Name": ["", "A", "1a", "a-", "-a", "a_b", "a.b", "a b", "a" * 53, "a\n", "ä", 1, None],
    "Version": ["", "-1", "1.", "1 0", "1" * 64, 1.1, "1.0\n"],
    "ComponentVersion": ["v0.16.0", "1", "1.2.3.4", "1.x", "1.\u0663"],
    "Digest": ["sha256:0", "sha512:" + "0" * 64, "sha256:" + "0A" * 32, "0" * 64],
    "Duration": ["", "0s", "1", "1 s", "1w", "-1s", "1.5s", "01s", "1\u0663s", "s", "1s "],
    "Quantity": ["", "-1", "1 Gi", "1gi", "1e3", "1GiB", True, ".5", "1.", "\u0663", float("inf"), float("nan"), [1]],
    "Image": [
        "",
        "A/b",
        "a:b:c",
        "a@sha256:0",
        "a b",
        "a/b:\u0663",
        "a:\u00e9",
        "https://a/b",
        "-a",
        "a//b:" + "x" * 129,
    ],
    "Uri": ["example.com", "https://", "https://a b", "HTTPS://a", "://a", "https://a\n"],
    "StorageUri": ["ftp://a", "s3:/a", "file:///etc/passwd", "s3://", "/a", "s3://a b"],
    "Cron": ["", "0 3 * *", "@reboot", "0 3 * * 0 0 0"],
    "Percent": [-1, 100.1, "50%", None, float("nan")],
    "Ratio": [-0.1, 1.1, float("nan")],
    "Timestamp": ["2026-11-24", "2026-11-24T08:00:00", "2026-11-24 08:00:00Z", "2026-11-24T08:00:00z", 1],
    "Date": ["24.11.2026", "2026-11-24T00:00:00Z", "2026-1-1", "\u0662026-11-24"],
    "Line": ["", "a\nb", "a\x00", "x" * 254],
    "LabelValue": ["-a", "a-", "a b", "x" * 64, 1, True],
    "LabelKey": ["", "/a", "a/", "a/b/c", "A.com/a", "a b"],
    "EnvironmentVariableName": ["", "1A", "A-B", "A B", "A" * 129, "\u00c4"],
}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in GOOD.items() for value in values])
def test_a_value_of_the_right_form_is_taken(name: str, value: Any) -> None:
    TypeAdapter(getattr(fields, name)).validate_python(value)


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in BAD.items() for value in values])
def test_a_value_of_another_form_is_refused(name: str, value: Any) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(getattr(fields, name), config={"strict": True}).validate_python(value)


def test_a_number_becomes_a_quantity() -> None:
    adapter: TypeAdapter[str] = TypeAdapter(fields.Quantity)
    assert [adapter.validate_python(value) for value in (2, 0.5, "500m")] == ["2", "0.5", "500m"]


def test_a_block_is_frozen_strict_and_in_camel_case() -> None:
    class Example(fields.Block):
        max_replicas: int = 1

    assert Example.model_validate({"maxReplicas": 3}).max_replicas == 3
    for wrong in ({"max_replicas": 3}, {"maxReplicas": "3"}, {"maxReplicas": 3, "other": 1}, {"maxReplicas": True}):
        with pytest.raises(ValidationError):
            Example.model_validate(wrong)
    with pytest.raises(ValidationError):
        Example().max_replicas = 2  # type: ignore[misc]
