"""The scripts of the templates, run by a shell with the variables that each vendor sets."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from mlgitops.scaffold.choices import Choices
from mlgitops.scaffold.pipelines import pipelines

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[3]
WRITTEN = pipelines(Choices("shop", vendors=("github", "gitlab", "azure", "jenkins")))
VENDORS = ("github", "gitlab", "azure", "jenkins")


def script(vendor: str, job: str) -> str:
    """What the vendor's file runs for a job, but for the installation."""
    if vendor == "github":
        found = yaml.safe_load(WRITTEN[".github/workflows/mlgitops.yml"])["jobs"][job]["steps"]
        lines = [step["run"] for step in found if "run" in step]
    elif vendor == "gitlab":
        lines = yaml.safe_load(WRITTEN[".gitlab-ci.yml"])[f"mlgitops-{job}"]["script"]
    elif vendor == "azure":
        jobs = {each["job"]: each for each in yaml.safe_load(WRITTEN["azure-pipelines.yml"])["jobs"]}
        lines = [step["script"] for step in jobs[job]["steps"] if "script" in step]
    else:
        stage = WRITTEN["Jenkinsfile"].split(f"stage('{job}')")[1].split("stage('")[0]
        lines = re.findall(r"sh '(.*)'", stage)
    return "\n".join(line for line in lines if "pip install" not in line)


def variables(vendor: str, head: str, scratch: Path) -> dict[str, str]:
    """What the vendor sets for pull request 1 into main."""
    event = scratch / "event.json"
    event.write_text(json.dumps({"pull_request": {"head": {"sha": head}}}))
    summary = scratch / "step-summary"
    summary.touch()
    return {
        "github": {"GITHUB_ACTIONS": "true", "GITHUB_REF": "refs/pull/1/merge", "GITHUB_BASE_REF": "main",
                   "GITHUB_EVENT_PATH": str(event), "GITHUB_STEP_SUMMARY": str(summary)},
        "gitlab": {"GITLAB_CI": "true", "CI_MERGE_REQUEST_IID": "1", "CI_COMMIT_SHA": head,
                   "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main", "CI_PROJECT_URL": "https://gitlab.example.com/shop"},
        "azure": {"TF_BUILD": "True", "SYSTEM_PULLREQUEST_PULLREQUESTID": "1",
                  "SYSTEM_PULLREQUEST_TARGETBRANCH": "refs/heads/main", "SYSTEM_PULLREQUEST_SOURCECOMMITID": head},
        "jenkins": {"JENKINS_URL": "https://ci.example.com/", "CHANGE_ID": "1", "CHANGE_TARGET": "main"},
    }[vendor]  # fmt: skip


def told(pull: Any) -> tuple[list[str], Mapping[str, str]]:
    """The comments of pull request 1, and the statuses of what is checked out."""
    statuses = {context: state.value for context, state in pull.forge.statuses(pull.head).items()}
    return list(pull.forge.comments(1)), statuses


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_pull_request_is_told_once_and_again_in_place(vendor: str, pull: Any, tmp_path: Path) -> None:
    for _ in range(2):
        ran = pull.shell(script(vendor, "check"), variables(vendor, pull.head, tmp_path))
        assert ran.code == 0, ran.out + ran.err
        comments, statuses = told(pull)
        assert [text.split("\n")[0] for text in sorted(comments)] == [
            "<!-- mlgitops:check -->", "<!-- mlgitops:gates -->",
        ]  # fmt: skip
        assert statuses == {"mlgitops/check": "success", "mlgitops/gates": "success"}
    check = sorted(comments)[0]
    assert check.startswith("<!-- mlgitops:check -->\n### mlgitops check: passed")
    assert "### Plan for environment <code>prod</code>" in check
    reports = {path.name for path in (pull.root / "mlgitops-reports").iterdir()}
    assert reports >= {"validate.sarif", "validate.xml", "code-quality.json", "plan.md", "gates.xml", "summary.md"}


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_wrong_spec_fails_the_check_and_is_shown_where_the_vendor_shows_it(
    vendor: str, pull: Any, tmp_path: Path
) -> None:
    pull.write("environments/prod/models/iris.yaml", "format: sklearn", "formaat: sklearn")
    pull.git("commit", "--quiet", "--all", "-m", "A slip")
    pull.git("push", "--quiet", "origin", "HEAD")
    ran = pull.shell(script(vendor, "check"), variables(vendor, pull.head, tmp_path))
    assert ran.code == 1, ran.out + ran.err
    comments, statuses = told(pull)
    assert statuses == {"mlgitops/check": "failure", "mlgitops/gates": "failure"}
    assert "formaat" in sorted(comments)[0]
    annotation = {
        "github": r"^::error file=environments/prod/models/iris\.yaml,line=\d+,",
        "azure": r"^##vso\[task\.logissue type=error;sourcepath=environments/prod/models/iris\.yaml;linenumber=\d+;",
    }.get(vendor)
    assert bool(re.search(r"^(::error|##vso\[task\.logissue)", ran.out, re.MULTILINE)) is bool(annotation)
    assert annotation is None or re.search(annotation, ran.out, re.MULTILINE)


