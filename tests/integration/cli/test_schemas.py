"""Importing what a target serves, and finding what a user wrote otherwise, at its place in the user's own file."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import ProjectFactory

pytestmark = pytest.mark.integration

Run = Callable[..., Any]
Tree = Callable[[Path], Mapping[str, bytes]]

ANY = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
MODEL = {
    **ANY,
    "properties": {
        "protocolVersion": {"type": "string", "description": "v1 or v2"},
        "runtime": {"type": "string", "enum": ["kserve-sklearnserver", "other"]},
    },
}
CLOSED = {"type": "object", "properties": {"minReplicas": {"type": "integer"}, "model": MODEL}}
FILE = "targets/schemas/here/InferenceService.serving.kserve.io_v1beta1.json"
RENDER = ("render", "--env", "dev", "--no-cache")


def definition(kind: str, group: str, version: str, spec: dict[str, Any]) -> str:
    schema = {"type": "object", "properties": {"spec": spec}}
    return yaml.safe_dump(
        {
            "apiVersion": "apiextensions.k8s.io/v1",
            "kind": "CustomResourceDefinition",
            "metadata": {"name": f"{kind.lower()}s.{group}"},
            "spec": {
                "group": group,
                "scope": "Namespaced",
                "names": {"kind": kind, "plural": f"{kind.lower()}s"},
                "versions": [{"name": version, "served": True, "schema": {"openAPIV3Schema": schema}}],
            },
        }
    )


def service(predictor: dict[str, Any]) -> str:
    spec = {"type": "object", "properties": {"predictor": predictor}}
    return definition("InferenceService", "serving.kserve.io", "v1beta1", spec)


STRICT = service({**CLOSED, "x-kubernetes-preserve-unknown-fields": True})


@pytest.fixture
def shop(project: ProjectFactory, run: Run, tmp_path: Path) -> Callable[..., Path]:
    """``shop({path: text}, definition)``: a project whose target serves what the definition says."""

    def made(files: Mapping[str, str | bytes | None], crds: str = STRICT) -> Path:
        root = project(files)
        (tmp_path / "crds.yaml").write_text(crds)
        assert run(root, "schemas", "import", "../crds.yaml", "--target", "here").code == 0
        return root

    return made


def test_an_import_writes_one_small_file_a_kind_and_nothing_the_second_time(
    project: ProjectFactory, run: Run, tree: Tree, tmp_path: Path
) -> None:
    root = project()
    (tmp_path / "crds").mkdir()
    (tmp_path / "crds" / "a.yaml").write_text(f"{STRICT}---\n{definition('Thing', 'example.com', 'v1', ANY)}")
    (tmp_path / "crds" / "chart.yaml").write_text("a: {{ .Values.x }}: b")
    first = run(root, "schemas", "import", "../crds", "--target", "here")
    assert (first.code, first.out) == (0, "2 schemas written, 0 unchanged.\n")
    assert "not read, since it is neither YAML nor JSON: chart.yaml" in first.err
    written = tree(root)
    assert b"v1 or v2" not in written[FILE]
    assert json.loads(written[FILE])["source"] == "a.yaml"
    assert run(root, "schemas", "import", "../crds", "-t", "here").out == "0 schemas written, 2 unchanged.\n"
    assert tree(root) == written
    assert "misplaced" not in run(root, "validate").out
    assert run(root, "validate").code == 0


def test_replace_removes_what_is_no_longer_served(shop: Callable[..., Path], run: Run, tmp_path: Path) -> None:
    root = shop({})
    (tmp_path / "other.yaml").write_text(definition("Thing", "example.com", "v1", ANY))
    assert "1 removed" not in run(root, "schemas", "import", "../other.yaml", "-t", "here").out
    assert (root / FILE).exists()
    again = run(root, "schemas", "import", "../other.yaml", "-t", "here", "--replace")
    assert again.out == "0 schemas written, 1 unchanged, 1 removed.\n"
    assert not (root / FILE).exists()


def test_what_was_imported_is_listed(shop: Callable[..., Path], run: Run, project: ProjectFactory) -> None:
    root = shop({})
    assert "InferenceService             serving.kserve.io/v1beta1" in run(root, "schemas", "list").out
    listed = json.loads(run(root, "schemas", "list", "-o", "json").out)
    (kind,) = listed["targets"]["here"]
    assert kind["plural"] == "inferenceservices"
    assert kind["namespaced"] is True
    assert "No schemas were imported" in run(project(name="empty"), "schemas", "list").out


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["../crds.yaml", "-t", "her"], 1, "there is no target 'her'\nhelp: did you mean 'here'?"),
        (["../no.yaml", "-t", "here"], 1, "no custom resource definition"),
        (["../broken.yaml", "-t", "here"], 1, "broken.yaml cannot be read"),
        (["../wrong.yaml", "-t", "here"], 1, "wrong.yaml: inferenceservices.serving.kserve.io v1beta1: schema.spec"),
        (["../crds.yaml", "../open.yaml", "-t", "here"], 1, "is in crds.yaml and, otherwise, in open.yaml"),
        (["../pipe.yaml", "-t", "here"], 1, "is not a file"),
        (["-t", "here"], 64, "give files and folders, or --context or --kubeconfig"),
        (["../crds.yaml", "--context", "x", "-t", "here"], 64, "give files and folders, or --context"),
        (["../crds.yaml"], 64, "--target"),
    ],
)
def test_an_import_that_cannot_be_done_says_why_and_writes_nothing(  # noqa: PLR0917
    project: ProjectFactory, run: Run, tree: Tree, tmp_path: Path, arguments: list[str], code: int, message: str
) -> None:
    root = project()
    (tmp_path / "crds.yaml").write_text(STRICT)
    (tmp_path / "open.yaml").write_text(service(ANY))
    (tmp_path / "no.yaml").write_text("kind: ConfigMap")
    (tmp_path / "broken.yaml").write_text("a: [")
    (tmp_path / "wrong.yaml").write_text(definition("InferenceService", "serving.kserve.io", "v1beta1", {"items": 1}))
    os.mkfifo(tmp_path / "pipe.yaml")
    before = tree(root)
    done = run(root, "schemas", "import", *arguments)
    assert done.code == code
    assert message in done.err
    assert tree(root) == before


def test_a_folder_that_is_a_link_is_not_written_through(project: ProjectFactory, run: Run, tmp_path: Path) -> None:
    root = project()
    (tmp_path / "crds.yaml").write_text(STRICT)
    (tmp_path / "elsewhere").mkdir()
    (root / "targets" / "schemas").symlink_to(tmp_path / "elsewhere")
    done = run(root, "schemas", "import", "../crds.yaml", "-t", "here")
    assert done.code == 1
    assert list((tmp_path / "elsewhere").iterdir()) == []


INLINE = """\
patches:
- target: {kind: InferenceService}
  patch: |-
    apiVersion: serving.kserve.io/v1beta1
    kind: InferenceService
    metadata: {name: any}
    spec:
      predictor:
        minReplica: 2
