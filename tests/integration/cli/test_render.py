"""Render at the command line: the same bytes every time, from a work tree or a commit."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

import pytest
import yaml

from mlgitops.cli.main import exit_code

IRIS = "environments/dev/models/iris.yaml"


def rendered(root: Path, seed: str) -> bytes:
    environment = {**os.environ, "PYTHONHASHSEED": seed, "MLGITOPS_NO_CACHE": "1"}
    command = [sys.executable, "-m", "mlgitops", "render"]
    return subprocess.run(command, cwd=root, env=environment, capture_output=True, check=True).stdout


def source_commit(text: str) -> str | None:
    """The commit that a manifest says it is from."""
    found: str | None = yaml.safe_load(text)["metadata"]["annotations"].get("mlgitops.dev/source-commit")
    return found


def test_the_output_is_the_same_whatever_the_hash_seed_and_the_times_of_files(project: Any) -> None:
    root = project()
    for name in ("rose", "tulip", "aster"):
        text = (root / IRIS).read_text().replace("iris", name)
        (root / f"environments/dev/models/{name}.yaml").write_text(text)
    first = rendered(root, "0")
    for number, path in enumerate(sorted(root.rglob("*.yaml"), reverse=True)):
        os.utime(path, (1_000_000_000 + number, 1_000_000_000 + number))
    assert rendered(root, "1") == first
    assert rendered(root, "4242") == first
    assert first.count(b"kind: InferenceService") == 4


def test_yaml_and_json_hold_the_same_manifests(run: Any, project: Any) -> None:
    root = project()
    ran = run(root, "render", "-o", "json", "-o", "yaml=all.yaml")
    listing = json.loads(ran.out)
    assert (listing["kind"], listing["apiVersion"]) == ("List", "v1")
    assert list(yaml.safe_load_all((root / "all.yaml").read_text())) == listing["items"]


def test_a_manifest_says_which_commit_it_is_from_and_whether_that_is_all(run: Any, project: Any, commit: Any) -> None:
    root = project()
    assert source_commit(run(root, "render").out) is None
    first = commit(root)
    assert source_commit(run(root, "render").out) == first
    (root / IRIS).write_text((root / IRIS).read_text().replace("max: 3", "max: 4"))
    assert source_commit(run(root, "render").out) == f"{first}-dirty"
    assert source_commit(run(root, "render", "--revision", "HEAD").out) == first


def test_a_revision_is_read_from_the_commit_while_the_work_tree_is_broken(run: Any, project: Any, commit: Any) -> None:
    root = project()
    first = commit(root)
    before = run(root, "render").out
    (root / IRIS).write_text("a: [")
    (root / "mlgitops.yaml").write_text("kind: Project\nspec: [1\n")
    (root / "targets/here.yaml").unlink()
    assert run(root, "validate").code == 1
    for revision in (first, "HEAD", "main"):
        assert run(root, "validate", "--revision", revision).code == 0
        assert run(root, "render", "--revision", revision).out == before
    assert "1 to create" in run(root, "plan", "--revision", first).out


def test_an_older_revision_is_planned_as_it_was(run: Any, project: Any, commit: Any) -> None:
    root = project()
    first = commit(root)
    (root / IRIS).write_text((root / IRIS).read_text().replace("max: 3", "max: 4"))
    commit(root)
    run(root, "apply", "--env", "dev", "--yes")
    ran = run(root, "plan", "--revision", first)
    assert "spec.predictor.maxReplicas" in ran.out
    assert "4 -> 3" in ran.out
    assert f"{IRIS}:14" in ran.out
    assert run(root, "apply", "--env", "dev", "--yes", "--revision", first).code == 0
    assert run(root, "plan", "--revision", first, "--detailed-exitcode").code == 0
    assert run(root, "plan", "--detailed-exitcode").code == 2


def test_a_revision_that_is_none_is_refused_and_inert(run: Any, project: Any, commit: Any, tree: Any) -> None:
    root = project()
    commit(root)
    before = tree(root)
    for revision in ("nowhere", "--upload-pack=touch x", "-h", "ext::sh -c touch% x", "HEAD:mlgitops.yaml", "", " "):
        ran = run(root, "render", f"--revision={revision}")
        assert (ran.code, ran.out) == (1, "")
    assert tree(root) == before


def test_a_new_commit_alone_changes_nothing(run: Any, project: Any, commit: Any) -> None:
    root = project()
    commit(root)
    run(root, "apply", "--env", "dev", "--yes")
    (root / "README.md").write_text("Nothing that is rendered.\n")
    commit(root)
    assert run(root, "plan", "--detailed-exitcode").code == 0
    assert run(root, "drift").code == 0


def test_a_part_can_be_rendered(run: Any, project: Any) -> None:
    root = project()
    (root / "environments/dev/models/rose.yaml").write_text((root / IRIS).read_text().replace("iris", "rose"))
    ran = run(root, "render", "--model", "rose")
    assert [manifest["metadata"]["name"] for manifest in yaml.safe_load_all(ran.out)] == ["rose"]
    ran = run(root, "render", "--select", "inferenceservice/iris")
    assert [manifest["metadata"]["name"] for manifest in yaml.safe_load_all(ran.out)] == ["iris"]


def test_it_works_from_any_folder_of_the_project_and_by_root(run: Any, project: Any, tmp_path: Path) -> None:
    root = project()
    out = run(root, "render").out
    assert run(root / "environments/dev/models", "render").out == out
    assert run(tmp_path, "render", "--root", str(root)).out == out


def test_two_objects_of_one_name_are_found(run: Any, project: Any) -> None:
    overlay = "resources: [more.yaml]\n"
    more = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: models}\n"
    root = project({"environments/dev/kustomization.yaml": overlay, "environments/dev/more.yaml": f"{more}---\n{more}"})
    ran = run(root, "render")
    assert (ran.code, ran.out) == (1, "")


def test_a_broken_file_of_another_environment_stops_only_that_one(
    project: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    environment = (project() / "environments/dev/environment.yaml").read_text().replace("name: dev", "name: prod")
    root = project({
        "environments/prod/environment.yaml": environment + "  namespace: prod\n",
        "environments/prod/models/broken.yaml": "kind: [\n",
    })  # fmt: skip
    assert exit_code(["render", "--root", str(root), "--env", "dev"]) == 0
    assert exit_code(["render", "--root", str(root), "--env", "prod"]) == 1
    assert "environments/prod/models/broken.yaml" in capsys.readouterr().err


def test_a_bundle_is_one_archive_and_says_which_images_are_not_pinned(run: Any, project: Any) -> None:
    root = project()
    path = root / IRIS
    path.write_text(path.read_text().replace("  serving:\n", "    image: example.com/server:1\n  serving:\n", 1))
    ran = run(root, "render", "--bundle", "site.tar")
    assert ran.out == "site.tar: 1 manifest, 1 image.\n"
    assert "note: example.com/server:1 has no digest" in ran.err
    first = (root / "site.tar").read_bytes()
    with tarfile.open(root / "site.tar") as archive:
        assert archive.getnames() == ["SHA256SUMS", "dev/here/images.txt", "dev/here/manifests.yaml"]
    run(root, "render", "--bundle", "site.tar")
    assert (root / "site.tar").read_bytes() == first


def test_a_bundle_and_what_installs_something_are_two_things(run: Any, project: Any) -> None:
    ran = run(project(), "render", "--bundle", "site.tar", "--bootstrap", "argocd")
    assert (ran.code, "--bundle has what is applied" in ran.err) == (64, True)