def test_github_and_azure_are_given_the_summary(pull: Any, tmp_path: Path) -> None:
    pull.shell(script("github", "check"), variables("github", pull.head, tmp_path))
    assert (tmp_path / "step-summary").read_text().startswith("### mlgitops check: passed")
    ran = pull.shell(script("azure", "check"), variables("azure", pull.head, tmp_path))
    assert f"##vso[task.uploadsummary]{pull.root.resolve()}/mlgitops-reports/summary.md" in ran.out.splitlines()


def test_the_forge_is_the_one_of_the_base_and_never_one_that_the_pull_request_names(pull: Any, tmp_path: Path) -> None:
    """Or else anybody who proposes a change could have the token sent to a host of theirs."""
    pull.write("mlgitops.yaml", "url: ../origin.git", "url: ../elsewhere.git")
    pull.git("commit", "--quiet", "--all", "-m", "Another forge")
    pull.git("push", "--quiet", "origin", "HEAD")
    elsewhere = pull.bare.with_name("elsewhere.git")
    pull.shell(f"cp -r {pull.bare} {elsewhere}", {})
    before = {path: path.read_bytes() for path in elsewhere.rglob("*") if path.is_file()}
    ran = pull.shell(script("github", "check"), variables("github", pull.head, tmp_path))
    assert {"mlgitops/check", "mlgitops/gates"} == set(told(pull)[1]), ran.out + ran.err
    assert {path: path.read_bytes() for path in elsewhere.rglob("*") if path.is_file()} == before


def test_an_older_run_leaves_the_comment_to_the_newer_one(pull: Any, tmp_path: Path) -> None:
    old = pull.head
    pull.git("commit", "--quiet", "--allow-empty", "-m", "More")
    pull.git("push", "--quiet", "origin", "HEAD")
    pull.git("checkout", "--quiet", "--detach", old)
    pull.shell(script("gitlab", "check"), variables("gitlab", old, tmp_path))
    comments, statuses = told(pull)
    assert not [text for text in comments if "mlgitops:check" in text]
    assert statuses["mlgitops/check"] == "success"


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_merge_is_applied_and_then_there_is_no_drift(vendor: str, main: Any, tmp_path: Path) -> None:
    named = variables(vendor, main.head, tmp_path)
    ran = main.shell(script(vendor, "apply"), named)
    assert ran.code == 0, ran.out + ran.err
    assert (main.root / "clusters" / "here").is_dir()
    assert main.shell(script(vendor, "drift"), named).code == 0
    (served,) = (main.root / "clusters" / "here").rglob("inferenceservice*iris.yaml")
    served.write_text(served.read_text().replace("maxReplicas: 3", "maxReplicas: 9"))
    drifted = main.shell(script(vendor, "drift"), named)
    assert drifted.code == 2, drifted.out + drifted.err
    assert "maxReplicas" in (main.root / "mlgitops-reports" / "drift.xml").read_text()


def test_an_environment_that_fails_stops_those_behind_it(main: Any, tmp_path: Path) -> None:
    (main.root / "clusters").write_text("no folder")
    ran = main.shell(script("github", "apply"), variables("github", main.head, tmp_path))
    assert ran.code == 1
    assert "--env dev" in ran.err
    assert "--env prod" not in ran.err


@pytest.mark.parametrize("vendor", ["github", "azure", "jenkins"])
def test_what_is_ready_is_promoted_by_a_pull_request(vendor: str, main: Any, tmp_path: Path) -> None:
    for _ in range(2):
        ran = main.shell(script(vendor, "promote"), variables(vendor, main.head, tmp_path))
        assert ran.code == 0, ran.out + ran.err
    assert [pull.branch for pull in main.forge.waiting()] == ["promote/prod/iris"]


