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
TRAINED_BY = {"": {"TrainJob"}, "-knative": {"PyTorchJob", "TFJob", "XGBoostJob"}}
"""A cloud's targets by the end of their name, and their jobs. No target can have both: one with Kubeflow Trainer makes
a TrainJob of all training, and only one without it the jobs of Training Operator v1 (``spec/training_jobs.py``)."""
IMPOSSIBLE_ON_KNATIVE = {
    "shadow": "rollout-needs-standard",
    "edge": "edge-needs-standard",
}
"""What no target with Knative can have, and the finding that says so; each cloud has it at its other target.

shadow: a Knative Route shares requests out by ``percent`` and can copy none (``TrafficTarget``).
edge: the one server has no room for two replicas, and a Knative Route leaves the old revision only once the new one is
ready (``TrafficTarget.ConfigurationName``); both are in Knative Serving's ``pkg/apis/serving/v1/route_types.go``.
"""


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Opened:
    """A copy outside of Git, so that no manifest carries a commit."""
    return open_project(copied(tmp_path_factory.mktemp("catalogue")), None, no_cache=True)


def copied(root: Path) -> Path:
    for name in FOLDERS:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, root / name)
    shutil.copy(ROOT / PROJECT_FILE, root / PROJECT_FILE)
    return root


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


@pytest.mark.parametrize("cloud", CLOUDS)
@pytest.mark.parametrize("kind", TRAINED_BY)
def test_each_of_a_clouds_targets_trains_by_the_jobs_of_its_generation(
    rendering: Rendering, cloud: str, kind: str
) -> None:
    (target,) = (target for target in rendering.targets if target.target == f"{cloud}{kind}")
    every = set().union(*TRAINED_BY.values())
    assert {manifest["kind"] for manifest in target.manifests} & every == TRAINED_BY[kind]
    assert {"InferenceGraph", "Experiment"} <= {manifest["kind"] for manifest in target.manifests}


@pytest.mark.parametrize("name", IMPOSSIBLE_ON_KNATIVE)
def test_what_is_left_out_on_knative_is_refused_there(tmp_path: Path, name: str) -> None:
    copied(tmp_path)
    file = tmp_path / f"environments/dev/models/{name}.yaml"
    targets = ", ".join(f"{cloud}-knative" for cloud in CLOUDS)
    file.write_text(re.sub(r"(?m)^  targets: .*$", f"  targets: [{targets}]", file.read_text(), count=1))
    found = validate(open_project(tmp_path, None, no_cache=True), ())
    refused = [one.message for one in found if one.code == IMPOSSIBLE_ON_KNATIVE[name]]
    assert all(any(f"target {cloud}-knative " in message for message in refused) for cloud in CLOUDS), found


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
