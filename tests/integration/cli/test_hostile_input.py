"""What comes from specs, files and arguments can neither act on a terminal nor forge lines nor leave the project."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

IRIS = "environments/dev/models/iris.yaml"
HOSTILE = '"a\\u202eb ::error::forged \\u2028##vso[task.complete]"'
DANGEROUS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]|##vso\\[|(?m:^::error)")


def spec_with(root: Path, key: str, value: str) -> None:
    text = (root / IRIS).read_text()
    (root / IRIS).write_text(text.replace("    owner: shop@example.com\n", f"    {key}: {value}\n"))


@pytest.mark.parametrize(
    "verb", ["validate", "plan -v", "diff", "render", "drift", "explain model.spec.governance --value"]
)
def test_a_hostile_value_of_a_spec_is_shown_inert(run: Any, project: Any, verb: str) -> None:
    root = project()
    run(root, "apply", "--env", "dev", "--yes")
    spec_with(root, "owner", HOSTILE)
    ran = run(root, *verb.split(), "--no-cache")
    assert not DANGEROUS.search(ran.out + ran.err)
    assert "Traceback" not in ran.err


@pytest.mark.parametrize("verb", ["plan", "diff", "drift", "apply --env dev --yes"])
def test_a_hostile_value_of_a_live_object_is_shown_inert(run: Any, project: Any, verb: str) -> None:
    root = project()
    run(root, "apply", "--env", "dev", "--yes")
    (path,) = (root / "clusters/here/models").glob("*.yaml")
    path.write_text(path.read_text().replace('"shop@example.com"', '"\\e[2J\\u202e::error::x"'))
    assert "\\e[2J" in path.read_text()
    ran = run(root, *verb.split())
    assert not DANGEROUS.search(ran.out + ran.err)
    assert "owner" in ran.out


@pytest.mark.parametrize("option", ["--env", "--target", "--model", "--select"])
def test_a_hostile_argument_is_shown_inert(run: Any, project: Any, option: str) -> None:
    ran = run(project(), "plan", option, "\x1b[2Jx\u202e\n::error::y/z")
    assert ran.code == 1
    assert not DANGEROUS.search(ran.err)


def test_a_hostile_name_of_an_environment_is_found_and_inert(run: Any, project: Any) -> None:
    root = project()
    for path, old in (("mlgitops.yaml", "[dev]"), ("environments/dev/environment.yaml", "[here]")):
        (root / path).write_text((root / path).read_text().replace(old, f"[{HOSTILE}, ../../etc, -x, {old[1:-1]}]"))
    for arguments in (["validate"], ["plan", "--env", "dve"], ["plan"]):
        ran = run(root, *arguments)
        assert ran.code == 1
        assert not DANGEROUS.search(ran.out + ran.err)


@pytest.mark.parametrize("path", ["..", "../x", "/tmp/x", "a/../../x", "", ".", ".git", ".git/x", "~/x", "a\\\\b"])
def test_a_directory_outside_the_project_is_never_written(run: Any, project: Any, tree: Any, path: str) -> None:
    root = project()
    target = root / "targets/here.yaml"
    target.write_text(target.read_text().replace("clusters/here", f'"{path}"'))
    before = {name: content for name, content in tree(root.parent).items() if not name.startswith("shop/~")}
    ran = run(root, "apply", "--env", "dev", "--yes")
    after = {name: content for name, content in tree(root.parent).items() if not name.startswith("shop/~")}
    assert (ran.code if path != "~/x" else 1, after) == (1, before)


@pytest.mark.parametrize(
    "path", ["models", "environments", "environments/dev", "targets/x", "mlgitops.yaml", "./models"]
)
def test_a_directory_among_the_specs_is_refused_by_validate(run: Any, project: Any, tree: Any, path: str) -> None:
    root = project()
    target = root / "targets/here.yaml"
    target.write_text(target.read_text().replace("clusters/here", path))
    before = tree(root)
    ran = run(root, "validate")
    assert (ran.code, "--> targets/here.yaml:9:13 (spec.connection.directory.path)" in ran.out) == (1, True)
    assert (run(root, "apply", "--env", "dev", "--yes").code, tree(root)) == (1, before)


def test_a_target_behind_a_link_is_never_written(run: Any, project: Any, tmp_path: Path) -> None:
    root = project()
    (tmp_path / "elsewhere").mkdir()
    (root / "clusters").symlink_to(tmp_path / "elsewhere")
    assert run(root, "apply", "--env", "dev", "--yes").code == 1
    assert list((tmp_path / "elsewhere").iterdir()) == []


@pytest.mark.parametrize("name", ["CON", "a b", "\u212bngstrom", "-rf", "..", "a" * 60, "x.y", "Iris", "\u0131ris"])
def test_an_odd_name_of_a_model_is_found(run: Any, project: Any, name: str) -> None:
    root = project()
    text = (root / IRIS).read_text().replace("name: iris", f'name: "{name}"')
    (root / f"environments/dev/models/{name}.yaml").write_text(text)
    ran = run(root, "validate")
    assert (ran.code, "error[" in ran.out) == (1, True)


def test_digits_of_other_scripts_are_no_numbers(run: Any, project: Any) -> None:
    for field in ("timeout: 1\u0663s", "resources: {cpu: \u0663}"):
        root = project()
        (root / IRIS).write_text((root / IRIS).read_text().replace("scaling:", f"{field}\n    scaling:"))
        ran = run(root, "validate")
        assert (ran.code, "error[invalid-format]" in ran.out) == (1, True)


def test_what_the_terminal_cannot_show_is_escaped(project: Any) -> None:
    root = project()
    spec_with(root, "owner", '"Zo\u00eb \u2192 \u65e5\u672c"')
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    for verb in ("plan", "render", "validate"):
        ran = subprocess.run(
            [sys.executable, "-m", "mlgitops", verb], cwd=root, env=environment, capture_output=True, check=False
        )
        assert (ran.returncode, ran.stderr) == (0, b"")
    undecodable = [sys.executable.encode(), b"-m", b"mlgitops", b"plan", b"--env", b"\xff\xfe"]
    ran = subprocess.run(undecodable, cwd=root, env=environment, capture_output=True, check=False)
    assert (ran.returncode, b"there is no environment" in ran.stderr) == (1, True)
