"""The workflow of ``render --fanout argo`` on a real API, and what each of its pods runs, run here."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from mlgitops.render.install.installation import NAMESPACE
from mlgitops.render.install.pod import STATE
from mlgitops.targets.kubernetes.applyset import ANNOTATION_COMMIT
from tests.testbed.api import ApiError
from tests.testbed.control_plane import ControlPlane
from tests.testbed.manifests import config_map
from tests.testbed.scene import Scene

URL = "https://git.example.com/ml/models.git"
WAVES = "  reconcile:\n    waves:\n      canary: [there]\n      soak: 1h\n"


@pytest.fixture
def cluster(control_plane: ControlPlane) -> Iterator[ControlPlane]:
    """The shared control plane; whatever is made in it goes again."""
    before = control_plane.checkpoint()
    yield control_plane
    control_plane.reset(before)


@pytest.fixture
def scene(cluster: ControlPlane, tmp_path: Path) -> Scene:
    """A fleet of two, of which the canary is another one than the test's."""
    made = Scene(cluster, tmp_path / "project", cluster.new_namespace())
    environment = made.root / "environments/dev/environment.yaml"
    environment.write_text(environment.read_text().replace("[here]", "[here, there]") + WAVES)
    target = (made.root / "targets/here.yaml").read_text()
    (made.root / "targets/there.yaml").write_text(target.replace("name: here", "name: there"))
    return made


@pytest.fixture
def render(scene: Scene) -> Callable[[], list[dict[str, Any]]]:
    """The manifests of the fan-out."""

    def rendered() -> list[dict[str, Any]]:
        ran = scene.run("render", "--fanout", "argo", "--repository", URL, "-o", "json")
        assert ran.code == 0, ran.said
        found: list[dict[str, Any]] = json.loads(ran.out)["items"]
        return found

    return rendered


def template(manifests: list[dict[str, Any]], name: str) -> dict[str, Any]:
    (workflow,) = [one for one in manifests if one["kind"] == "WorkflowTemplate"]
    (found,) = [one for one in workflow["spec"]["templates"] if one["name"] == name]
    return {"workflow": workflow, **found}


def test_the_api_takes_all_of_it_and_its_pods_are_of_the_restricted_standards(
    scene: Scene, render: Callable[[], list[dict[str, Any]]]
) -> None:
    scene.objects(config_map(scene.namespace, "a"))
    scene.commit()
    manifests = render()
    for manifest in manifests:
        scene.plane.api.apply(manifest)
    step = template(manifests, "reconcile")
    spec = {
        "containers": [{"name": "main", **step["container"]}],
        "initContainers": step["initContainers"],
        "securityContext": step["workflow"]["spec"]["securityContext"],
        "volumes": step["workflow"]["spec"]["volumes"],
    }
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "step", "namespace": NAMESPACE}, "spec": spec}
    scene.plane.api.create(pod)
    del spec["initContainers"][0]["securityContext"]
    with pytest.raises(ApiError, match="violates PodSecurity"):
        scene.plane.api.create({**pod, "metadata": {"name": "other", "namespace": NAMESPACE}})


def prepare(scene: Scene, step: dict[str, Any], state: Path, commit: str) -> tuple[list[int], list[str]]:
    """Runs the pod's first containers; how each ended, and the arguments of the last one."""

    def here(arguments: list[str]) -> list[str]:
        tags = {"{{workflow.parameters.commit}}": commit, "{{inputs.parameters.target}}": "here"}
        for old, new in {**tags, URL: f"file://{scene.root}", STATE: str(state)}.items():
            arguments = [argument.replace(old, new) for argument in arguments]
        return arguments

    environment = {**os.environ, "GIT_ALLOW_PROTOCOL": "file"}
    ended = [
        subprocess.run([*one["command"], *here(one["args"])], check=False, env=environment, capture_output=True)
        for one in step["initContainers"]
    ]
    return [one.returncode for one in ended], here(step["container"]["args"])


def test_a_step_brings_its_target_to_the_workflows_commit_though_git_moved_on(
    scene: Scene, render: Callable[[], list[dict[str, Any]]], tmp_path: Path
) -> None:
    """By itself, whatever the canary of the environment is about: the workflow sees to the order."""
    found = config_map(scene.namespace, "a")
    scene.objects({**found, "data": {"n": "1"}})
    first = scene.commit()
    scene.objects({**found, "data": {"n": "2"}})
    scene.commit()
    step = template(render(), "reconcile")
    ended, arguments = prepare(scene, step, tmp_path, first)
    assert (ended, step["container"]["command"]) == ([0, 0], ["mlgitops"])
    ran = scene.run(*arguments)
    assert ran.code == 0, ran.said
    assert scene.plane.api.read(found)["data"] == {"n": "1"}
    assert scene.inventory()["metadata"]["annotations"][ANNOTATION_COMMIT] == first


def test_a_commit_that_is_not_on_the_branch_is_none(
    scene: Scene, render: Callable[[], list[dict[str, Any]]], tmp_path: Path
) -> None:
    scene.objects(config_map(scene.namespace, "a"))
    scene.commit()
    subprocess.run(["git", "checkout", "--quiet", "-b", "elsewhere"], cwd=scene.root, check=True)
    unmerged = scene.commit()
    (cloned, pinned), _ = prepare(scene, template(render(), "reconcile"), tmp_path, unmerged)
    assert cloned == 0
    assert pinned != 0
