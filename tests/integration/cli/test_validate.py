"""Validate at the command line: everything that is wrong is told in one run, in every format; nothing is written."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

HEAD = "apiVersion: mlgitops.dev/v1alpha1\nkind: {kind}\nmetadata:\n  name: {name}\n"
IRIS = "environments/dev/models/iris.yaml"
ENVIRONMENT = "environments/dev/environment.yaml"


def spec(kind: str, name: str, body: str) -> str:
    return HEAD.format(kind=kind, name=name) + "spec:\n" + body


def model(name: str, body: str = "") -> str:
    release = f"  release:\n    version: '1'\n    artifact:\n      uri: s3://models/{name}\n"
    owner = "  governance:\n    owner: shop@example.com\n"
    return spec("Model", name, release + owner + (body or "  serving:\n    format: sklearn\n"))


WRONG = {
    "mlgitops.yaml": spec("Project", "shop", "  environments: [dev, prod]\n  policy:\n    rules: {no-such: error}\n"),
    "targets/here.yaml": spec(
        "Target", "here", "  cloud: onprem\n  connection:\n    directory:\n      path: clusters/here\n"
        "  components:\n    kserve: '0.16.0'\n  quota:\n    accelerators: {h100: 3}\n",
    ),
    "targets/unused.yaml": spec("Target", "unused", "  cloud: awz\n  connection: {}\n"),
    ENVIRONMENT: spec("Environment", "dev", "  targets: [here, their]\n"),
    "environments/prod/environment.yaml": spec("Environment", "live", "  targets: [here]\n"),
    "environments/staging/models/lost.yaml": model("lost"),
    "environments/dev/models/notes.yml": "name: never read\n",
    IRIS: model("iris", "  serving:\n    format: sklearn\n    scalling: {max: 2}\n    scaling: {max: 5000}\n"),
    "environments/dev/models/broken.yaml": "kind: Model\nspec:\n  a: [1\n",
    "environments/dev/models/twice.yaml": model("twice", "  serving:\n    format: sklearn\n    format: onnx\n"),
    "environments/dev/models/secret.yaml": model(
        "secret", "  serving:\n    format: sklearn\n    env: [{name: DB_PASSWORD, value: hunter2-hunter2}]\n"
    ),
    "environments/dev/models/number.yaml": model("number").replace("'1'", "1.10"),
    "environments/prod/models/later.yaml": model(
        "later", "  serving:\n    format: sklearn\n    mode: edge\n  lifecycle:\n    replacedBy: latr\n"
    ),
    "environments/dev/pipelines/train.yaml": spec(
        "Pipeline", "train", "  model: irsi\n  steps:\n    - name: one\n      image: example.com/a:1\n"
        "      dependsOn: [two]\n",
    ),
}  # fmt: skip
CODES = {
    "unknown-rule", "unknown-accelerator", "unknown-value", "unknown-target", "name-differs-from-file", "file-not-read",
    "environment-missing", "unknown-field", "out-of-range", "yaml-syntax", "duplicate-key", "literal-secret",
    "wrong-type", "unknown-model",
}  # fmt: skip


def test_everything_wrong_in_all_files_is_told_in_one_run(
    run: Any, project: Any, golden: Callable[[str, str], None]
) -> None:
    ran = run(project(WRONG), "validate")
    assert ran.code == 1
    assert ran.err == ""
    golden("cli/everything-wrong.txt", ran.out)


def test_the_golden_holds_every_kind_of_mistake_once(run: Any, project: Any) -> None:
    ran = run(project(WRONG), "validate", "-o", "json")
    found = json.loads(ran.out)["findings"]
    assert {finding["code"] for finding in found} >= CODES
    places = [(f["code"], *f["location"].values(), f["message"]) for f in found]
    assert len(places) == len(set(places))


def test_a_secret_is_in_no_format(run: Any, project: Any) -> None:
    root = project(WRONG)
    for name in ("text", "json", "github", "gitlab", "azure", "sarif", "junit"):
        ran = run(root, "validate", "-o", name)
        assert (ran.code, "hunter2" in ran.out + ran.err) == (1, False)
        assert "literal-secret" in ran.out


def test_nothing_is_written_however_much_is_wrong(run: Any, project: Any, tree: Any) -> None:
    root = project(WRONG)
    before = tree(root)
    for command in ("validate", "render", "plan --env dev -o plan.json", "apply --env dev --yes"):
        assert run(root, *command.split()).code == 1
    assert tree(root) == before


def test_findings_go_to_several_places_at_once(run: Any, project: Any) -> None:
    root = project(WRONG)
    ran = run(root, "validate", "-o", "text", "-o", "sarif=a.sarif", "-o", "junit=b.xml", "-o", "c.json")
    assert ran.code == 1
    assert "error[unknown-field]" in ran.out
    sarif = json.loads((root / "a.sarif").read_text())
    count = len(json.loads((root / "c.json").read_text())["findings"])
    assert len(sarif["runs"][0]["results"]) == count
    assert (root / "b.xml").read_text().count("<testcase") == count


def test_json_stays_json_where_the_files_themselves_cannot_be_taken(run: Any, project: Any, tmp_path: Path) -> None:
    root = project()
    (root / "models").mkdir()
    (root / "models/away.yaml").symlink_to(tmp_path / "elsewhere.yaml")
    ran = run(root, "validate", "-o", "json")
    assert ran.code == 1
    assert [finding["code"] for finding in json.loads(ran.out)["findings"]] == ["link-leaves-project"]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("a: [\n", "yaml-syntax"),
        ("", "empty-file"),
        ("- 1\n", "not-a-mapping"),
        (spec("Project", "shop", "  environments: []\n"), "out-of-range"),
        (HEAD.format(kind="Project", name="shop"), "missing-field"),
        (HEAD.format(kind="Project", name="shop") + "spec: [1]\n", "wrong-type"),
        (HEAD.format(kind="Target", name="shop"), "wrong-kind"),
    ],
)
def test_a_project_file_that_names_no_environment_is_found(run: Any, project: Any, content: str, code: str) -> None:
    root = project({"mlgitops.yaml": content, ENVIRONMENT: None, IRIS: None})
    ran = run(root, "validate", "-o", "json")
    assert (ran.code, code in {finding["code"] for finding in json.loads(ran.out)["findings"]}) == (1, True)
    ran = run(root, "plan")
    assert (ran.code, ran.out) == (1, "")
    assert f"error[{code}]" in ran.err


@pytest.mark.parametrize(
    "policy", ["policy:", "policy: hello", "policy: [1]", "policy:\n    rules: 3", "policy:\n    rules:\n      - 1"]
)
@pytest.mark.parametrize("file", ["mlgitops.yaml", ENVIRONMENT])
def test_a_policy_of_the_wrong_shape_is_found(run: Any, project: Any, file: str, policy: str) -> None:
    root = project()
    text = re.sub(r"  policy:\n(    .*\n)+", "", (root / file).read_text())
    (root / file).write_text(f"{text}  {policy}\n")
    ran = run(root, "validate")
    assert "Traceback" not in ran.err
    assert ran.code == (1 if policy != "policy:" or file == "mlgitops.yaml" else ran.code)


@pytest.mark.parametrize("path", ["mlgitops.yaml", "targets/here.yaml", ENVIRONMENT, IRIS])
@pytest.mark.parametrize(
    "body", ["spec:", "spec: 1", "spec: [1]", "spec: text", "spec: {1: 2}", "metadata: [1]", "metadata:\n  name: [x]"]
)
def test_a_block_of_the_wrong_shape_anywhere_is_found(run: Any, project: Any, path: str, body: str) -> None:
    root = project()
    lines = (root / path).read_text().split("\n")
    key = body.partition(":")[0]
    start = lines.index(f"{key}:")
    end = next((i for i in range(start + 1, len(lines)) if not lines[i].startswith(" ")), len(lines))
    (root / path).write_text("\n".join([*lines[:start], body, *lines[end:]]))
    ran = run(root, "validate")
    assert (ran.code, f"--> {path}:" in ran.out) == (1, True)


def test_an_environment_named_twice_is_planned_once(run: Any, project: Any) -> None:
    root = project({"mlgitops.yaml": spec("Project", "shop", "  environments: [dev, dev]\n")})
    assert run(root, "plan").out.count("Plan for environment dev") <= 1


def test_the_environments_asked_for_are_checked_and_others_are_not(run: Any, project: Any) -> None:
    root = project(
        {
            "mlgitops.yaml": spec("Project", "shop", "  environments: [dev, prod]\n"),
            "environments/prod/environment.yaml": spec("Environment", "prod", "  targets: [here]\n"),
            "environments/prod/models/iris.yaml": model("iris", "  serving:\n    format: sklearn\n    tmeout: 1s\n"),
        }
    )
    assert run(root, "validate", "--env", "dev").code == 0
    assert run(root, "validate", "--env", "prod").code == 1
    assert run(root, "validate").code == 1
    assert run(root, "plan", "--env", "dev").code == 0


def test_a_rule_at_the_level_error_refuses_and_off_is_silent(run: Any, project: Any) -> None:
    for level, code in (("error", 1), ("warning", 0), ("off", 0)):
        policy = f'  targets: [here]\n  policy:\n    rules:\n      release-digest-missing: "{level}"\n'
        ran = run(project({ENVIRONMENT: spec("Environment", "dev", policy)}), "validate")
        assert (ran.code, "[release-digest-missing]" in ran.out) == (code, level != "off")
