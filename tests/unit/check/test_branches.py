from __future__ import annotations

from typing import Any

import orjson
import pytest

from mlgitops.check.branches import check
from mlgitops.spec.document import Document, load


def target(name: str, connection: dict[str, Any]) -> Document:
    content = {"kind": "Target", "metadata": {"name": name}, "spec": {"connection": connection}}
    return load(f"targets/{name}.yaml", orjson.dumps(content))


def environment(name: str, *targets: Any) -> Document:
    content = {"kind": "Environment", "metadata": {"name": name}, "spec": {"targets": list(targets)}}
    return load(f"environments/{name}/environment.yaml", orjson.dumps(content))


def found(*documents: Document) -> list[tuple[str, str]]:
    return [(one.location.path, one.pointer) for one in check(documents)]


def two(one: dict[str, Any], other: dict[str, Any]) -> list[tuple[str, str]]:
    """What is found of two targets of one environment."""
    return found(environment("dev", "aws", "gcp"), target("aws", {"git": one}), target("gcp", {"git": other}))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({}, {}),
        ({"branch": "deploy"}, {}),
        ({"branch": "deploy", "path": "aws"}, {"branch": "deploy", "path": "gcp"}),
        ({"branch": "deploy", "path": "clusters/aws"}, {"branch": "deploy", "path": "clusters/aws-2"}),
        ({"branch": "deploy", "repository": "one.git"}, {"branch": "deploy", "repository": "two.git"}),
        ({"branch": "deploy"}, {"branch": "deploy", "repository": "https://git.example.com/deploy.git"}),
    ],
)
def test_targets_in_folders_of_their_own_are_fine(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert two(one, other) == []


@pytest.mark.parametrize(
    ("one", "other", "field"),
    [
        ({"branch": "deploy"}, {"branch": "deploy"}, "branch"),
        ({"branch": "deploy/dev/gcp"}, {}, ""),
        ({"branch": "deploy", "path": "all"}, {"branch": "deploy", "path": "all"}, "path"),
        ({"branch": "deploy", "path": "all"}, {"branch": "deploy", "path": "all/gcp"}, "path"),
        ({"branch": "deploy", "path": "all/aws"}, {"branch": "deploy"}, "branch"),
        (
            {"branch": "deploy", "repository": "git@git.example.com:ml/deploy.git"},
            {"branch": "deploy", "repository": "ssh://git@git.example.com/ml/deploy"},
            "branch",
        ),
        ({"branch": "deploy", "push": True}, {"branch": "deploy"}, "branch"),
    ],
)
def test_two_targets_in_one_folder_or_within_each_others_are_found(
    one: dict[str, Any], other: dict[str, Any], field: str
) -> None:
    pointer = ".".join(filter(None, ["spec.connection.git", field]))
    assert two(one, other) == [("targets/gcp.yaml", pointer)]


def test_one_target_in_two_environments_needs_a_branch_for_each() -> None:
    documents = [environment("dev", "aws"), environment("prod", "gcp", "aws")]
    shared = target("aws", {"git": {"branch": "deploy"}})
    assert found(*documents, shared, target("gcp", {"git": {}})) == [
        ("environments/prod/environment.yaml", "spec.targets.1")
    ]
    assert found(*documents, target("aws", {"git": {"path": "manifests"}})) == []


def test_the_message_names_both_and_what_they_share() -> None:
    (finding,) = check(
        [
            environment("dev", "aws"), environment("prod", "gcp"),
            target("aws", {"git": {"branch": "deploy"}}),
            target("gcp", {"git": {"branch": "deploy", "path": "gcp"}}),
        ]
    )  # fmt: skip
    assert finding.code == "duplicate-branch"
    assert finding.message == (
        "prod at gcp is written to folder gcp of branch deploy, and dev at aws to the whole of branch deploy"
    )


def test_other_targets_and_what_is_wrong_elsewhere_are_passed_over() -> None:
    odd = load("environments/odd/environment.yaml", orjson.dumps({"kind": "Environment", "spec": {"targets": "aws"}}))
    directories = [target(name, {"directory": {"path": "clusters"}}) for name in ("aws", "gcp")]
    assert found(odd, environment("dev", "aws", "gcp", "missing", 1), *directories) == []
