from __future__ import annotations

from typing import Any

import pytest

from mlgitops.check.rules import POLICY_CODES, check
from mlgitops.finding import Finding, Severity
from mlgitops.spec.document import load

HEAD = "apiVersion: mlgitops.dev/v1alpha1\nkind: {kind}\nmetadata:\n  name: {name}\nspec:\n"
IRIS = "environments/dev/models/iris.yaml"
MODEL = HEAD.format(kind="Model", name="iris") + (
    "  release:\n    version: '1'\n    artifact:\n      uri: s3://models/iris\n"
    "  serving:\n    format: sklearn\n    runtime: kserve-sklearnserver\n  monitoring:\n    metrics: false\n"
)


def policy(path: str, **rules: str) -> dict[str, str]:
    held = ", ".join(f"{code.replace('_', '-')}: '{level}'" for code, level in rules.items())
    kind, name, own = ("Project", "shop", "environments: [dev]") if path == "mlgitops.yaml" else (
        "Environment", "dev", "targets: [here]",
    )  # fmt: skip
    return {path: HEAD.format(kind=kind, name=name) + f"  {own}\n  policy:\n    rules: {{{held}}}\n"}


def found(read: Any, *files: dict[str, str]) -> list[Finding]:
    made = read({IRIS: MODEL, **{path: text for part in files for path, text in part.items()}})
    return check(made.resolution, made.documents)


PROJECT, ENVIRONMENT = "mlgitops.yaml", "environments/dev/environment.yaml"


@pytest.mark.parametrize(
    ("for_all", "here", "severity"),
    [
        ({}, {}, "warning"),
        ({"owner_missing": "error"}, {}, "error"),
        ({"owner_missing": "off"}, {}, None),
        ({"owner_missing": "off"}, {"owner_missing": "error"}, "error"),
        ({"owner_missing": "error"}, {"owner_missing": "off"}, None),
        ({}, {"owner_missing": "warning"}, "warning"),
    ],
)
def test_the_level_of_a_rule_is_the_environment_s_over_the_project_s(
    read: Any, for_all: dict[str, str], here: dict[str, str], severity: str | None
) -> None:
    files = (policy(PROJECT, **for_all), policy(ENVIRONMENT, release_digest_missing="off", **here))
    owner = [one.severity.value for one in found(read, *files) if one.code == "owner-missing"]
    assert owner == ([severity] if severity else [])


@pytest.mark.parametrize("path", [PROJECT, ENVIRONMENT])
@pytest.mark.parametrize(("code", "suggestion"), [("ownr-missing", "owner-missing"), ("unknown-field", "")])
def test_a_level_for_what_is_no_policy_is_found(read: Any, path: str, code: str, suggestion: str) -> None:
    unknown = [one for one in found(read, policy(path, **{code: "off"})) if one.code == "unknown-rule"]
    assert [(one.location.path, one.pointer, one.suggestion) for one in unknown] == [
        (path, f"spec.policy.rules.{code}", suggestion)
    ]


@pytest.mark.parametrize(
    "text",
    ["spec: [1]", "spec: text", "spec: {policy: null}", "spec: {policy: [1]}", "spec: {policy: {rules: [a]}}", "spec:"],
)
def test_a_policy_of_any_shape_is_looked_at(read: Any, text: str) -> None:
    document = load(PROJECT, f"kind: Project\n{text}\n".encode())
    assert [one.code for one in check(read().resolution, [document])] == []


def test_what_a_platform_refuses_stays_an_error(read: Any) -> None:
    batch = {IRIS: MODEL.replace("format: sklearn", "format: sklearn\n    scaling: {min: 0}")}
    assert {one.severity for one in found(read, batch) if one.code not in POLICY_CODES} == {Severity.ERROR}


def test_a_finding_in_a_shared_file_says_for_whom_it_is(read: Any) -> None:
    defaults = HEAD.format(kind="Environment", name="dev") + (
        "  targets: [here]\n  defaults:\n    model:\n      serving:\n        identity: nobody\n"
    )
    rose = {"environments/dev/models/rose.yaml": MODEL.replace("iris", "rose")}
    tulip = {"environments/dev/models/tulip.yaml": MODEL.replace("iris", "tulip")}
    (finding,) = [one for one in found(read, {ENVIRONMENT: defaults}, rose, tulip) if one.code == "unknown-identity"]
    assert finding.location.path == ENVIRONMENT
    assert finding.message.endswith("(for iris at here and 2 more)")


def test_every_kind_of_rule_is_asked(read: Any) -> None:
    target = HEAD.format(kind="Target", name="here") + (
        "  cloud: onprem\n  connection:\n    directory:\n      path: clusters/here\n"
        "  quota: {accelerators: {h100: 1}}\n"
    )
    secret = MODEL.replace("format: sklearn", "format: sklearn\n    env: [{name: TOKEN, value: hunter2-hunter2}]")
    codes = {one.code for one in found(read, {"targets/here.yaml": target, IRIS: secret})}
    assert codes >= {"unknown-accelerator", "literal-secret", "component-missing", "owner-missing"}
