"""Drift at the command line: told apart, in every format, and repaired without touching anything else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

IRIS = "environments/dev/models/iris.yaml"
FOLDER = "clusters/here/models"
EXTRA = """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: extra
  namespace: models
  labels:
    mlgitops.dev/project: shop
    mlgitops.dev/environment: dev
    mlgitops.dev/target: here
    mlgitops.dev/model: iris
"""


def manifest(root: Path, name: str) -> Path:
    return root / f"{FOLDER}/inferenceservice.serving.kserve.io_{name}.yaml"


def edit(path: Path, old: str = "maxReplicas: 3", new: str = "maxReplicas: 99") -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


@pytest.fixture
def applied(run: Any, project: Any) -> Path:
    """Three models, applied."""
    root: Path = project()
    for name in ("rose", "tulip"):
        text = (root / IRIS).read_text().replace("iris", name)
        (root / f"environments/dev/models/{name}.yaml").write_text(text)
    assert run(root, "apply", "--env", "dev", "--yes").code == 0
    return root


@pytest.fixture
def drifted(applied: Path) -> Path:
    """One object changed, one missing, one too many."""
    edit(manifest(applied, "iris"))
    manifest(applied, "rose").unlink()
    (applied / FOLDER / "configmap_extra.yaml").write_text(EXTRA)
    return applied


def test_changed_missing_and_unexpected_are_told_apart(run: Any, drifted: Path, golden: Any) -> None:
    ran = run(drifted, "drift")
    assert (ran.code, ran.err) == (2, "")
    golden("cli/drift.txt", ran.out)


def test_json_and_junit_say_the_same(run: Any, drifted: Path) -> None:
    ran = run(drifted, "drift", "-o", "json", "-o", "junit=drift.xml")
    assert ran.code == 2
    (found,) = json.loads(ran.out)["environments"]
    (target,) = found["targets"]
    assert [len(target[group]) for group in ("changed", "missing", "unexpected")] == [1, 1, 1]
    suites = ElementTree.fromstring((drifted / "drift.xml").read_text())
    assert len(list(suites.iter("failure"))) == 3


def test_drift_reads_only(run: Any, drifted: Path, tree: Any) -> None:
    before = tree(drifted)
    assert run(drifted, "drift").code == 2
    assert tree(drifted) == before


def test_the_repair_asks_and_without_a_terminal_it_is_an_error(run: Any, drifted: Path, tree: Any) -> None:
    before = tree(drifted)
    ran = run(drifted, "drift", "--fix")
    assert (ran.code, tree(drifted)) == (1, before)
    assert "--yes" in ran.err


def test_the_repair_leaves_what_is_unexpected_and_says_so_by_its_code(run: Any, drifted: Path) -> None:
    assert run(drifted, "drift", "--fix", "--yes").code == 2
    assert "maxReplicas: 3" in manifest(drifted, "iris").read_text()
    assert manifest(drifted, "rose").exists()
    assert (drifted / FOLDER / "configmap_extra.yaml").read_text() == EXTRA
    ran = run(drifted, "drift")
    assert (ran.code, "extra" in ran.out, "iris" in ran.out.replace("Model/iris", "")) == (2, True, False)
    (drifted / FOLDER / "configmap_extra.yaml").unlink()
    assert run(drifted, "drift").code == 0


def test_the_repair_applies_no_change_of_git(run: Any, applied: Path) -> None:
    edit(applied / IRIS, "max: 3", "max: 4")
    edit(manifest(applied, "rose"))
    (applied / "environments/dev/models/tulip.yaml").unlink()
    assert run(applied, "drift", "--fix", "--yes").code == 0
    assert "maxReplicas: 3" in manifest(applied, "iris").read_text()
    assert "maxReplicas: 3" in manifest(applied, "rose").read_text()
    assert manifest(applied, "tulip").exists()
    assert run(applied, "drift").code == 0
    assert "1 to change, 1 to remove" in run(applied, "plan").out.replace("0 to create, ", "")


def test_an_edited_object_that_git_no_longer_has_is_not_called_repaired_while_it_is_there(
    run: Any, applied: Path
) -> None:
    (applied / "environments/dev/models/tulip.yaml").unlink()
    edit(manifest(applied, "tulip"))
    assert run(applied, "drift").code == 2
    code = run(applied, "drift", "--fix", "--yes").code
    assert code == run(applied, "drift").code


def test_a_selection_narrows_what_is_looked_at_and_repaired(run: Any, drifted: Path) -> None:
    assert run(drifted, "drift", "--model", "tulip").code == 0
    assert run(drifted, "drift", "--model", "rose").code == 2
    assert run(drifted, "drift", "--model", "rose", "--fix", "--yes").code == 0
    assert manifest(drifted, "rose").exists()
    assert "maxReplicas: 99" in manifest(drifted, "iris").read_text()


def test_before_the_first_apply_nothing_can_have_drifted(run: Any, project: Any) -> None:
    root = project()
    ran = run(root, "drift")
    assert (ran.code, ran.out.startswith("Nothing was applied to environment dev yet")) == (0, True)
    assert run(root, "apply", "--env", "dev", "--yes").code == 0
    (root / IRIS).unlink()
    assert run(root, "apply", "--env", "dev", "--yes", "--allow-mass-delete").code == 0
    assert run(root, "drift").out == "No drift in environment dev.\n"


def test_what_is_not_applied_yet_is_no_drift(run: Any, applied: Path) -> None:
    edit(applied / IRIS, "max: 3", "max: 4")
    assert run(applied, "drift").code == 0
    assert run(applied, "plan", "--detailed-exitcode").code == 2
