from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mlgitops.errors import MlgitopsError
from mlgitops.workflows.project import open_project
from mlgitops.workflows.validate import validate

IRIS = "environments/dev/models/iris.yaml"


def codes(root: Path, *asked: str, no_cache: bool = True) -> list[str]:
    return [one.code for one in validate(open_project(root, None, no_cache=no_cache), asked)]


def test_a_clean_project_has_no_findings(project: Any) -> None:
    assert codes(project()) == []


def test_findings_of_several_environments_are_told_once_and_in_the_order_of_files(project: Any) -> None:
    head = "apiVersion: mlgitops.dev/v1alpha1\nkind: {}\nmetadata:\n  name: {}\nspec:\n"
    root = project(
        {
            "mlgitops.yaml": head.format("Project", "shop") + "  environments: [prod, dev]\n  unknown: 1\n",
            "environments/prod/environment.yaml": head.format("Environment", "prod") + "  targets: [her]\n",
            IRIS: "a: [",
        }
    )
    found = validate(open_project(root, None, no_cache=True), ())
    assert [(one.code, one.location.path) for one in found] == [
        ("yaml-syntax", IRIS),
        ("unknown-target", "environments/prod/environment.yaml"),
        ("unknown-field", "mlgitops.yaml"),
    ]


def test_the_second_time_they_come_from_the_cache_and_are_the_same(project: Any) -> None:
    root = project({IRIS: "a: ["})
    assert codes(root, no_cache=False) == codes(root, no_cache=False) == ["yaml-syntax"]


def test_an_overlay_is_checked_though_nothing_is_built(project: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLGITOPS_KUSTOMIZE", "/nowhere/kustomize")
    assert codes(project({"environments/dev/kustomization.yaml": "resources: []\n"})) == []
    assert codes(project({"environments/dev/kustomization.yaml": "resources: [../../../etc/passwd]\n"})) != []


def test_files_that_cannot_be_taken_are_findings(project: Any, tmp_path: Path) -> None:
    root = project()
    (root / "models").symlink_to(tmp_path)
    assert codes(root) == ["link-leaves-project"]


def test_a_project_without_environments_is_found(project: Any) -> None:
    root = project({"mlgitops.yaml": "a: [", "environments/dev/environment.yaml": None, IRIS: None})
    assert codes(root) == ["yaml-syntax"]


def test_an_environment_that_is_not_there_is_an_error(project: Any) -> None:
    with pytest.raises(MlgitopsError, match="no environment 'prod'"):
        codes(project(), "prod")
