"""Every file for a vendor is one that the vendor takes, by the schemas that check-jsonschema brings along."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from mlgitops.scaffold.choices import Choices
from mlgitops.scaffold.pipelines import pipelines

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[3]
CHOICES = Choices("shop", forge="github", repository="acme/shop", vendors=("github", "gitlab", "azure", "jenkins"))
WRITTEN = pipelines(CHOICES)
WORKFLOWS = {path.name: path.read_text() for path in (ROOT / ".github" / "workflows").glob("mlgitops-*.yml")}
OURS = {"action.yml": (ROOT / "action.yml").read_text(), **WORKFLOWS,
        ".github/workflows/mlgitops.yml": WRITTEN[".github/workflows/mlgitops.yml"]}  # fmt: skip
JOBS = ("check", "apply", "drift", "promote")
RUN_HERE = (ROOT / ".github" / "workflows" / "test.yml").read_text()
KNOWN = {
    "actions/cache": "5a3ec84eff668545956fd18022155c47e93e2684",
    "actions/checkout": "11bd71901bbe5b1630ceea73d27597364c9af683",
    "actions/setup-python": "a26af69be951a213d495a4c3e4e4022e16d87065",
    "actions/upload-artifact": "ea165f8d65b6e75b540449e92b4886f43607fa02",
    "github/codeql-action/upload-sarif": "b96794f015dfd88f77b49b1c93e0fa7110f94c63",
}


def checked(path: Path, schema: str, *options: str) -> str:
    """What check-jsonschema says; empty where a file is as it should be. It asks nobody: the schemas are its own."""
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{schema}", *options, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else done.stdout + done.stderr


def azure(path: Path) -> str:
    return checked(path, "azure-pipelines", "--data-transform", "azure-pipelines", "--regex-variant", "nonunicode")


def gitlab(path: Path) -> str:
    return checked(path, "gitlab-ci", "--data-transform", "gitlab-ci")


@pytest.mark.parametrize("name", OURS)
def test_github_takes_each_action_and_workflow(name: str, tmp_path: Path) -> None:
    file = tmp_path / Path(name).name
    file.write_text(OURS[name])
    assert not checked(file, "github-actions" if name == "action.yml" else "github-workflows")


def filled(text: str, values: Mapping[str, str]) -> str:
    return re.sub(r"\$\[\[ inputs\.(\w+) \]\]", lambda place: values[place[1]] or '""', text)


def test_gitlab_takes_what_init_writes_and_the_component(tmp_path: Path) -> None:
    written, component = tmp_path / ".gitlab-ci.yml", tmp_path / "component.yml"
    written.write_text(WRITTEN[".gitlab-ci.yml"])
    assert not gitlab(written)
    spec, jobs = (ROOT / "templates" / "mlgitops.yml").read_text().split("\n---\n")
    inputs = yaml.safe_load(spec)["spec"]["inputs"]
    asked = set(re.findall(r"\$\[\[ inputs\.(\w+) \]\]", jobs))
    assert asked == set(inputs)
    for job in JOBS:
        values = {name: str(entry.get("default", "x")) for name, entry in inputs.items()} | {"job": job}
        component.write_text(filled(jobs, values))
        assert not gitlab(component)


def test_azure_takes_what_init_writes_and_the_template(tmp_path: Path) -> None:
    written = tmp_path / "azure-pipelines.yml"
    written.write_text(WRITTEN["azure-pipelines.yml"])
    assert not azure(written)
    assert not azure(ROOT / "templates" / "azure" / "mlgitops.yml")


def test_the_schemas_find_what_is_wrong(tmp_path: Path) -> None:
    """Or else that all is well would say nothing."""
    for name, wrong, check in (
        (".gitlab-ci.yml", "stage: [1]", gitlab), ("azure-pipelines.yml", "condition: [1]", azure),
    ):  # fmt: skip
        broken = tmp_path / name
        broken.write_text(re.sub(r"\b(stage|condition): .*", wrong, WRITTEN[name], count=1))
        assert check(broken)


def steps(document: Any) -> Iterator[dict[str, Any]]:
    jobs = document["jobs"].values() if "jobs" in document else [document["runs"]]
    return (step for job in jobs for step in job.get("steps", []))


@pytest.mark.parametrize("text", [*OURS.values(), RUN_HERE], ids=[*OURS, "test.yml"])
def test_nothing_is_put_into_a_script_of_githubs_and_each_action_is_pinned(text: str) -> None:
    for step in steps(yaml.safe_load(text)):
        assert "${{" not in step.get("run", ""), step
        if uses := step.get("uses"):
            action, _, version = uses.partition("@")
            assert re.fullmatch(r"[0-9a-f]{40}", version)
            assert KNOWN[action] == version


def test_nothing_is_put_into_a_script_of_azures() -> None:
    for step in yaml.safe_load((ROOT / "templates" / "azure" / "mlgitops.yml").read_text())["steps"]:
        script = step.get("script", "") + step.get("bash", "")
        assert "${{" not in script
        assert "$(" not in script


@pytest.mark.parametrize("name", [name for name in OURS if name != "action.yml"])
def test_workflows_have_no_right_but_those_a_job_names(name: str) -> None:
    document = yaml.safe_load(OURS[name])
    assert document["permissions"] == {}
    for job_name, job in document["jobs"].items():
        rights = job["permissions"]
        assert rights["contents"] == ("write" if job_name == "promote" else "read")
        assert set(rights) <= {"contents", "pull-requests", "statuses", "security-events"}


def test_only_promotion_keeps_the_credentials_of_git() -> None:
    document = yaml.safe_load(OURS[".github/workflows/mlgitops.yml"])
    kept = {
        name: step["with"].get("persist-credentials", True)
        for name, job in document["jobs"].items() for step in job["steps"] if "checkout" in step.get("uses", "")
    }  # fmt: skip
    assert kept == {"check": False, "apply": False, "drift": False, "promote": True}


@pytest.mark.parametrize("job", JOBS)
def test_every_vendor_runs_every_job(job: str) -> None:
    for path, text in WRITTEN.items():
        assert f"mlgitops ci {job}" in text, path


def test_no_place_is_left_unfilled() -> None:
    assert not [path for path, text in WRITTEN.items() if "<<" in text.replace("<<<", "")]
