from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from mlgitops.manifest import Identity
from mlgitops.plan.change import Action
from mlgitops.plan.outcome import ObjectOutcome, Outcome, Result, TargetOutcome
from mlgitops.report import outcome as report
from mlgitops.report.style import Style

PLAIN = Style(False)


def done(action: Action, name: str) -> ObjectOutcome:
    return ObjectOutcome(Identity("", "ConfigMap", "ml", name), action, "Model/iris", Result.DONE)


@pytest.fixture
def outcome() -> Outcome:
    """One target where something failed, one that could not be reached, one where all went well."""
    service, monitor = (Identity("", kind, "ml", "iris") for kind in ("InferenceService", "PodMonitor"))
    failed = ObjectOutcome(service, Action.UPDATE, "Model/iris", Result.FAILED, "the file is read-only:\nsay why")
    skipped = ObjectOutcome(monitor, Action.CREATE, "Model/iris", Result.SKIPPED, "waits for InferenceService/iris")
    aws = TargetOutcome("aws", (done(Action.CREATE, "a"), failed, skipped))
    gcp = TargetOutcome("gcp", (), "the directory is locked by another apply")
    azure = TargetOutcome("azure", (done(Action.DELETE, "b"), done(Action.UPDATE, "c")))
    return Outcome("dev", "3f9c2ab4d5e6f7a8", (aws, gcp, azure))


def test_what_went_wrong_is_told_and_the_rest_counted(outcome: Outcome, golden: Callable[[str, str], None]) -> None:
    golden("report/outcome.txt", report.text(outcome, PLAIN))


def test_what_stops_a_whole_target_is_told_once() -> None:
    skipped = [
        ObjectOutcome(Identity("", "Pod", "ml", name), Action.CREATE, "a", Result.SKIPPED, "no") for name in "ab"
    ]
    shown = report.text(Outcome("dev", "", (TargetOutcome("aws", tuple(skipped), "no"),)), PLAIN)
    assert shown.splitlines()[:4] == [
        "Target aws", "  error  no", "  skipped  create Pod/a (ml) a", "  skipped  create Pod/b (ml) a"
    ]  # fmt: skip


def test_what_was_applied_besides_a_commit_is_said() -> None:
    shown = report.text(Outcome("dev", f"{'3f' * 20}-dirty", ()), PLAIN)
    assert shown.startswith("Applied to environment dev (commit 3f3f3f3f3f3f and uncommitted changes): ")


def test_success_is_one_line() -> None:
    everything = Outcome("dev", "", (TargetOutcome("aws", (done(Action.CREATE, "a"),)),))
    assert report.text(everything, PLAIN) == "Applied to environment dev: 1 created, 0 changed, 0 removed.\n"


def test_json_names_every_object(outcome: Outcome, golden: Callable[[str, str], None]) -> None:
    document = report.json(outcome)
    golden("report/outcome.json", document)
    targets = json.loads(document)["targets"]
    assert [len(target["objects"]) for target in targets] == [3, 0, 2]


def test_hostile_reasons_cannot_act() -> None:
    evil = "\x1b[2J\n::error::x\n##vso[x]"
    failed = ObjectOutcome(Identity(evil, evil, evil, evil), Action.CREATE, evil, Result.FAILED, evil)
    shown = report.text(Outcome(evil, evil, (TargetOutcome(evil, (failed,), evil),)), PLAIN)
    assert "\x1b" not in shown
    assert "##vso[" not in shown
    assert not [line for line in shown.splitlines() if line.lstrip().startswith("::")]
