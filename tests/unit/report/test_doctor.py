"""What ``doctor`` shows: cures below what is not well, a count, and nothing that a name could do to a terminal."""

from __future__ import annotations

import json as encoded

from mlgitops.plan.checkup import Check, Condition
from mlgitops.report.doctor import json, text
from mlgitops.report.style import Style

PLAIN = Style(False)
WELL = Check("tools", "git", Condition.WELL, "2.39.5")
BROKEN = Check("target dev/here", "access", Condition.BROKEN, "nobody answers", "See that it is up.")


def test_a_topic_is_a_heading_and_a_cure_is_below_what_it_mends() -> None:
    assert text([WELL, BROKEN], PLAIN).splitlines() == [
        "tools",
        "  ok       git: 2.39.5",
        "target dev/here",
        "  broken   access: nobody answers",
        "           help: See that it is up.",
        "",
        "2 checks: 1 broken.",
    ]


def test_where_all_is_well_that_is_said() -> None:
    assert text([WELL], PLAIN).endswith("\n1 check: all is well.")


def test_every_condition_is_counted() -> None:
    checks = [Check("t", "n", condition, "said", "cure") for condition in Condition]
    assert text(checks, PLAIN).splitlines()[-1] == "4 checks: 1 broken, 1 with a warning, 1 not known."


def test_control_characters_of_what_is_quoted_do_nothing() -> None:
    shown = text([Check("target dev/\x1b[2J", "access", Condition.BROKEN, "a\nb\x1b[31m", "c\rd")], PLAIN)
    assert "\x1b" not in shown
    assert "\r" not in shown
    assert len(shown.splitlines()) == 5


def test_machines_get_every_field_and_whether_anything_is_broken() -> None:
    data = encoded.loads(json([WELL, BROKEN]))
    assert data["broken"] is True
    assert data["checks"][1] == {
        "topic": "target dev/here", "name": "access", "condition": "broken", "said": "nobody answers",
        "cure": "See that it is up.",
    }  # fmt: skip
    assert encoded.loads(json([WELL]))["broken"] is False
