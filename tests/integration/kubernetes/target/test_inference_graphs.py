"""InferenceGraphs, as they are rendered for each version of KServe, against the definitions of that version."""

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
RENDERED = ("standard-0.15.2", "standard-0.16.0", "standard-0.17.0", "knative-0.17.0")
KIND = "InferenceGraph"


def reviewed(rendered: str) -> Manifest:
    """The manifest that was reviewed, with nearly every field that can be rendered."""
    found: Manifest = yaml.safe_load((GOLDENS / f"graph-{rendered}.yaml").read_text(encoding="utf-8"))
    return found


@pytest.mark.parametrize("rendered", RENDERED)
def test_every_field_is_one_of_that_version(definitions: Callable[[str], list[crds.Definition]], rendered: str) -> None:
    component = f"kserve-{rendered.rpartition('-')[2].rpartition('.')[0]}"
    (definition,) = (one for one in definitions(component) if one["spec"]["names"]["kind"] == KIND)
    kinds = kinds_of(definition, "inferencegraphs.yaml")
    schemas = Schemas("here", {f"targets/schemas/here/{kind.file_name}": to_json(kind) for kind in kinds})
    manifest = reviewed(rendered)
    assert check(manifest, schemas) == []
    assert check({**manifest, "spec": {**manifest["spec"], "minReplica": 1}}, schemas) != []


@pytest.mark.parametrize("rendered", RENDERED)
def test_once_applied_it_is_as_it_was_rendered_and_what_is_changed_by_hand_is_found(target: Any, rendered: str) -> None:
    manifest = reviewed(rendered)
    made: Manifest = target.make("entry-graph", KIND, manifest["apiVersion"], spec=manifest["spec"])
    assert target.apply(made).succeeded
    assert target.read(made)["spec"] == made["spec"]
    assert target.plan(made).targets[0].pending == ()
    target.edit(made, "kubectl-edit", spec={"maxReplicas": 9})
    (change,) = target.plan(made).targets[0].pending
    assert [field.pointer for field in change.fields] == ["spec.maxReplicas"]
