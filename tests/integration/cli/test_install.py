"""``render --install`` and ``render --fanout`` at the command line: what is printed, and what is refused."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from mlgitops.controller.waves import Terms
from mlgitops.spec.reconcile import Waves
from mlgitops.workflows.fanout import most
from tests.conftest import PROJECT_FILES
from tests.testbed import fleet

URL = "https://git.example.com/ml/models.git"
Make = Callable[..., Path]


def in_clusters(contexts: Mapping[str, str], *, environment: str = "") -> dict[str, str]:
    """Files that make each target a cluster, by the rest of its connection."""
    files = fleet.files(contexts)
    for name, connection in contexts.items():
        path = f"targets/{name}.yaml"
        files[path] = files[path].replace(f"directory:\n      path: clusters/{name}", f"kubernetes: {{{connection}}}")
    files["environments/dev/environment.yaml"] += environment
    return files


@pytest.fixture
def cloned(project: Any) -> Make:
    """``cloned({"here": "context: a"})``: a project of these clusters, with a remote."""

    def make(contexts: Mapping[str, str], *, remote: str = URL, environment: str = "") -> Path:
        root: Path = project(in_clusters(contexts, environment=environment))
        subprocess.run(["git", "init", "--quiet"], cwd=root, check=True)
        if remote:
            subprocess.run(["git", "remote", "add", "origin", remote], cwd=root, check=True)
        return root

    return make


def items(said: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(said)["items"]
    return found


def named(manifests: list[dict[str, Any]]) -> list[str]:
    return [f"{one['kind']}/{one['metadata']['name']}" for one in manifests]


def arguments(manifests: list[dict[str, Any]]) -> list[str]:
    (workload,) = [one for one in manifests if one["kind"] == "Deployment"]
    given: list[str] = workload["spec"]["template"]["spec"]["containers"][0]["args"]
    return given


def test_the_installation_of_a_cluster_is_printed_with_its_name(run: Any, cloned: Make) -> None:
    ran = run(cloned({"here": "context: a"}), "render", "--install")
    assert (ran.code, ran.err) == (0, "note: without --image, what is printed names an image that does not exist\n")
    assert ran.out.startswith("---\n# here\napiVersion: v1\nkind: Namespace\n")


@pytest.mark.parametrize("options", [["--image", f"example.com/x@sha256:{'1' * 64}"], ["--rights-only"]])
def test_where_an_image_is_given_or_none_is_needed_nothing_is_said(run: Any, cloned: Make, options: list[str]) -> None:
    ran = run(cloned({"here": "context: a"}), "render", "--install", *options)
    assert (ran.code, ran.err) == (0, "")


def test_the_same_commit_gives_the_same_bytes(run: Any, cloned: Make) -> None:
    root = cloned({"here": "context: a"})
    for form in ("--install", "--fanout=argo"):
        assert run(root, "render", form).out == run(root, "render", form).out != ""


def test_the_repository_is_the_one_that_was_cloned_without_its_login(run: Any, cloned: Make) -> None:
    root = cloned({"here": ""}, remote="https://me:hunter2@git.example.com/ml/models.git")
    ran = run(root, "render", "--install", "-o", "json")
    assert f"--repository={URL}" in arguments(items(ran.out))
    assert "hunter2" not in ran.out


def test_the_projects_folder_in_the_repository_is_found(run: Any, project: Any) -> None:
    root = project(in_clusters({"here": ""}), name="outer/ml/shop")
    subprocess.run(["git", "init", "--quiet", str(root.parents[1])], check=True)
    ran = run(root, "render", "--install", "--repository", URL, "-o", "json")
    assert "--path=ml/shop" in arguments(items(ran.out))


def test_what_is_asked_for_is_what_is_looked_after(run: Any, cloned: Make) -> None:
    root = cloned({"here": "context: a", "there": "context: b"})
    pulled = arguments(items(run(root, "render", "--install", "--target", "there", "-o", "json").out))
    assert [one for one in pulled if one.startswith(("--env", "--target"))] == ["--target=there"]
    hub = arguments(items(run(root, "render", "--install", "--mode", "hub", "--env", "dev", "-o", "json").out))
    assert [one for one in hub if one.startswith(("--env", "--target"))] == ["--env=dev"]


@pytest.mark.parametrize(
    ("given", "options"),
    [
        (["--signed"], ["--allowed-signers"]),
        (["--signed", "--webhook"], ["--allowed-signers"]),
        (["--signed=gpg"], ["--keyring"]),
        (["--signed", "ssh", "--signed", "gpg"], ["--allowed-signers", "--keyring"]),
        ([], []),
    ],
)
def test_whose_signatures_count_is_mounted_and_said(
    run: Any, cloned: Make, given: list[str], options: list[str]
) -> None:
    found = arguments(items(run(cloned({"here": ""}), "render", "--install", "-o", "json", *given).out))
    named = [one.partition("=")[0] for one in found]
    assert [one for one in named if one in ("--allowed-signers", "--keyring")] == options


def test_targets_of_one_context_are_one_cluster(run: Any, cloned: Make) -> None:
    root = cloned({"here": "context: a", "there": "context: a", "yonder": "context: b"})
    found = items(run(root, "render", "--install", "--mode", "hub", "-o", "json").out)
    roles = [one for one in found if one["kind"] == "Role" and one["metadata"]["namespace"] == "models"]
    assert [one["metadata"]["labels"]["mlgitops.dev/cluster"] for one in roles] == ["here", "yonder"]
    inventories = {name for rule in roles[0]["rules"] for name in rule.get("resourceNames", ())}
    assert len(inventories) == 2


def test_rights_alone_are_roles(run: Any, cloned: Make) -> None:
    found = items(run(cloned({"here": ""}), "render", "--install", "--rights-only", "-o", "json").out)
    assert [one["kind"] for one in found] == ["Role", "RoleBinding"]


def test_a_kind_that_nobody_knows_is_known_once_its_schema_is_imported(run: Any, cloned: Make) -> None:
    root = cloned({"here": ""})
    (root / "environments/dev/models/iris.yaml").unlink()
    (root / "environments/dev/kustomization.yaml").write_text("resources: [novelty.yaml]\n")
    novelty = "apiVersion: example.com/v1\nkind: Novelty\nmetadata: {name: a, namespace: models}\n"
    (root / "environments/dev/novelty.yaml").write_text(novelty)
    ran = run(root, "render", "--install")
    assert ran.code == 1
    assert "shop/dev/here: models/Novelty/a: how the API names Novelty in example.com is not known" in ran.err
    assert "mlgitops schemas import" in ran.err
    definition = {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "noveltys.example.com"},
        "spec": {
            "group": "example.com",
            "scope": "Namespaced",
            "names": {"kind": "Novelty", "plural": "noveltys"},
            "versions": [{"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": {}}}],
        },
    }
    (root / "crd.json").write_text(json.dumps(definition))
    assert run(root, "schemas", "import", "crd.json", "--target", "here").code == 0
    ran = run(root, "render", "--install", "--rights-only", "-o", "json")
    assert any("noveltys" in rule["resources"] for rule in items(ran.out)[0]["rules"])


@pytest.mark.parametrize(
    ("contexts", "more", "said"),
    [
        ({"here": "", "there": "context: b"}, [], "each cluster has a controller of its own, and these are several"),
        ({"here": "kubeconfig: ci/config"}, [], "names a kubeconfig file, which is in no pod"),
        ({"here": "impersonate: {user: x}"}, [], "impersonates somebody"),
        ({"here": ""}, ["--image", "registry.example.com/mlgitops:1.0"], "is not pinned"),
        ({"here": ""}, ["--cron", "sometimes"], "it has 1 field, not 5"),
        ({"here": ""}, ["--cron", "0 0 30 2 *"], "it never comes, since none of its months has a day 30"),
        ({"here": ""}, ["--cron", "* * * * *", "--webhook"], "--webhook needs a controller that always runs"),
        ({"here": ""}, ["--cron", "* * * * *", "--replicas", "2"], "--replicas needs a controller that always runs"),
        ({"here": ""}, ["--state-size", "much"], "--state-size much is no size of a volume"),
        ({"here": ""}, ["--trust-since", "1" * 40], "--trust-since says since when signatures are asked for"),
        ({"here": ""}, ["--signed", "--trust-since", "HEAD"], "--trust-since HEAD is not the full id of a commit"),
        ({"here": ""}, ["--namespace", "Mine"], "no name that a namespace can have"),
        ({"here": ""}, ["--branch", "-x"], "is not the name of a branch"),
        ({"here": ""}, ["--git-network", "git.example.com"], "'git.example.com' is not a network"),
        ({"here": ""}, ["--api-network", "10.0.0.1/24"], "has host bits set"),
        ({"here": ""}, ["--repository", "../models"], "'../models' is on this machine only"),
        ({"here": ""}, ["--repository", "https://me:secret@h/x.git"], "--repository has a login in it"),
    ],
)
def test_what_cannot_be_installed_is_refused_with_the_reason(
    run: Any, cloned: Make, contexts: dict[str, str], more: list[str], said: str
) -> None:
    ran = run(cloned(contexts), "render", "--install", *more)
    assert (ran.code, ran.out) == (1, "")
    assert said in ran.err
    assert "secret" not in ran.err


def test_a_repository_that_is_nowhere_else_is_refused(run: Any, cloned: Make) -> None:
    ran = run(cloned({"here": ""}, remote=""), "render", "--install")
    assert (ran.code, "the repository has no remote 'origin'" in ran.err) == (1, True)


def test_targets_that_are_files_have_nothing_to_install(run: Any, project: Any) -> None:
    ran = run(project(), "render", "--install", "--repository", URL)
    assert (ran.code, "none of these targets is a cluster" in ran.err) == (1, True)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["--cron", "* * * * *"], "--cron goes with --install"),
        (["--image", "x"], "--image goes with --install or --fanout"),
        (["--fanout", "argo", "--replicas", "2"], "--replicas goes with --install"),
        (["--install", "--replicas", "1"], "2<=x<=100"),
        (["--state-size", "2Gi"], "--state-size goes with --install"),
        (["--fanout", "argo", "--webhook"], "--webhook goes with --install"),
        (["--fanout", "argo", "--git-network", "10.0.0.0/8"], "--git-network goes with --install"),
        (["--install", "--fanout", "argo"], "--install and --fanout are two things"),
        (["--install", "--model", "iris"], "are about whole targets: leave out --model and --select"),
        (["--fanout", "argo", "--select", "Role/a"], "are about whole targets: leave out --model and --select"),
        (["--install", "--bootstrap", "flux"], "--bootstrap is about engines that sync by themselves"),
    ],
)
def test_options_that_do_not_go_together_are_wrong_usage(run: Any, project: Any, given: list[str], said: str) -> None:
    ran = run(project(), "render", *given)
    assert (ran.code, ran.out) == (64, "")
    assert said in ran.err


def test_a_hub_for_branches_alone_needs_no_rights_in_any_cluster(run: Any, cloned: Make) -> None:
    root = cloned({"here": ""})
    target = root / "targets/here.yaml"
    target.write_text(target.read_text().replace("kubernetes: {}", "git: {repository: https://git.example.com/d.git}"))
    found = items(run(root, "render", "--install", "--mode", "hub", "-o", "json").out)
    assert {one["metadata"].get("namespace", "mlgitops") for one in found} == {"mlgitops"}
    assert "Deployment/mlgitops-controller" in named(found)


# The fan-out

WAVES = "  reconcile:\n    waves:\n      canary: [yonder]\n      maxUnavailable: 1\n      soak: 10m\n"
THREE = {"here": "context: a", "there": "context: b", "yonder": "context: c"}


def waves_of(manifests: list[dict[str, Any]]) -> list[list[str]]:
    (template,) = [one for one in manifests if one["kind"] == "WorkflowTemplate"]
    (graph,) = [one["dag"] for one in template["spec"]["templates"] if "dag" in one]
    return [task["withItems"] for task in graph["tasks"] if "withItems" in task]


def test_the_waves_are_those_of_the_environment(run: Any, cloned: Make) -> None:
    root = cloned(THREE, environment=WAVES)
    found = items(run(root, "render", "--fanout", "argo", "-o", "json").out)
    assert waves_of(found) == [["yonder"], ["here"], ["there"]]
    found = items(run(root, "render", "--fanout", "argo", "--target", "there", "-o", "json").out)
    assert waves_of(found) == [["there"]]


def test_an_environment_without_waves_is_one(run: Any, cloned: Make) -> None:
    found = items(run(cloned(THREE), "render", "--fanout", "argo", "-o", "json").out)
    assert waves_of(found) == [["here", "there", "yonder"]]
    assert named(found)[0] == "Namespace/mlgitops"


def test_a_directory_is_nothing_that_a_workflow_can_write_to(run: Any, project: Any) -> None:
    ran = run(project(), "render", "--fanout", "argo", "--repository", URL)
    assert (ran.code, ran.out) == (1, "")
    assert "cannot write to directories, which here of dev are" in ran.err


@pytest.mark.parametrize("given", [1, 3, 1000, "1%", "34%", "50%", "100%"])
@pytest.mark.parametrize("targets", [1, 3, 10, 250])
def test_as_many_are_under_way_as_the_controller_allows(given: int | str, targets: int) -> None:
    waves = Waves.model_validate({"maxUnavailable": given})
    assert most(waves, targets) == Terms.of(waves, [str(number) for number in range(targets)]).most


def test_the_small_project_is_what_these_tests_change() -> None:
    assert "path: clusters/here" in PROJECT_FILES["targets/here.yaml"]
