"""`mlgitops compile` from a file to a Pipeline in Git, and from there to what runs."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from mlgitops.cli.main import exit_code
from mlgitops.tools.python import defined_by
from mlgitops.workflows.project import open_project
from mlgitops.workflows.render import render_environment
from tests.conftest import PROJECT_FILES, ProjectFactory

ROOT = Path(__file__).resolve().parents[3]
EXAMPLE = ROOT / "examples/iris_training.py"
PATH = "environments/dev/pipelines/iris-training.yaml"
TARGET = PROJECT_FILES["targets/here.yaml"] + '    argoWorkflows: "3.7.1"\n'
WRONG = """\
apiVersion: argoproj.io/v1alpha1
kind: Workflow
metadata:
  name: Wrong_flow
  namespace: argo
spec:
  entrypoint: main
  onExit: main
  templates:
    - name: main
      dag:
        tasks:
          - name: one
            template: step
            when: "{{workflow.parameters.go}} == yes"
          - name: two
            template: step
            depends: one.Failed
    - name: step
      container:
        image: alpine:3
        volumeMounts: [{name: data, mountPath: /data}]
        resources: {limits: {nvidia.com/gpu: 1}}
"""

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def root(project: ProjectFactory) -> Path:
    made = project({"targets/here.yaml": TARGET, "flows/wrong.yaml": WRONG})
    shutil.copy(EXAMPLE, made / "flows/iris_training.py")
    return made


@pytest.fixture
def run(root: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.chdir(root)

    def ran(*arguments: str) -> tuple[int, str, str]:
        capsys.readouterr()
        return exit_code(["compile", *arguments]), *capsys.readouterr()

    return ran


def test_a_file_of_hera_becomes_a_pipeline_in_git(root: Path, run: Run, golden: Callable[[str, str], None]) -> None:
    code, out, err = run("flows/iris_training.py", "--env", "dev")
    assert (code, out, err) == (0, "iris-training.yaml written: 2 steps. Read it, then: mlgitops validate\n", "")
    golden("cli/compiled.yaml", re.sub("sha256:[0-9a-f]{64}", "sha256:DIGEST", (root / PATH).read_text()))
    assert exit_code(["validate"]) == 0


def test_what_runs_is_what_the_source_says(root: Path, run: Run) -> None:
    """Images, interpreters, sources, dependencies, and where each value comes from; only templates have other names."""
    assert run("flows/iris_training.py", "--env", "dev")[0] == 0
    (source,) = defined_by(root / "flows/iris_training.py", sys.executable).argo
    rendering = render_environment(open_project(root, None, no_cache=True).source, "dev")
    ours = next(one for one in rendering.targets[0].manifests if one["kind"] == "WorkflowTemplate")
    assert runs(ours["spec"]) == runs(source["spec"])
    assert ours["spec"]["arguments"] == source["spec"]["arguments"]
    assert ours["spec"]["activeDeadlineSeconds"] == source["spec"]["activeDeadlineSeconds"]


def runs(spec: dict[str, Any]) -> dict[str, Any]:
    """Of each task: what it runs, with its arguments in the place of inputs, what it waits for and hands on."""
    templates = {template["name"]: template for template in spec["templates"]}
    return {task["name"]: one_run(task, templates[task["template"]]) for task in templates["main"]["dag"]["tasks"]}


def one_run(task: dict[str, Any], template: dict[str, Any]) -> tuple[Any, ...]:
    program = template.get("script") or template["container"]
    command = program["command"] if "script" in template else program["command"][:-1]
    text = program["source"] if "script" in template else program["args"][0]
    for given in task.get("arguments", {}).get("parameters", []):
        text = text.replace(f"{{{{inputs.parameters.{given['name']}}}}}", given["value"])
    outputs = template.get("outputs", {}).get("parameters", [])
    return program["image"], command, text, task.get("depends"), outputs, program["resources"]["requests"]["memory"]


def test_all_that_a_pipeline_cannot_say_is_told_at_once_and_nothing_is_written(
    root: Path, run: Run, golden: Callable[[str, str], None]
) -> None:
    code, out, err = run("flows/wrong.yaml", "--env", "dev")
    assert (code, out) == (1, "")
    golden("cli/compile-wrong.txt", err)
    assert not (root / "environments/dev/pipelines").exists()


def test_a_file_that_is_there_is_not_overwritten_unless_told(root: Path, run: Run) -> None:
    start = ("flows/iris_training.py", "--env", "dev")
    assert run(*start)[0] == 0
    assert run(*start)[:2] == (0, "iris-training.yaml is as it is compiled already.\n")
    (root / PATH).write_text("mine\n")
    code, _, err = run(*start)
    assert (code, "is there already and differs" in err, (root / PATH).read_text()) == (1, True, "mine\n")
    assert run(*start, "--force")[:2] == (
        0, "iris-training.yaml overwritten: 2 steps. Read it, then: mlgitops validate\n"
    )  # fmt: skip
    assert yaml.safe_load((root / PATH).read_text())["kind"] == "Pipeline"
    assert (root / PATH).stat().st_mode & 0o044 == 0o044
    assert sorted(path.name for path in (root / PATH).parent.iterdir()) == ["iris-training.yaml"]


def test_it_is_printed_or_written_elsewhere_and_under_another_name(root: Path, run: Run) -> None:
    code, out, _ = run("flows/iris_training.py", "--env", "dev", "--name", "other", "--target", "here", "-o", "-")
    assert (code, yaml.safe_load(out)["metadata"]["name"]) == (0, "other")
    assert yaml.safe_load(out)["spec"]["targets"] == ["here"]
    assert run("flows/iris_training.py", "--env", "dev", "-o", "there.yaml")[0] == 0
    assert (root / "there.yaml").exists()
    assert not (root / PATH).exists()


def test_what_validate_would_refuse_is_not_written(root: Path, run: Run) -> None:
    code, _, err = run("flows/iris_training.py", "--env", "dev", "--target", "nowhere")
    assert (code, f"{PATH}:" in err, "unknown-target" in err) == (1, True, True)
    assert run("flows/iris_training.py", "--env", "dve")[0] == 1
    assert not (root / PATH).exists()


def test_of_several_workflows_one_is_to_be_named(root: Path, run: Run) -> None:
    text = EXAMPLE.read_text()
    (root / "flows/two.py").write_text(text + text.replace("iris-training", "rose-training"))
    code, _, err = run("flows/two.py", "--env", "dev")
    assert (code, "--workflow: iris-training, rose-training" in err) == (1, True)
    assert run("flows/two.py", "--env", "dev", "--workflow", "rose-training")[0] == 0
    assert (root / "environments/dev/pipelines/rose-training.yaml").exists()


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("flow.yaml", "kind: Other\n", "compile-not-readable"),
        (
            "flow.yaml",
            "apiVersion: argoproj.io/v1alpha1\nkind: Workflow\nspec: {templates: 3}\n",
            "compile-not-readable",
        ),
        ("flow.yaml", "a: [\n", "yaml-syntax"),
        ("flow.yaml", "", "compile-not-readable"),
        ("flow.py", "x = 1\n", "defines no workflow"),
        ("flow.py", "raise SystemExit(3)\n", "failed with status 3"),
    ],
)
def test_a_file_that_is_nothing_of_the_kind_is_an_error(
    root: Path, run: Run, name: str, content: str, said: str
) -> None:
    (root / name).write_text(content)
    code, _, err = run(name, "--env", "dev")
    assert (code, said in err) == (1, True), err


def test_aliases_that_stand_for_billions_of_values_are_refused_before_they_are_written_out(
    root: Path, run: Run
) -> None:
    """Written out as text, these would take all memory."""
    levels = "".join(f"  a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 10))
    container = "[{name: main, container: {image: alpine:3, args: [*a9]}}]"
    text = f"kind: Workflow\nmetadata:\n  name: x\n  a0: &a0 [x]\n{levels}spec: {{templates: {container}}}\n"
    (root / "flows/bomb.yaml").write_text(f"apiVersion: argoproj.io/v1alpha1\n{text}")
    status, _, errors = run("flows/bomb.yaml", "--env", "dev")
    assert status == 1
    assert "too-many-aliases" in errors


def test_a_file_without_an_end_is_not_read_to_it(run: Run) -> None:
    status, _, errors = run("/dev/zero", "--env", "dev")
    assert status != 0
    assert "larger than 8 MiB" in errors
