"""LLMInferenceServices, as they are rendered for each version of KServe, against the definitions of that version."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from mlgitops.check.served.definitions import kinds_of
from mlgitops.check.served.kind import to_json
from mlgitops.check.served.schemas import Schemas
from mlgitops.check.served.validate import check
from mlgitops.manifest import Manifest
from tests.testbed import crds

GOLDENS = Path(__file__).resolve().parents[3] / "goldens" / "render"
VERSIONS = ("0.16.0", "0.17.0")
KIND = "LLMInferenceService"


def reviewed(version: str) -> Manifest:
    """The manifest that was reviewed for a version of KServe, with nearly every field that can be rendered."""
    manifests = yaml.safe_load_all((GOLDENS / f"llm-aws-{version}.yaml").read_text(encoding="utf-8"))
    found: Manifest = next(one for one in manifests if one["kind"] == KIND)
    return found


def applied(target: Any, version: str) -> Manifest:
    manifest = reviewed(version)
    made: Manifest = target.make("chat", KIND, manifest["apiVersion"], spec=manifest["spec"])
    assert target.apply(made).succeeded
    return made


@pytest.mark.parametrize("version", VERSIONS)
def test_every_field_is_one_of_that_version(definitions: Callable[[str], list[crds.Definition]], version: str) -> None:
    component = f"kserve-{version.rpartition('.')[0]}"
    (definition,) = (one for one in definitions(component) if one["spec"]["names"]["kind"] == KIND)
    kinds = kinds_of(definition, "llminferenceservices.yaml")
    schemas = Schemas("here", {f"targets/schemas/here/{kind.file_name}": to_json(kind) for kind in kinds})
    manifest = reviewed(version)
    assert check(manifest, schemas) == []
    assert check({**manifest, "spec": {**manifest["spec"], "replicsa": 1}}, schemas) != []


@pytest.mark.parametrize("version", VERSIONS)
def test_once_applied_there_is_nothing_to_do_also_where_nothing_says_what_was_applied(
    target: Any, version: str
) -> None:
    made = applied(target, version)
    assert target.plan(made).targets[0].pending == ()
    target.plane.api.request("DELETE", target.inventory_path)
    target.connect().rebuild_inventory()
    assert target.plan(made).targets[0].pending == ()


def test_kserve_can_be_upgraded_under_it(target: Any) -> None:
    before = applied(target, "0.16.0")
    after = applied(target, "0.17.0")
    assert (before["apiVersion"], after["apiVersion"]) == ("serving.kserve.io/v1alpha1", "serving.kserve.io/v1alpha2")
    live = target.read(after)
    assert live["spec"] == after["spec"]
    assert target.plan(after).targets[0].pending == ()


@pytest.mark.parametrize("version", VERSIONS)
def test_what_was_changed_by_hand_is_found(target: Any, version: str) -> None:
    made = applied(target, version)
    target.edit(made, "kubectl-edit", spec={"replicas": 9})
    (change,) = target.plan(made).targets[0].pending
    assert [field.pointer for field in change.fields] == ["spec.replicas"]
