"""``init`` begins a project: by flags, by questions on a terminal, and never over what is there."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml


def spec(root: Path, path: str) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((root / path).read_text())["spec"]
    return loaded


def test_without_flags_it_takes_the_usual_and_the_folder_for_a_name(run: Callable[..., Any], tmp_path: Path) -> None:
    root = tmp_path / "Fraud Models"
    root.mkdir()
    ran = run(root, "init")
    assert (ran.code, ran.err) == (0, "")
    assert spec(root, "mlgitops.yaml")["forge"] == {"kind": "local", "url": "../fraud-models.git"}
    assert run(root, "validate").out == "No findings.\n"


def test_flags_say_what_the_project_is_like(run: Callable[..., Any], tmp_path: Path) -> None:
    chosen = "--name shop --cloud gcp --cloud onprem -e test -e live --target kubernetes --model fraud"
    forge = "--forge gitlab --repository acme/ml/shop --forge-url https://git.example.com"
    ran = run(tmp_path, "init", "--directory", "new/shop", *chosen.split(), *forge.split())
    assert ran.code == 0, ran.err
    root = tmp_path / "new/shop"
    assert spec(root, "mlgitops.yaml")["environments"] == ["test", "live"]
    assert spec(root, "mlgitops.yaml")["forge"]["repository"] == "acme/ml/shop"
    assert spec(root, "targets/gcp-live.yaml")["connection"] == {"kubernetes": {"context": "gcp-live"}}
    assert spec(root, "environments/live/environment.yaml")["promotion"]["from"] == "test"
    assert (root / "environments/test/models/fraud.yaml").is_file()
    assert run(root, "validate").out == "No findings.\n"
    assert "cd new/shop && mlgitops validate" in ran.out


def test_it_says_what_it_wrote_and_the_next_three_commands(run: Callable[..., Any], tmp_path: Path) -> None:
    said = run(tmp_path, "init", "--name", "shop").out.splitlines()
    written = [line.split()[0] for line in said[1 : said.index("")]]
    assert {"mlgitops.yaml", "models/iris.yaml", "targets/onprem-dev.yaml", "schemas/"} <= set(written)
    assert [line.split()[0] for line in said[said.index("Next:") + 1 :]] == ["mlgitops"] * 3


def test_a_file_in_the_way_is_named_and_nothing_is_written(
    run: Callable[..., Any], tree: Callable[[Path], Mapping[str, bytes]], tmp_path: Path
) -> None:
    (tmp_path / "targets").mkdir()
    (tmp_path / "targets/onprem-prod.yaml").write_text("mine")
    before = tree(tmp_path)
    ran = run(tmp_path, "init")
    assert ran.code == 1
    assert "targets/onprem-prod.yaml" in ran.err
    assert tree(tmp_path) == before


def test_a_project_is_never_begun_twice(run: Callable[..., Any], tmp_path: Path) -> None:
    run(tmp_path, "init")
    ran = run(tmp_path, "init")
    assert ran.code == 1
    assert "mlgitops.yaml" in ran.err


def test_what_a_repository_often_has_is_left_as_it_is(run: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text("mine\n")
    ran = run(tmp_path, "init")
    assert ran.code == 0
    assert "Left as it was: .gitignore" in ran.out
    assert (tmp_path / ".gitignore").read_text() == "mine\n"


def test_a_forge_with_a_server_needs_a_repository(run: Callable[..., Any], tmp_path: Path) -> None:
    ran = run(tmp_path, "init", "--forge", "github")
    assert ran.code == 1
    assert "--repository" in ran.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("vendor", ["github", "gitlab", "azure", "jenkins"])
def test_with_ci_it_also_writes_what_the_vendor_runs(run: Callable[..., Any], tmp_path: Path, vendor: str) -> None:
    run(tmp_path, "init", "--directory", "plain", "--name", "x")
    ran = run(tmp_path, "init", "--directory", "more", "--name", "x", "--ci", vendor)
    assert ran.code == 0, ran.err
    files = [
        {path.relative_to(tmp_path / name).as_posix() for path in (tmp_path / name).rglob("*") if path.is_file()}
        for name in ("plain", "more")
    ]
    assert files[1] - files[0]


def test_its_specs_are_in_the_form_that_fmt_writes(run: Callable[..., Any], tmp_path: Path) -> None:
    clouds = [word for cloud in ("aws", "gcp", "azure", "onprem") for word in ("--cloud", cloud)]
    run(
        tmp_path,
        "init",
        "--name",
        "x",
        *clouds,
        "--forge",
        "gitea",
        "--repository",
        "a/b",
        "--forge-url",
        "https://g.io",
    )
    ran = run(tmp_path, "fmt", "--check", "--diff")
    assert (ran.code, ran.out) == (0, "")


def test_its_pre_commit_hooks_pass_and_stop_a_wrong_spec(
    run: Callable[..., Any], git: Callable[..., str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, command = tmp_path / "shop", tmp_path / "bin/mlgitops"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -m mlgitops "$@"\n')
    command.chmod(0o755)
    monkeypatch.setenv("PATH", f"{command.parent}:{os.environ['PATH']}")
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).resolve().parents[3]))
    run(tmp_path, "init", "--directory", "shop")
    git(root, "init", "--quiet")
    git(root, "add", "--all")
    hooks = [sys.executable, "-m", "pre_commit", "run", "--all-files"]
    done = subprocess.run(hooks, cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("Passed") == 2
    model = root / "environments/dev/models/iris.yaml"
    model.write_text(model.read_text().replace("max: 1", "max: -1"))
    done = subprocess.run(hooks, cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "environments/dev/models/iris.yaml:" in done.stdout


def on_a_terminal(root: Path, answers: str, *arguments: str) -> tuple[int, str]:
    """How ``init`` ended with somebody typing, and what it printed to stdout."""
    ours, theirs = pty.openpty()
    try:
        process = subprocess.Popen(
            [sys.executable, "-m", "mlgitops", "init", *arguments], cwd=root, stdin=theirs, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        os.write(ours, answers.encode())
        out, err = process.communicate(timeout=120)
        return process.returncode, out + err
    finally:
        os.close(ours)
        os.close(theirs)


def test_on_a_terminal_it_asks_for_what_no_flag_says(run: Callable[..., Any], tmp_path: Path) -> None:
    # Name, clouds (once wrong), environments, target, model; the forge comes by a flag, its repository is asked for.
    code, said = on_a_terminal(
        tmp_path, "shop\nmoon\naws, gcp\n\n\nfraud\nacme/shop\n-\n", "--forge", "github"
    )  # fmt: skip
    assert code == 0, said
    assert "'moon' is none of aws, gcp, azure, onprem" in said
    assert spec(tmp_path, "mlgitops.yaml")["forge"]["repository"] == "acme/shop"
    assert sorted(path.name for path in (tmp_path / "targets").iterdir()) == [
        "aws-dev.yaml", "aws-prod.yaml", "gcp-dev.yaml", "gcp-prod.yaml",
    ]  # fmt: skip
    assert run(tmp_path, "validate").out == "No findings.\n"


def test_an_end_of_the_answers_writes_nothing(tmp_path: Path) -> None:
    code, said = on_a_terminal(tmp_path, "shop\n\x04")
    assert code == 130, said
    assert list(tmp_path.iterdir()) == []


def test_env_is_another_name_of_environment(run: Callable[..., Any], tmp_path: Path) -> None:
    assert run(tmp_path, "init", "--yes", "--directory", str(tmp_path), "--env", "lab").code == 0
    assert [path.name for path in (tmp_path / "environments").iterdir()] == ["lab"]


def test_an_empty_name_is_refused(run: Callable[..., Any], tmp_path: Path) -> None:
    ran = run(tmp_path, "init", "--yes", "--directory", str(tmp_path), "--name", "")
    assert ran.code != 0
    assert "name" in ran.err
    assert list(tmp_path.iterdir()) == []
