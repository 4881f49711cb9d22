from __future__ import annotations

import json
from xml.etree import ElementTree

import pytest

from mlgitops.promotion.claims import Checked, Verification
from mlgitops.promotion.judgement import GateResult, Verdict
from mlgitops.report.promotion import gates as report
from mlgitops.report.style import Style

PLAIN = Style(False)
GATES = (
    GateResult("metric-floor", Verdict.OK, "0.93", "at least 0.9", "accuracy is within its bound"),
    GateResult("soaked", Verdict.WARN, "2h", "at least 1d", "it has been ready in dev for 2h"),
    GateResult("model-card", Verdict.BLOCK, "", "", "cannot be told: there is no model card"),
)
HOSTILE = (
    "x\n::error::boom ##vso[task.complete] \u202e \x1b[31m | </code><img src=x> @team ```\n# title ghp_" + "a" * 36
)
BAD = ("\n::error", "##vso[", "\u202e", "\x1b[31m", "ghp_aaaa")


def hostile() -> Verification:
    gate = GateResult("own", Verdict.BLOCK, HOSTILE, HOSTILE, HOSTILE)
    one = Checked("iris", "prod", "promote", "1.0", "c" * 40, "b", "p", (HOSTILE,), (gate,))
    return Verification("a" * 40, "b" * 40, (one,))


def test_the_table_has_whole_messages_in_one_column() -> None:
    lines = report.text(GATES, PLAIN).splitlines()
    start = lines[0].index("what it means")
    assert [line[start:] for line in lines[1:4]] == [one.message for one in GATES]
    assert lines[4] == "1 of 3 pass, 1 warn, 1 block."
    coloured = report.text(GATES, Style(True))
    assert lines[1] in coloured


def test_no_gates_are_told_as_such() -> None:
    assert report.text((), PLAIN) == "This environment has no gates.\n"


def test_junit_has_a_test_for_each_gate_and_a_failure_for_what_blocks() -> None:
    suite = ElementTree.fromstring(report.junit(GATES))[0]
    assert (suite.get("tests"), suite.get("failures")) == ("3", "1")
    assert [[child.tag for child in case] for case in suite] == [[], ["system-out"], ["failure"]]


def test_json_says_whether_it_passes() -> None:
    assert json.loads(report.json(GATES))["passes"] is False
    assert json.loads(report.json(GATES[:2]))["passes"] is True


def test_a_claim_that_is_wrong_fails_a_test_of_its_own() -> None:
    found = Verification("a", "b", (Checked("iris", "prod", "promote", problems=("the digest differs",)),))
    suite = ElementTree.fromstring(report.verification_junit(found))[0]
    assert (suite.get("failures"), suite[0].get("name")) == ("1", "claim")
    assert report.in_a_line(found) == "promote iris in prod: the digest differs"


@pytest.mark.parametrize(
    "made",
    [
        report.verification_text(hostile(), PLAIN), report.verification_junit(hostile()), report.comment(hostile()),
        report.in_a_line(hostile()), report.text(hostile().checked[0].gates, PLAIN),
    ],
)  # fmt: skip
def test_hostile_text_is_inert(made: str) -> None:
    assert [bad for bad in BAD if bad in made] == []


def test_no_text_breaks_out_of_the_comment() -> None:
    comment = report.comment(hostile())
    assert "<img" not in comment.replace("&lt;img", "")
    assert all(line.count("|") == 6 for line in comment.splitlines() if line.startswith("| <code>own"))
    assert "\n# title" not in comment
