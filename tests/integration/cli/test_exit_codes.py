"""The exit codes of every verb, as docs/operations.md promises them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.testbed import fleet

IRIS = "environments/dev/models/iris.yaml"
MANIFEST = "clusters/here/models/inferenceservice.serving.kserve.io_iris.yaml"
COMMAND = [sys.executable, "-m", "mlgitops"]


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


@pytest.mark.parametrize(
    "arguments",
    [
        ["--version"], ["--help"], ["version"], ["validate"], ["render"], ["plan"], ["diff"], ["drift"], ["explain"],
        ["apply", "--env", "dev", "--yes"], ["inventory", "rebuild", "--env", "dev", "--target", "here"],
    ],
    ids=" ".join,
)  # fmt: skip
def test_what_was_done_exits_with_0(run: Any, project: Any, arguments: list[str]) -> None:
    ran = run(project(), *arguments)
    assert (ran.code, "error" in ran.err) == (0, False)
    assert ran.out


@pytest.mark.parametrize("verb", ["validate", "render", "plan", "diff", "drift"])
def test_a_wrong_spec_exits_with_1(run: Any, project: Any, verb: str) -> None:
    root = project()
    edit(root / IRIS, "max: 3", "max: 5000")
    ran = run(root, verb)
    assert ran.code == 1
    assert "error[out-of-range]" in (ran.out if verb == "validate" else ran.err)


def test_logs_of_a_target_of_files_exit_with_1_and_a_document_cannot_be_followed(run: Any, project: Any) -> None:
    ran = run(project(), "logs", "iris", "--env", "dev")
    assert (ran.code, ran.out, "which is files and no cluster" in ran.err) == (1, "", True)
    assert "kubectl logs --namespace models --selector mlgitops.dev/model=iris --all-containers" in ran.err
    assert run(project(), "logs", "iris", "--env", "dev", "--follow", "-o", "json").code == 64
    assert run(project(), "logs", "irs", "--env", "dev").code == 1


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        ("release iris --env dev --version 2.0", 64, "give --from, or both --version and --artifact"),
        ("release iris --env dev --version 2.0 --artifact s3://m/2 --lower-is-better loss", 64, "go with --from"),
        ("release iris --env dev --version 2.0 --artifact s3://m/2 --artifact-root s3://m", 64, "goes with --from"),
        ("registry alias --env dev", 1, "the project names no forge"),
        ("registry digest models", 0, ""),
    ],
)
def test_a_registry_is_asked_only_where_it_is_named(
    run: Any, project: Any, arguments: str, code: int, told: str
) -> None:
    root = project()
    (root / "models").mkdir(exist_ok=True)
    (root / "models" / "base.pkl").write_bytes(b"model")
    ran = run(root, *arguments.split())
    assert (ran.code, told in ran.err) == (code, True), ran.err


def test_a_warning_alone_exits_with_0(run: Any, project: Any) -> None:
    root = project()
    edit(root / IRIS, "    owner: shop@example.com\n", "    risk: minimal\n")
    ran = run(root, "validate")
    assert (ran.code, "warning[owner-missing]" in ran.out) == (0, True)


def test_a_folder_without_a_project_exits_with_1_and_says_what_is_looked_for(run: Any, tmp_path: Path) -> None:
    ran = run(tmp_path, "validate")
    assert (ran.code, ran.out) == (1, "")
    assert "there is no mlgitops.yaml" in ran.err


@pytest.mark.parametrize("verb", ["plan", "diff"])
def test_changes_exit_with_2_only_where_that_is_asked_for(run: Any, project: Any, verb: str) -> None:
    root = project()
    assert run(root, verb).code == 0
    assert run(root, verb, "--detailed-exitcode").code == 2
    run(root, "apply", "--env", "dev", "--yes")
    assert run(root, verb, "--detailed-exitcode").code == 0


def test_drift_exits_with_2_until_it_is_repaired(run: Any, project: Any) -> None:
    root = project()
    run(root, "apply", "--env", "dev", "--yes")
    edit(root / MANIFEST, "maxReplicas: 3", "maxReplicas: 99")
    assert run(root, "drift").code == 2
    assert run(root, "drift", "--fix", "--yes").code == 0
    assert run(root, "drift").code == 0


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_target_that_may_not_be_written_exits_with_4_or_1(run: Any, project: Any) -> None:
    root = project()
    (root / "clusters").mkdir(mode=0o500)
    assert run(root, "apply", "--env", "dev", "--yes").code in (1, 4)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["plam"], "Did you mean 'plan'?"),
        (["plan", "--enf", "dev"], "--env"),
        (["plan", "-o", "plan.xml"], "'plan.xml' is none of text, json, markdown"),
        (["validate", "extra"], "extra"),
        (["apply"], "say which environment"),
        (["apply", "plan.json", "--env", "dev"], "leave the selection out"),
        (["inventory", "rebuild"], "--env"),
        (["render", "--color", "sometimes"], "--color"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_wrong_usage_exits_with_64(run: Any, project: Any, arguments: list[str], words: str) -> None:
    ran = run(project(), *arguments)
    assert (ran.code, ran.out) == (64, "")
    assert words in ran.err


def test_a_plan_as_json_is_of_one_environment(run: Any, project: Any) -> None:
    second = {
        "mlgitops.yaml": "apiVersion: mlgitops.dev/v1alpha1\nkind: Project\nmetadata:\n  name: shop\n"
        "spec:\n  environments: [dev, prod]\n",
        "environments/prod/environment.yaml": "apiVersion: mlgitops.dev/v1alpha1\nkind: Environment\nmetadata:\n"
        "  name: prod\nspec:\n  targets: [here]\n",
    }
    ran = run(project(second), "plan", "-o", "json")
    assert (ran.code, ran.out) == (64, "")
    assert "add --env" in ran.err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["plan", "--env", "dve"], ["there is no environment 'dve'", "did you mean 'dev'?", "environments: dev"]),
        (["validate", "--env", "dve"], ["did you mean 'dev'?"]),
        (["plan", "--target", "hare"], ["there is no target 'hare'", "did you mean 'here'?"]),
        (["render", "--model", "irsi"], ["there is no model 'irsi'", "did you mean 'iris'?"]),
        (["drift", "--model", "irsi"], ["did you mean 'iris'?"]),
        (["plan", "--select", "InferenceServce/iris"], ["there is no object", "did you mean 'InferenceService/iris'?"]),
        (["plan", "--select", "iris"], ["is not KIND/NAME"]),
        (["explain", "model.spec.servng"], ["serving"]),
        (["explain", "model.spec.serving.scaling.max", "--model", "irsi"], ["did you mean 'iris'?"]),
        (["inventory", "rebuild", "--env", "dev", "--target", "hare"], ["did you mean 'here'?"]),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_an_unknown_name_exits_with_1_and_says_what_was_meant(
    run: Any, project: Any, arguments: list[str], words: list[str]
) -> None:
    ran = run(project(), *arguments)
    assert (ran.code, ran.out) == (1, "")
    assert [word for word in words if word not in ran.err] == []


@pytest.mark.parametrize("arguments", ["report --html site", "serve --port 0", "history iris"])
def test_a_revision_that_is_not_there_exits_with_1_before_anything_is_written(
    run: Any, project: Any, commit: Any, tree: Any, arguments: str
) -> None:
    root = project()
    commit(root)
    before = tree(root)
    ran = run(root, *arguments.split(), "--revision", "nope")
    assert (ran.code, ran.out, tree(root)) == (1, "", before)
    assert ran.err == "error: there is no commit 'nope'\nhelp: name a branch, a tag or a commit that is fetched\n"


def test_asking_without_a_terminal_exits_with_1_and_writes_nothing(run: Any, project: Any, tree: Any) -> None:
    root = project()
    before = tree(root)
    ran = run(root, "apply", "--env", "dev")
    assert (ran.code, tree(root)) == (1, before)
    assert "there is no terminal to ask on" in ran.err
    assert "--yes" in ran.err


def test_an_interrupt_exits_with_130(project: Any) -> None:
    root = project({"environments/dev/kustomization.yaml": "resources: []\nlabels:\n- pairs: {a: b}\n"})
    slow = root / "slow-kustomize"
    slow.write_text(f"#!/bin/sh\n/bin/touch {root}/started\nexec /bin/sleep 60\n")
    slow.chmod(0o755)
    environment = {**os.environ, "MLGITOPS_KUSTOMIZE": str(slow)}
    process = subprocess.Popen(
        [*COMMAND, "render"], cwd=root, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    deadline = time.monotonic() + 20
    while not (root / "started").exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=45)
    assert (process.returncode, out, err.strip()) == (130, "", "interrupted")


@pytest.mark.parametrize("arguments", ["render", "explain", "plan -v", "--help"])
def test_a_reader_that_goes_away_is_no_error(project: Any, arguments: str) -> None:
    ran = subprocess.run(
        ["bash", "-o", "pipefail", "-c", f"{sys.executable} -m mlgitops {arguments} | head -n 0"],
        cwd=project(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (ran.returncode, ran.stderr) == (0, "")


def test_a_fault_of_ours_is_a_message_without_a_traceback(
    run: Any, project: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("hunter2")

    root = project()
    monkeypatch.setattr("mlgitops.workflows.validate.validate", broken)
    with pytest.raises(RuntimeError, match="hunter2"):
        run(root, "validate")
    monkeypatch.delenv("MLGITOPS_DEBUG")
    ran = run(root, "validate")
    assert ran.code == 1
    assert "internal error: RuntimeError" in ran.err
    assert "hunter2" not in ran.err
    assert "Traceback" not in ran.err


@pytest.fixture
def unread(run: Any, project: Any) -> Path:
    """Three targets, applied; one of them cannot be read since."""
    root: Path = project(fleet.files())
    assert run(root, "apply", "--env", "dev", "--yes").code == 0
    fleet.damage(root, "there")
    return root


@pytest.mark.parametrize("arguments", [["plan"], ["plan", "--detailed-exitcode"], ["diff"], ["drift"]], ids=" ".join)
def test_a_target_that_cannot_be_read_exits_with_1_and_is_named(run: Any, unread: Path, arguments: list[str]) -> None:
    ran = run(unread, *arguments)
    assert (ran.code, ran.err) == (1, "error: could not be read: target there\n")
    assert "No changes" not in ran.out
    assert "No drift" not in ran.out


def test_a_target_that_cannot_be_read_makes_status_exit_with_1(run: Any, unread: Path) -> None:
    ran = run(unread, "status")
    assert (ran.code, "cannot be read  target there: " in ran.out) == (1, True)
    assert ran.out.count("as Git says") == 2


@pytest.mark.parametrize("arguments", [["plan"], ["drift"]], ids=" ".join)
def test_the_only_target_that_cannot_be_read_is_the_error(run: Any, unread: Path, arguments: list[str]) -> None:
    ran = run(unread, *arguments, "--target", "there")
    assert (ran.code, ran.out) == (1, "")
    assert "is corrupt" in ran.err
    assert "help: mlgitops inventory rebuild" in ran.err


def test_drift_beside_a_target_that_cannot_be_read_exits_with_1(run: Any, unread: Path) -> None:
    edit(unread / MANIFEST, "maxReplicas: 3", "maxReplicas: 99")
    ran = run(unread, "drift")
    assert (ran.code, "1 changed" in ran.out) == (1, True)
    assert run(unread, "drift", "--fix", "--yes").code == 1
    assert "maxReplicas: 3" in (unread / MANIFEST).read_text()


@pytest.mark.parametrize("saved", [False, True], ids=["at once", "from a file"])
def test_apply_does_the_others_and_exits_with_1(run: Any, unread: Path, saved: bool) -> None:
    edit(unread / IRIS, "max: 3", "max: 4")
    if saved:
        assert run(unread, "plan", "--env", "dev", "-o", "plan.json").code == 1
    ran = run(unread, "apply", *(["plan.json"] if saved else ["--env", "dev", "--yes"]))
    assert (ran.code, "Target there\n  error  " in ran.out) == (1, True)
    assert "Not all applied to environment dev: 0 created, 2 changed, 0 removed." in ran.out
    assert "maxReplicas: 4" in (unread / MANIFEST).read_text()
    assert "maxReplicas: 4" in (unread / MANIFEST.replace("here", "yonder")).read_text()


def test_nothing_is_asked_where_all_that_could_be_read_is_as_it_is_to_be(run: Any, unread: Path) -> None:
    ran = run(unread, "apply", "--env", "dev")
    assert (ran.code, "there is no terminal" in ran.err) == (1, False)
    assert "Not all applied to environment dev: 0 created, 0 changed, 0 removed." in ran.out
