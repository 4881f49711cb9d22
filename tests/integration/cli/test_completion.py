"""Shells complete verbs, options and the names of the project, by asking the command itself."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[3]


def offered(root: Path, words: str) -> list[str]:
    """What bash would offer for the last of the words."""
    environment = {
        **os.environ, "_MLGITOPS_COMPLETE": "bash_complete", "COMP_WORDS": words,
        "COMP_CWORD": str(len(words.split(" ")) - 1), "PYTHONPATH": str(ROOT),
    }  # fmt: skip
    asked = [sys.executable, "-c", "import sys; sys.argv[0] = 'mlgitops'; from mlgitops.cli.main import run; run()"]
    done = subprocess.run(asked, cwd=root, env=environment, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return [line.partition(",")[2] for line in done.stdout.splitlines() if line]


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("mlgitops pro", ["promote"]),
        ("mlgitops plan --env ", ["dev"]),
        ("mlgitops plan --target h", ["here"]),
        ("mlgitops plan --model ", ["iris"]),
        ("mlgitops promote ir", ["iris"]),
        ("mlgitops promote iris --to d", ["dev"]),
        ("mlgitops validate --color ", ["auto", "always", "never"]),
        ("mlgitops review mer", ["merge"]),
    ],
)
def test_verbs_options_and_names_of_the_project_are_offered(
    project: Callable[..., Path], words: str, names: list[str]
) -> None:
    assert offered(project(), words) == names


def test_outside_a_project_there_is_nothing_to_offer_and_no_error(tmp_path: Path) -> None:
    assert offered(tmp_path, "mlgitops plan --env ") == []


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_of_a_shell_asks_the_command(run: Callable[..., Any], tmp_path: Path, shell: str) -> None:
    ran = run(tmp_path, "completion", shell)
    assert (ran.code, ran.err) == (0, "")
    assert f"_MLGITOPS_COMPLETE={shell}_complete" in ran.out


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_reads_its_script(run: Callable[..., Any], tmp_path: Path, shell: str) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"there is no {shell} on this machine")
    script = tmp_path / "script"
    script.write_text(run(tmp_path, "completion", shell).out)
    subprocess.run([shell, "-n", str(script)], check=True)


def test_bash_completes_by_it(run: Callable[..., Any], project: Callable[..., Path], tmp_path: Path) -> None:
    root, command = project(), tmp_path / "bin/mlgitops"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -m mlgitops "$@"\n')
    command.chmod(0o755)
    script = run(root, "completion", "bash").out
    press = f"{script}\nCOMP_WORDS=(mlgitops plan --env ''); COMP_CWORD=3\n_mlgitops_completion mlgitops\n"
    environment = {**os.environ, "PATH": f"{command.parent}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        ["bash", "-c", f'{press}echo "${{COMPREPLY[*]}}"'], cwd=root, env=environment, capture_output=True, text=True,
        check=True,
    )  # fmt: skip
    assert done.stdout.split() == ["dev"]
