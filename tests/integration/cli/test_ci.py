"""``mlgitops ci`` within this process: what its jobs do where something is missing or in the way."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mlgitops.workflows.ci.steps import REPORTS

pytestmark = pytest.mark.integration

IRIS = "environments/dev/models/iris.yaml"
FORGE = "  forge:\n    kind: local\n    url: ../origin.git\n"
PULL = {"GITLAB_CI": "true", "CI_MERGE_REQUEST_IID": "1", "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main"}


@pytest.fixture(autouse=True)
def nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """No system of continuous integration, whichever runs these tests."""
    for name in ("GITHUB_ACTIONS", "GITHUB_EVENT_PATH", "GITLAB_CI", "TF_BUILD", "JENKINS_URL"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def in_gitlab(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in PULL.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def proposed(project: Any, commit: Any, git: Callable[..., str]) -> Callable[..., Path]:
    """A project at a commit, whose branch origin/main has these files on top of the small project's."""

    def made(files: dict[str, str] | None = None) -> Path:
        root: Path = project(files or {})
        git(root, "update-ref", "refs/remotes/origin/main", commit(root))
        return root

    return made


def test_on_ones_own_machine_it_checks_and_tells_nobody(run: Any, project: Any) -> None:
    root = project()
    ran = run(root, "ci", "check")
    assert ran.code == 0, ran.err
    reports = {path.name for path in (root / "mlgitops-reports").iterdir()}
    assert reports == set(REPORTS) - {"annotations.txt", "gates.xml", "drift.txt", "drift.xml"}
    assert "$ mlgitops plan -o text -o markdown=mlgitops-reports/plan.md" in ran.err


def test_reports_of_a_run_before_are_not_taken_for_new_ones(run: Any, project: Any) -> None:
    root = project()
    run(root, "ci", "check")
    (root / IRIS).write_text((root / IRIS).read_text().replace("max: 3", "max: 0"))
    ran = run(root, "ci", "check")
    assert ran.code == 1
    assert not (root / "mlgitops-reports" / "plan.md").exists()
    assert "No plan" not in (root / "mlgitops-reports" / "summary.md").read_text()
    assert "scaling.max" in (root / "mlgitops-reports" / "summary.md").read_text()


def test_reports_that_cannot_be_written_are_an_error_that_says_so(run: Any, project: Any) -> None:
    root = project({"taken": "a file"})
    ran = run(root, "ci", "check", "--reports", "taken/reports")
    assert (ran.code, ran.out) == (1, "")
    assert "error: taken/reports cannot be written: Not a directory" in ran.err
    assert "help: Name another folder with --reports." in ran.err


def test_what_comes_after_two_dashes_is_given_to_the_verb(run: Any, project: Any) -> None:
    root = project()
    ran = run(root, "ci", "check", "--", "--target", "nowhere")
    assert ran.code == 1
    assert "$ mlgitops plan -o text -o markdown=mlgitops-reports/plan.md --target nowhere" in ran.err
    assert "nowhere" in ran.err.split("$ mlgitops plan")[1]


@pytest.mark.usefixtures("in_gitlab")
def test_a_base_that_was_not_fetched_is_said_before_anything_runs(run: Any, project: Any, commit: Any) -> None:
    root = project()
    commit(root)
    ran = run(root, "ci", "check")
    assert ran.code == 1
    assert "there is no commit 'origin/main'" in ran.err
    assert "$ mlgitops" not in ran.err
    assert run(root, "ci", "check", "--quiet").code == 0


@pytest.mark.usefixtures("in_gitlab")
def test_a_base_without_a_forge_is_said_and_fails_nothing(run: Any, proposed: Any) -> None:
    ran = run(proposed(), "ci", "check")
    assert ran.code == 0, ran.err
    assert "origin/main names no forge (spec.forge): nothing is told there" in ran.err


@pytest.mark.usefixtures("in_gitlab")
def test_a_forge_that_fails_fails_the_check_after_everything_was_reported(
    run: Any, proposed: Any, project: Any
) -> None:
    files = {"mlgitops.yaml": (project(name="one") / "mlgitops.yaml").read_text() + FORGE}
    root = proposed(files)
    ran = run(root, "ci", "check")
    assert ran.code == 1
    assert "error: the pull request could not be told" in ran.err
    assert (root / "mlgitops-reports" / "summary.md").read_text().startswith("### mlgitops check: passed")


def test_a_warning_alone_passes_and_is_in_the_summary(run: Any, project: Any) -> None:
    root = project()
    text = (root / "environments/dev/environment.yaml").read_text().replace('"off"', "warning")
    (root / "environments/dev/environment.yaml").write_text(text)
    assert run(root, "ci", "check").code == 0
    found = json.loads((root / "mlgitops-reports" / "validate.json").read_text())["summary"]
    assert (found["errors"], found["warnings"] > 0) == (0, True)
    assert "warning[release-digest-missing]" in (root / "mlgitops-reports" / "summary.md").read_text()


def test_an_unknown_environment_applies_nothing(run: Any, project: Any, commit: Any, tree: Any) -> None:
    root = project()
    commit(root)
    ran = run(root, "ci", "apply", "--env", "nowhere")
    assert ran.code == 1
    assert "there is no environment 'nowhere'" in ran.err
    assert not (root / "clusters").exists()


def test_with_one_environment_there_is_nothing_to_promote_to(run: Any, project: Any) -> None:
    ran = run(project(), "ci", "promote")
    assert (ran.code, ran.out, ran.err) == (0, "", "")
