"""The catalogue in docs/catalogue: whole, free of errors, and rendered as was reviewed."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import get_args

import pytest

from mlgitops.render.rendering import Rendering
from mlgitops.sources import FOLDERS, PROJECT_FILE
from mlgitops.spec.fields import Cloud
from mlgitops.spec.model import ModelSpec
from mlgitops.spec.resolve import all_resolved
from mlgitops.spec.resolved import ResolvedModel
from mlgitops.spec.rollout import PROGRESSIVE
from mlgitops.spec.serving import Mode
from mlgitops.targets import owner_of
from mlgitops.targets.manifest_yaml import dump
from mlgitops.workflows.project import Opened, open_project
from mlgitops.workflows.render import checked, render_environment
from mlgitops.workflows.validate import validate

ROOT = Path(__file__).resolve().parents[2] / "docs" / "catalogue"
TARGETS = tuple(path.stem for path in sorted((ROOT / "targets").glob("*.yaml")))
CLOUDS = get_args(Cloud)
KINDS = {"InferenceService", "InferenceGraph", "LLMInferenceService", "HTTPRoute", "Deployment", "ScaledObject",
         "CronWorkflow", "WorkflowTemplate", "TrainJob", "PyTorchJob", "TFJob", "XGBoostJob", "Experiment",
         "ExternalSecret"}  # fmt: skip
"""What there has to be for each cloud."""
PARTS = ("predictor", "transformer", "explainer")


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Opened:
    """A copy outside of Git, so that no manifest carries a commit."""
    root = tmp_path_factory.mktemp("catalogue")
    for name in FOLDERS:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, root / name)
    shutil.copy(ROOT / PROJECT_FILE, root / PROJECT_FILE)
    return open_project(root, None, no_cache=True)


@pytest.fixture(scope="module")
def rendering(opened: Opened) -> Rendering:
    return render_environment(opened.source, "dev")


def test_nothing_in_the_catalogue_is_found_fault_with(opened: Opened) -> None:
    assert validate(opened, ()) == []


def models_of(opened: Opened, cloud: str) -> list[ModelSpec]:
    resolution, _ = checked(opened.source, "dev", None)
    models = (one for one in all_resolved(resolution) if isinstance(one, ResolvedModel))
    return [one.spec for one in models if one.place.spec.cloud == cloud]


@pytest.mark.parametrize("cloud", CLOUDS)
def test_every_mode_and_every_rollout_is_there(opened: Opened, cloud: str) -> None:
    there = models_of(opened, cloud)
    assert {spec.serving.mode for spec in there} == set(get_args(Mode))
    assert set(PROGRESSIVE) <= {spec.rollout.strategy for spec in there}


@pytest.mark.parametrize("cloud", CLOUDS)
def test_every_kind_that_serves_and_trains_is_rendered(rendering: Rendering, cloud: str) -> None:
    targets = (target for target in rendering.targets if target.target in (cloud, f"{cloud}-knative"))
    manifests = [manifest for target in targets for manifest in target.manifests]
    assert {manifest["kind"] for manifest in manifests} >= KINDS
    services = [manifest for manifest in manifests if manifest["kind"] == "InferenceService"]
    assert any(service["spec"].keys() >= set(PARTS) for service in services)


def test_whatever_is_there_is_rendered_and_named_on_the_page(rendering: Rendering) -> None:
    page = (ROOT / "README.md").read_text()
    named = set(re.findall(r"\]\(environments/dev/(models|pipelines)/([\w-]+)\.yaml\)", page))
    files = {(path.parent.name, path.stem) for path in (ROOT / "environments/dev").glob("*/*.yaml")}
    assert named == files
    kinds = {"models": "Model", "pipelines": "Pipeline"}
    owners = {owner_of(manifest) for target in rendering.targets for manifest in target.manifests}
    assert owners >= {f"{kinds[kind]}/{name}" for kind, name in named}


@pytest.mark.parametrize("name", TARGETS)
def test_a_target_is_rendered_as_it_was_reviewed(
    rendering: Rendering, golden: Callable[[str, str], None], name: str
) -> None:
    (target,) = (target for target in rendering.targets if target.target == name)
    golden(f"catalogue/{name}.yaml", "".join(f"---\n{dump(manifest)}" for manifest in target.manifests))