def test_gitlabs_promotion_asks_for_the_token_when_it_pushes_and_writes_it_nowhere(main: Any, tmp_path: Path) -> None:
    named = {**variables("gitlab", main.head, tmp_path), "GITLAB_TOKEN": "canary-token"}
    ran = main.shell(script("gitlab", "promote").replace("https://gitlab.example.com", "x"), named)
    assert ran.code == 0, ran.out + ran.err
    asked = "printf 'protocol=https\\nhost=gitlab.example.com\\n\\n' | git credential fill"
    assert "password=canary-token" in main.shell(asked, {"GITLAB_TOKEN": "canary-token"}).out
    assert "canary-token" not in (main.root / ".git" / "config").read_text() + ran.out + ran.err


ACTION = yaml.safe_load((ROOT / "action.yml").read_text())["runs"]["steps"][1]["run"]
STEPS = yaml.safe_load((ROOT / "templates" / "azure" / "mlgitops.yml").read_text())["steps"]
AZURE = next(step["bash"] for step in STEPS if "bash" in step)
CALLED = yaml.safe_load((ROOT / ".github" / "workflows" / "mlgitops-check.yml").read_text())
COMPONENT = yaml.safe_load((ROOT / "templates" / "mlgitops.yml").read_text().split("\n---\n")[1])
JENKINS = (ROOT / "vars" / "mlgitops.groovy").read_text().split("return '''")[1].split("'''")[0]


@pytest.fixture
def spy(tmp_path: Path) -> Any:
    """A mlgitops that tells its arguments, one a line, for what a script makes of what it is given."""
    program = tmp_path / "spy" / "mlgitops"
    program.parent.mkdir()
    program.write_text('#!/bin/sh\nfor word in "$@"; do printf "%s\\n" "$word"; done\n')
    program.chmod(0o755)
    return program.parent


def given(words: str, lines: bool) -> str:
    return words.replace(" ", "\n") if lines else words


@pytest.mark.parametrize("name", ["action", "azure", "component", "jenkins"])
@pytest.mark.parametrize(
    "asked",
    [("check", "", ""), ("apply", "dev prod", "--timeout 30m"), ("promote", "prod", "--group-by team"),
     ("drift", "$(touch,pwned) *", "`touch,pwned` ;false")],
)  # fmt: skip
def test_what_a_template_is_given_reaches_the_command_as_words_and_never_as_shell(
    name: str, asked: tuple[str, str, str], main: Any, tmp_path: Path, spy: Path
) -> None:
    job, environments, options = asked
    lines = name == "jenkins"
    text = {"action": ACTION, "azure": AZURE, "component": "\n".join(COMPONENT["mlgitops-$[[ inputs.job ]]"]["script"]),
            "jenkins": JENKINS}[name]  # fmt: skip
    runner = tmp_path / "runner" / "mlgitops" / "bin"
    runner.mkdir(parents=True)
    named = {
        "PATH": f"{spy}:/usr/bin:/bin", "GITHUB_WORKSPACE": str(main.root), "RUNNER_TEMP": str(tmp_path / "runner"),
        "GITHUB_OUTPUT": "/dev/null", "BUILD_SOURCESDIRECTORY": str(main.root), "CI_PROJECT_URL": str(main.bare),
        "JOB": job, "MLGITOPS_RUN": job, "MLGITOPS_PACKAGE": "",
        **dict.fromkeys(("ENVIRONMENTS", "MLGITOPS_ENVIRONMENTS"), given(environments, lines)),
        **dict.fromkeys(("OPTIONS", "MLGITOPS_OPTIONS"), given(options, lines)),
    }  # fmt: skip
    ran = main.shell(text, named, shell="sh" if name in ("component", "jenkins") else "bash")
    assert ran.code == 0, ran.err
    option = "--to" if job == "promote" else "--env"
    expected = [word for each in environments.split() for word in (option, each)]
    words = ran.out.splitlines()
    if "--reports" in words:
        at = words.index("--reports")
        words = [*words[:at], *words[at + 2 :]]
    assert words == ["ci", job, *expected, "--", *options.split()]
    assert not list(main.root.rglob("pwned"))


def test_a_workflow_that_others_call_gives_each_environment_to_the_command(main: Any, spy: Path) -> None:
    (step,) = (step for step in CALLED["jobs"]["check"]["steps"] if "mlgitops ci" in step.get("run", ""))
    named = {"PATH": f"{spy}:/usr/bin:/bin", "GITHUB_WORKSPACE": "/w"}
    ran = main.shell(step["run"], {**named, "ENVIRONMENTS": "dev prod"})
    assert ran.out.splitlines() == ["ci", "check", "--reports", "/w/mlgitops-reports", "--env=dev", "--env=prod"]
    ran = main.shell(step["run"], {**named, "ENVIRONMENTS": ""})
    assert ran.out.splitlines() == ["ci", "check", "--reports", "/w/mlgitops-reports"]
