from __future__ import annotations

from dataclasses import replace

import pytest

from mlgitops.controller.fights import Disputed, Repair
from mlgitops.controller.state import Key, Result, State, TargetState, Word
from mlgitops.controller.stored import dumps, lasting, loads
from mlgitops.controller.waves import Wave

FIELD = Disputed("ml/ConfigMap/a", "data.v", "sha256:a")
RESULT = Result(Word.FIGHTING, "it is changed again", "stop it", "c2", "c1", written=2, drifted=1, pending=3)
TARGET = TargetState("sha256:d", RESULT, 1.5, 2.5, 3.5, 4, 5.5, (Repair(FIELD, "set by hpa", 6.5),), frozenset({FIELD}))
WAVE = Wave("sha256:w", "c2", frozenset({"aws"}), {"aws": 7.5}, frozenset({"gcp"}), {"azure": "it crashes"}, True)
STATE = State(
    "c2", 8.5, "it was rewritten", {Key("prod", "aws"): TARGET, Key("dev", "aws"): TargetState()}, {"prod": WAVE},
    {"prod": "sha256:w"}, {"dev": "unreadable"},
)  # fmt: skip


def test_what_was_written_is_read_back() -> None:
    assert loads(dumps(STATE)) == STATE
    assert dumps(loads(dumps(STATE))) == dumps(STATE)


def test_looking_once_more_is_no_news() -> None:
    looked = replace(TARGET, looked=9.0, succeeded=9.0, next_attempt=99.0)
    assert lasting(replace(STATE, targets={**STATE.targets, Key("prod", "aws"): looked})) == lasting(STATE)
    failed = replace(TARGET, failures=5)
    assert lasting(replace(STATE, targets={**STATE.targets, Key("prod", "aws"): failed})) != lasting(STATE)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "unexpected end|no|empty|end"),
        (b"[]", "not a state"),
        (b'{"formatVersion": "2.0"}', "format version is not 1.0"),
        (b'{"formatVersion": "1.0"}', "not a state"),
        (dumps(STATE).replace(b"fighting", b"fightin"), "fightin"),
    ],
)
def test_what_is_no_state_is_refused(content: bytes, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        loads(content)
