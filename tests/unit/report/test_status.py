from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from mlgitops.manifest import Identity
from mlgitops.plan.health import Health, State
from mlgitops.plan.shares import Share
from mlgitops.plan.status import EnvironmentStatus, ObjectHealth, Running, TargetStatus
from mlgitops.report import status as report
from mlgitops.report.style import Style

PLAIN = Style(False)
SHARES = Share("1.4.0", 90), Share("1.5.0", 10)
NOW = "2026-01-10T12:00:00Z"
COMMIT = "3f9c2ab4d5e6f7a8b9c0d1e2f3a4b5c6d7e8f9a0"
DIGEST = "sha256:" + "0123456789abcdef" * 4


def row(owner: str, health: Health, *objects: ObjectHealth, **more: str | bool) -> Running:
    given = {"release": "1.4.0", "digest": DIGEST, "commit": COMMIT, **more}
    return Running(owner, health, objects=objects, **given)  # type: ignore[arg-type]


@pytest.fixture
def statuses() -> list[EnvironmentStatus]:
    """An environment in which something of every kind is going on, and one of files."""
    service = Identity("serving.kserve.io", "InferenceService", "ml", "fraud-detector")
    blocked = Health(
        State.FAILED, "the model could not be loaded: ModelLoadFailed: no such file", "2026-01-10T11:20:00Z"
    )
    loading = Health(State.PROGRESSING, "PredictorReady: 0 of 1 updated", "2026-01-10T11:59:30Z")
    aws = TargetStatus(
        "aws-prod",
        (
            row("Model/iris", Health(State.READY, since="2026-01-07T00:00:00Z")),
            row("Model/fraud-detector", blocked, ObjectHealth(service, blocked), drifted=True, pending=True),
            row("Pipeline/nightly", Health(State.READY, "2 of 7 runs failed"), release="", digest=""),
            row("Model/new", Health(State.UNKNOWN), release="", digest="", commit="", applied=False, pending=True),
        ),
        applied_at="2026-01-10T11:00:00Z",
        commit=COMMIT,
    )
    halfway = replace(row("Model/iris", loading, ObjectHealth(service, loading)), shares=SHARES)
    gcp = TargetStatus("gcp-prod", (halfway,))
    azure = TargetStatus("azure-prod", error="the API server does not answer. Is the VPN up?")
    written = row("Model/iris", Health(State.UNKNOWN, since="2026-01-09T00:00:00Z"), commit=f"{COMMIT}-dirty")
    files = TargetStatus("edge", (written,), rendered=True)
    return [EnvironmentStatus("prod", (aws, azure, gcp)), EnvironmentStatus("dev", (files,))]


def test_one_screen_for_a_person_on_call(statuses: list[EnvironmentStatus], golden: Callable[[str, str], None]) -> None:
    golden("report/status.txt", report.text(statuses, PLAIN, NOW))


def test_status_as_json(statuses: list[EnvironmentStatus], golden: Callable[[str, str], None]) -> None:
    document = report.json(statuses)
    golden("report/status.json", document)
    assert json.loads(document)["failing"] is True


def test_an_environment_without_anything_says_so() -> None:
    assert report.text([EnvironmentStatus("dev", ())], PLAIN, NOW) == "Environment dev  nothing runs\n"


def test_what_could_not_be_read_is_not_told_as_if_nothing_ran() -> None:
    unread = EnvironmentStatus("dev", (TargetStatus("aws-dev", error="no answer"),))
    told = report.text([unread], PLAIN, NOW)
    assert told == "Environment dev  not known\n  cannot be read  target aws-dev: no answer\n"


def test_colours_tell_the_states_apart(statuses: list[EnvironmentStatus]) -> None:
    shown = report.text(statuses, Style(True), NOW)
    assert "\x1b[31mfailed\x1b[0m" in shown
    assert "\x1b[32mready\x1b[0m" in shown


def test_nothing_from_a_cluster_acts_on_the_terminal() -> None:
    evil = "\x1b[2J\n::error::forged ##vso[task.complete]"
    bad = Health(State.FAILED, evil, evil)
    one = row(f"Model/{evil}", bad, ObjectHealth(Identity("", "Pod", evil, evil), bad), release=evil, digest=evil)
    shown = report.text(
        [EnvironmentStatus(evil, (TargetStatus(evil, (one,)), TargetStatus(evil, error=evil)))], PLAIN, NOW
    )
    assert "\x1b" not in shown
    assert "##vso[" not in shown
    assert [line for line in shown.splitlines() if line.lstrip().startswith("::")] == []
