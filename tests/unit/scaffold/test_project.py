"""What a new project's files are, for every choice there is."""

from __future__ import annotations

import itertools
import subprocess
from pathlib import Path

import pytest
import yaml

from mlgitops.errors import MlgitopsError
from mlgitops.scaffold.choices import CLOUDS, CONNECTIONS, FORGES, VENDORS, Choices, require, usable_name
from mlgitops.scaffold.project import project_files
from mlgitops.sources.created import create
from mlgitops.sources.worktree import WorkTree
from mlgitops.workflows.project import Opened
from mlgitops.workflows.validate import validate

REPOSITORIES = {
    "local": "", "github": "acme/shop", "gitlab": "acme/ml/shop", "gitea": "acme/shop", "forgejo": "acme/shop",
    "azure-devops": "acme/My Project - x/shop",
}  # fmt: skip
URLS = {"gitea": "https://git.example.com", "forgejo": "https://git.example.com:8443/forge"}


def findings(root: Path, choices: Choices) -> list[str]:
    require(choices)
    create(root, project_files(choices))
    return [str(finding) for finding in validate(Opened(root, WorkTree(root), None), ())]


@pytest.mark.parametrize("forge", FORGES)
@pytest.mark.parametrize("connection", CONNECTIONS)
def test_the_project_has_no_findings_whatever_its_forge_and_targets(
    tmp_path: Path, forge: str, connection: str
) -> None:
    choices = Choices(
        "shop", clouds=CLOUDS, environments=("dev", "staging", "prod"), forge=forge,  # type: ignore[arg-type]
        repository=REPOSITORIES[forge], forge_url=URLS.get(forge, ""), connection=connection,  # type: ignore[arg-type]
    )  # fmt: skip
    assert findings(tmp_path, choices) == []


@pytest.mark.parametrize(
    "clouds", [chosen for count in (1, 2) for chosen in itertools.combinations(CLOUDS, count)], ids="-".join
)
def test_the_project_has_no_findings_whatever_its_clouds(tmp_path: Path, clouds: tuple[str, ...]) -> None:
    assert findings(tmp_path, Choices("a", clouds=clouds, environments=("only",), model="m")) == []


def test_the_longest_names_have_no_findings(tmp_path: Path) -> None:
    choices = Choices("n" * 52, clouds=CLOUDS, environments=("e" * 20, "f" * 20), model="m" * 30)
    assert findings(tmp_path, choices) == []


def test_every_spec_names_a_schema_that_is_written() -> None:
    files = project_files(Choices("shop", clouds=CLOUDS))
    specs = [path for path in files if path.endswith(".yaml") and not path.startswith(".")]
    for path in specs:
        modeline = files[path].splitlines()[0].partition("$schema=")[2]
        named = (Path("/") / path).parent / modeline
        assert str(named.resolve()).lstrip("/") in files, path


def test_a_release_stands_in_the_first_environment_alone() -> None:
    files = project_files(Choices("shop", environments=("dev", "prod")))
    specs = {path: yaml.safe_load(text) for path, text in files.items() if path.endswith(".yaml")}
    with_release = [path for path, data in specs.items() if "release" in data.get("spec", {})]
    assert with_release == ["environments/dev/models/iris.yaml"]


def test_each_later_environment_takes_releases_from_the_one_before() -> None:
    files = project_files(Choices("shop", environments=("dev", "staging", "prod")))
    before = {
        name: yaml.safe_load(files[f"environments/{name}/environment.yaml"])["spec"].get("promotion", {}).get("from")
        for name in ("dev", "staging", "prod")
    }
    assert before == {"dev": None, "staging": "dev", "prod": "staging"}


def test_what_is_rendered_and_saved_is_left_out_of_git(tmp_path: Path) -> None:
    create(tmp_path, project_files(Choices("shop")))
    subprocess.run(["git", "init", "--quiet"], cwd=tmp_path, check=True)
    asked = ["git", "check-ignore", "clusters/onprem-dev/x.yaml", "plan.json", "mlgitops.yaml"]
    done = subprocess.run(asked, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.stdout.split() == ["clusters/onprem-dev/x.yaml", "plan.json"]


@pytest.mark.parametrize("vendor", VENDORS)
def test_every_vendor_gets_files_without_a_place_left_open(vendor: str) -> None:
    plain, more = project_files(Choices("shop")), project_files(Choices("shop", vendors=(vendor,)))
    added = {path: text for path, text in more.items() if path not in plain}
    assert added
    assert [path for path, text in added.items() if "<<" in text.replace("<<'", "").replace("<<E", "")] == []


@pytest.mark.parametrize(
    ("choices", "said"),
    [
        (Choices("Shop"), "--name 'Shop' is not a name"),
        (Choices("x" * 53), "is not a name"),
        (Choices("on"), "reads as a truth value"),
        (Choices("shop", model="../x"), "--model '../x' is not a name"),
        (Choices("shop", environments=("dev", "e" * 21)), "is not a name"),
        (Choices("shop", environments=("dev", "dev")), "--environment dev is given twice"),
        (Choices("shop", environments=()), "no --environment is given"),
        (Choices("shop", clouds=("aws", "aws")), "--cloud aws is given twice"),
        (Choices("shop", forge="github"), "--repository"),
        (Choices("shop", forge="gitea", repository="a/b"), "--forge-url"),
        (Choices("shop", forge="gitea", repository="a/b", forge_url="http://git.example.com"), "--forge-url"),
        (Choices("shop", repository="a/b"), "--repository is not for a local forge"),
        (Choices("shop", vendors=("github", "github")), "--ci github is given twice"),
    ],
)
def test_a_choice_that_cannot_be_is_refused_with_its_option(choices: Choices, said: str) -> None:
    with pytest.raises(MlgitopsError, match=said) as refused:
        require(choices)
    assert refused.value.help


@pytest.mark.parametrize(
    ("text", "name"),
    [("shop", "shop"), ("Fraud Models", "fraud-models"), ("2024_x", "x"), ("---", "models"), ("é" * 9, "models")],
)
def test_any_folder_gives_a_usable_name(text: str, name: str) -> None:
    assert usable_name(text) == name
