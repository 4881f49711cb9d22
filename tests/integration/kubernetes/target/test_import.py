"""`mlgitops import --live` of a real API server: what it has comes back as the spec that it was applied from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.testbed.api import Api
from tests.testbed.control_plane import ControlPlane
from tests.testbed.scene import Scene

BY_HAND: dict[str, Any] = {
    "apiVersion": "serving.kserve.io/v1beta1",
    "kind": "InferenceService",
    "metadata": {"name": "flowers", "labels": {"team": "shop"}},
    "spec": {"predictor": {"model": {"modelFormat": {"name": "sklearn"}, "storageUri": "s3://models/flowers/2"}}},
}


@pytest.fixture
def scene(control_plane: ControlPlane, namespace: str, tmp_path: Path) -> Scene:
    made = Scene(control_plane, tmp_path / "shop", namespace)
    made.models("iris")
    made.commit()
    made.applied()
    return made


def rendered(scene: Scene) -> Any:
    return yaml.safe_load(scene.run("render", "--env", "dev", "--select", "InferenceService/iris").out)["spec"]


def test_what_was_applied_comes_back_as_the_spec_that_it_was_applied_from(scene: Scene) -> None:
    path, before = scene.root / "environments/dev/models/iris.yaml", rendered(scene)
    path.unlink()
    ran = scene.run("import", "--live", "InferenceService/iris", "--env", "dev")
    assert ran.code == 0, ran.said
    assert "[import-" not in ran.err
    assert yaml.safe_load(path.read_text())["spec"]["release"]["version"] == "1.0"
    assert rendered(scene) == before


def test_what_was_applied_by_hand_is_imported_with_a_word_on_what_is_added(scene: Scene, admin: Api) -> None:
    admin.create({**BY_HAND, "metadata": {**BY_HAND["metadata"], "namespace": scene.namespace}})
    ran = scene.run("import", "--live", "InferenceService/flowers", "--env", "dev", "--dry-run")
    assert ran.code == 0, ran.said
    assert "warning[import-adds]" in ran.err
    assert yaml.safe_load(ran.out)["metadata"] == {"name": "flowers", "labels": {"team": "shop"}}
