"""What every model registry does alike."""

from __future__ import annotations

from datetime import datetime

import orjson
import pytest

from mlgitops.errors import RegistryError
from mlgitops.promotion.registered import Measured, evidence, release_fields
from mlgitops.registries import Registry
from mlgitops.registries.registered import Reference, refer
from mlgitops.spec.release import Release


def test_a_version_is_the_same_by_its_alias_and_by_its_number(registry: Registry, kind: str) -> None:
    by_number = registry.find(refer(f"{kind}:models:/flowers/1"))
    assert registry.find(refer(f"{kind}:models:/flowers@candidate")) == by_number
    assert by_number.reference == Reference(kind, "flowers", version="1")


def test_a_version_is_told_with_what_was_measured_and_where_it_is_from(registry: Registry, kind: str) -> None:
    found = registry.find(refer(f"{kind}:models:/flowers/1"))
    assert found.uri
    assert found.run_id
    assert found.metrics["accuracy"] > 0.9
    assert found.parameters["C"] == "0.5"
    assert found.tags["mlgitops.dataDigest"].startswith("sha256:")
    assert set(found.datasets.values()) == {"8f9eb48c"}
    for time in (found.created_at, found.trained_at):
        assert datetime.fromisoformat(time).tzinfo is not None


def test_a_version_becomes_a_release_and_evidence_without_secrets(registry: Registry, kind: str) -> None:
    found = registry.find(refer(f"{kind}:models:/flowers/1"))
    fields, _ = release_fields(found, "", "s3://mlflow")
    release = Release.model_validate(fields)
    assert release.source_commit == "0123456789abcdef0123456789abcdef01234567"
    assert release.registered == f"{kind}:models:/flowers/1"
    assert release.framework is not None
    content = evidence(found, Measured("iris", "1"))
    assert content is not None
    assert orjson.loads(content)["metrics"][0]["name"] == "accuracy"
    assert b"canary" not in content


def test_an_alias_is_given_once_and_stays(registry: Registry, kind: str) -> None:
    one = refer(f"{kind}:models:/flowers/1")
    assert registry.alias("flowers", "prod") == ""
    for _ in range(2):
        registry.set_alias(one, "prod")
        assert registry.alias("flowers", "prod") == "1"
    assert registry.alias("flowers", "candidate") == "1"
    assert registry.find(refer(f"{kind}:models:/flowers@prod")).reference == one


@pytest.mark.parametrize("name", ["flowers/9", "flowers@nobody", "weeds/1", "weeds@candidate"])
def test_what_is_not_there_is_told_by_its_name(registry: Registry, kind: str, name: str) -> None:
    with pytest.raises(RegistryError) as refused:
        registry.find(refer(f"{kind}:models:/{name}"))
    assert name.split("/", maxsplit=1)[0].split("@", maxsplit=1)[0] in str(refused.value)
    assert registry.alias("weeds", "prod") == ""
