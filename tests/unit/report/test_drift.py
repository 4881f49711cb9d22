from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from xml.etree import ElementTree

import pytest

from mlgitops.manifest import Identity
from mlgitops.plan.change import ABSENT, FieldChange
from mlgitops.plan.drift import Drifted, DriftReport
from mlgitops.report import drift
from mlgitops.report.style import Style

PLAIN = Style(False)


@dataclass(frozen=True)
class Found:
    environment: str
    targets: tuple[DriftReport, ...]


def one(kind: str, name: str, *fields: FieldChange, owner: str = "Model/iris") -> Drifted:
    return Drifted(Identity("", kind, "ml", name), owner, fields)


@pytest.fixture
def found() -> Found:
    """Drift of every kind at one target, none at another."""
    changed = one(
        "InferenceService", "iris",
        FieldChange(("spec", "predictor", "minReplicas"), 5, 1),
        FieldChange(("spec", "predictor", "env", "[API_TOKEN]", "value"), "hunter3", "hunter2"),
        FieldChange(("spec", "paused"), True, ABSENT),
    )  # fmt: skip
    report = DriftReport("aws", (changed,), (one("PodMonitor", "iris"),), (one("ConfigMap", "x", owner="Model/a"),))
    return Found("dev", (report, DriftReport("gcp")))


def test_drift_reads_object_by_object(found: Found, golden: Callable[[str, str], None]) -> None:
    golden("report/drift.txt", drift.text(found.environment, found.targets, PLAIN))


def test_no_drift_is_said_in_words() -> None:
    assert drift.text("dev", [DriftReport("aws")], PLAIN) == "No drift in environment dev.\n"


def test_where_nothing_was_applied_yet_that_is_said() -> None:
    here, there = DriftReport("aws", applied=False), DriftReport("gcp")
    assert drift.text("dev", [here], PLAIN).startswith("Nothing was applied to environment dev yet, so that nothing")
    assert drift.text("dev", [there, here], PLAIN) == ("No drift in environment dev. Nothing was applied yet to aws.\n")
    found = DriftReport("edge", missing=(one("PodMonitor", "iris"),))
    assert drift.text("dev", [here, found], PLAIN).endswith("0 unexpected. Nothing was applied yet to aws.\n")
    (data,) = json.loads(drift.json([Found("dev", (here, DriftReport("x", error="no connection")))]))["environments"]
    assert [target["applied"] for target in data["targets"]] == [False, None]


def test_drift_as_json(found: Found, golden: Callable[[str, str], None]) -> None:
    document = drift.json([found])
    golden("report/drift.json", document)
    assert "hunter" not in document


def test_json_says_whether_anything_was_found(found: Found) -> None:
    assert json.loads(drift.json([found]))["found"] is True
    assert json.loads(drift.json([Found("dev", (DriftReport("aws"),))]))["found"] is False


def test_drift_as_junit(found: Found, golden: Callable[[str, str], None]) -> None:
    document = drift.junit([found])
    golden("report/drift.xml", document)
    root = ElementTree.fromstring(document)
    assert root.attrib == {"name": "mlgitops drift", "tests": "4", "failures": "3", "errors": "0"}
    assert len(root.findall(".//failure")) == 3
    assert "hunter" not in document


def test_a_target_that_could_not_be_read_is_not_called_no_drift() -> None:
    unread = Found("dev", (DriftReport("aws"), DriftReport("gcp", error="no answer in time")))
    shown = drift.text("dev", unread.targets, PLAIN)
    assert "No drift" not in shown
    assert "Target gcp\n  cannot be read  no answer in time" in shown
    assert shown.endswith("Drift: 0 changed, 0 missing, 0 unexpected. Not known of gcp.\n")
    assert [target["error"] for target in json.loads(drift.json([unread]))["environments"][0]["targets"]] == [
        "", "no answer in time"
    ]  # fmt: skip
    root = ElementTree.fromstring(drift.junit([unread]))
    assert root.attrib == {"name": "mlgitops drift", "tests": "2", "failures": "0", "errors": "1"}
    (error,) = root.findall(".//error")
    assert error.attrib["message"] == "no answer in time"


def test_hostile_names_cannot_act() -> None:
    evil = "\x1b[2J\n::error::x ##vso[x]]]></failure>"
    drifted = Drifted(Identity(evil, evil, evil, evil), evil, (FieldChange((evil,), evil, evil + "2"),))
    here = Found(evil, (DriftReport(evil, (drifted,)),))
    shown = [drift.text(evil, here.targets, PLAIN), drift.json([here]), drift.junit([here])]
    assert not [text for text in shown if "\x1b" in text or "##vso[" in text]
    assert not [line for text in shown for line in text.splitlines() if line.lstrip().startswith("::")]
    assert len(ElementTree.fromstring(shown[2]).findall(".//testcase")) == 1
