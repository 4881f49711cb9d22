from __future__ import annotations

import re
from pathlib import Path

import pytest

from mlgitops.workflows.ci import steps
from mlgitops.workflows.ci.system import System

REPORTS = Path("reports")


@pytest.mark.parametrize(("name", "format"), [("github", "github"), ("azure", "azure")])
def test_systems_that_annotate_get_findings_in_their_own_words(name: str, format: str) -> None:
    assert f"{format}=reports/annotations.txt" in steps.validate(System(name), REPORTS, ())


@pytest.mark.parametrize("name", ["", "gitlab", "jenkins"])
def test_others_get_no_annotations(name: str) -> None:
    assert not [word for word in steps.validate(System(name), REPORTS, ()) if "annotations" in word]


def test_every_report_that_a_step_writes_is_known_so_that_an_old_one_is_removed() -> None:
    system = System("github", 12, "origin/main")
    words = [
        *steps.validate(system, REPORTS, ()), *steps.plan(REPORTS, (), ()), *steps.drift(REPORTS, (), ()),
        *steps.gates(system, REPORTS, post=True),
    ]  # fmt: skip
    written = {found[1] for word in words if (found := re.search(r"=reports/(.+)", word))}
    assert written == set(steps.REPORTS) - {"summary.md"}


def test_environments_and_more_options_reach_the_verbs() -> None:
    assert steps.plan(REPORTS, ("dev", "prod"), ("--target", "here"))[:5] == ["plan", "--env", "dev", "--env", "prod"]
    assert steps.plan(REPORTS, (), ("--target", "here"))[-2:] == ["--target", "here"]
    assert steps.promote("prod", ("--group-by", "team")) == ["promote", "--all", "--to", "prod", "--group-by", "team"]


def test_apply_takes_the_commit_and_asks_nobody() -> None:
    command = steps.apply("dev", ())
    assert command[command.index("--revision") + 1] == "HEAD"
    assert "--yes" in command


def test_gates_are_told_only_where_the_token_may() -> None:
    system = System("github", 12, "origin/main")
    assert "--post" in steps.gates(system, REPORTS, post=True)
    assert not {"--post", "--pull-request"} & set(steps.gates(system, REPORTS, post=False))


@pytest.mark.parametrize(
    ("codes", "expected"), [([], 0), ([0, 0], 0), ([0, 2], 2), ([2, 1, 4], 1), ([0, 4], 4), ([130, 0], 130)]
)
def test_a_job_ends_as_its_worst_step_did(codes: list[int], expected: int) -> None:
    assert steps.worst(codes) == expected