"""


def test_a_typo_in_a_patch_is_found_with_its_file_and_line(shop: Callable[..., Path], run: Run) -> None:
    # All that is rendered today, so that nothing but the patch is wrong.
    names = "deploymentStrategy labels maxReplicas minReplicas model scaleMetric scaleTarget timeout"
    fields = {name: {"x-kubernetes-preserve-unknown-fields": True} for name in names.split()}
    root = shop({"environments/dev/kustomization.yaml": INLINE}, service({"type": "object", "properties": fields}))
    done = run(root, *RENDER)
    assert done.code == 1
    assert "error[served-unknown-field]: InferenceService/iris on here: there is no field minReplica in" in done.err
    assert "environments/dev/kustomization.yaml:9:9 (spec.predictor.minReplica)" in done.err
    assert "9 |         minReplica: 2" in done.err
    assert "did you mean 'minReplicas'?" in done.err
    assert done.err.count("error[") == 1


def test_a_patch_file_a_resource_and_a_spec_are_each_named(shop: Callable[..., Path], run: Run) -> None:
    patch = "- {op: add, path: /spec/predictor/model/protocolVersion, value: 2}"
    files = {
        "environments/dev/kustomization.yaml": "resources: [r.yaml]\npatches: [{path: p.yaml, target: {name: iris}}]\n",
        "environments/dev/p.yaml": patch,
        "environments/dev/r.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n---\n"
        "apiVersion: keda.sh/v1alpha1\nkind: ScaledObject\nmetadata: {name: b}\n",
    }
    strict = STRICT.replace("- kserve-sklearnserver\n", "- elsewhere\n")
    assert strict != STRICT
    done = run(shop(files, strict), *RENDER)
    assert "environments/dev/p.yaml:1:19 (spec.predictor.model.protocolVersion)" in done.err
    assert "environments/dev/r.yaml:6:1 (kind)" in done.err
    assert "error[kind-not-served]: ScaledObject/b on here: the target serves no ScaledObject of keda.sh" in done.err
    assert "environments/dev/models/iris.yaml:12:14 (spec.predictor.model.runtime)" in done.err
    assert done.err.count("error[") == 3


def test_one_patch_over_many_objects_is_one_finding(shop: Callable[..., Path], run: Run) -> None:
    other = (
        "apiVersion: serving.kserve.io/v1beta1\nkind: InferenceService\nmetadata: {name: %s}\nspec: {predictor: {}}\n"
    )
    extra = "---\n".join(other % name for name in ("a", "b"))
    text = "resources: [r.yaml]\n" + INLINE.replace("minReplica: 2", 'minReplicas: "2"')
    root = shop({"environments/dev/kustomization.yaml": text, "environments/dev/r.yaml": extra})
    done = run(root, *RENDER)
    assert done.err.count("error[") == 1
    assert "served-wrong-type]: InferenceService/a and 2 more on here: spec.predictor.minReplicas has to be" in done.err


def test_nothing_of_a_secret_is_shown(shop: Callable[..., Path], run: Run, tmp_path: Path) -> None:
    core = {
        "openapi": "3.0.0",
        "paths": {
            "/api/v1/namespaces/{namespace}/secrets": {
                "post": {"x-kubernetes-group-version-kind": {"group": "", "version": "v1", "kind": "Secret"}}
            }
        },
        "components": {
            "schemas": {
                "Secret": {
                    "type": "object",
                    "properties": {"stringData": {"type": "object", "additionalProperties": {"type": "string"}}},
                    "x-kubernetes-group-version-kind": [{"group": "", "version": "v1", "kind": "Secret"}],
                }
            }
        },
    }
    (tmp_path / "core.json").write_text(json.dumps(core))
    secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData:\n  pin: 271828\n"
    root = shop({"environments/dev/kustomization.yaml": "resources: [s.yaml]", "environments/dev/s.yaml": secret})
    assert run(root, "schemas", "import", "../core.json", "-t", "here").code == 0
    done = run(root, *RENDER)
    assert "environments/dev/s.yaml:5:3 (stringData.pin)" in done.err
    assert "271828" not in done.out + done.err


def test_a_schema_that_was_edited_is_named_and_nothing_is_rendered(shop: Callable[..., Path], run: Run) -> None:
    root = shop({})
    (root / FILE).write_text("<<<<<<< ours")
    done = run(root, *RENDER)
    assert done.code == 1
    assert f"error[served-schema-unreadable]: {FILE} cannot be used" in done.err
    assert "served-schema-unreadable" in run(root, "schemas", "list").err


def test_a_new_import_is_noticed_although_a_rendering_was_kept(
    project: ProjectFactory, run: Run, tmp_path: Path
) -> None:
    root = project()
    (tmp_path / "crds.yaml").write_text(service({"type": "object"}))
    assert run(root, "render", "--env", "dev").code == 0
    assert run(root, "schemas", "import", "../crds.yaml", "-t", "here").code == 0
    assert run(root, "render", "--env", "dev").code == 1
