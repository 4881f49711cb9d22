from __future__ import annotations

from dataclasses import replace

import orjson
import pytest

from mlgitops.controller.fights import Disputed, Repair
from mlgitops.controller.state import Key, ModelKey, Refusal, Result, State, TargetState, Word
from mlgitops.controller.stored import dumps, lasting, loads
from mlgitops.controller.waves import Wave
from mlgitops.progressive.analysis import Reading
from mlgitops.progressive.progress import Phase, Progress
from mlgitops.response.cause import Cause, Signal, Value
from mlgitops.response.errands import Errand, Kind
from mlgitops.response.ledger import Known

FIELD = Disputed("ml/ConfigMap/a", "data.v", "sha256:a")
RESULT = Result(Word.FIGHTING, "it is changed again", "stop it", "c2", "c1", written=2, drifted=1, pending=3)
TARGET = TargetState("sha256:d", RESULT, 1.5, 2.5, 3.5, 4, 5.5, (Repair(FIELD, "set by hpa", 6.5),), frozenset({FIELD}))
WAVE = Wave("sha256:w", "c2", frozenset({"aws"}), {"aws": 7.5}, frozenset({"gcp"}), {"azure": "it crashes"}, True)
PROGRESS = Progress(
    "sha256:i", "1.1", "1.0", Phase.STEPPING, 1, 11.5, 12.5, 13.5, 1, "fail", "errors is 9, more than 1",
    (Reading("aws/errors", 9.0, None),),
)  # fmt: skip
KNOWN = Known(
    Cause(Signal.DRIFT, "prod", "iris", "1.0", "ModelDataDrift"), 14.5, targets={"aws": 0.0},
    values=(Value("age", 0.4),), errands=(Errand(Kind.NOTICE, "chat", tries=1, at=15.5),), action="rollback",
    url="https://git.example.com/3",
)  # fmt: skip
STATE = State(
    "c2", 8.5, "it was rewritten", {Key("prod", "aws"): TARGET, Key("dev", "aws"): TargetState()}, {"prod": WAVE},
    {"prod": "sha256:w"}, {"dev": "unreadable"}, Refusal(9.5, "c3", "push on top"), {"dev": 10.5},
    {ModelKey("prod", "iris"): PROGRESS}, {KNOWN.cause: KNOWN},
)  # fmt: skip


def test_what_was_written_is_read_back() -> None:
    assert loads(dumps(STATE)) == STATE
    assert dumps(loads(dumps(STATE))) == dumps(STATE)


def test_what_an_older_or_a_newer_controller_wrote_is_read_as_far_as_it_is_known() -> None:
    data = orjson.loads(dumps(STATE))
    assert loads(orjson.dumps({**data, "refusal": {**data["refusal"], "later": 1}})) == STATE
    older = {name: data[name] for name in data.keys() - {"refusal", "brokenSince", "progress", "responses"}} | {
        "formatVersion": "1.0"
    }
    assert loads(orjson.dumps(older)) == replace(STATE, refusal=Refusal(), broken_since={}, progress={}, responses={})


def test_what_is_new_stands_beside_what_an_older_controller_reads() -> None:
    data = orjson.loads(dumps(STATE))
    assert (data["formatVersion"], data["refused"], data["broken"]) == (
        "1.3",
        "it was rewritten",
        {"dev": "unreadable"},
    )


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
        (b'{"formatVersion": "2.0"}', "format version is not 1.3"),
        (b'{"formatVersion": "1.0"}', "not a state"),
        (dumps(STATE).replace(b"fighting", b"fightin"), "fightin"),
    ],
)
def test_what_is_no_state_is_refused(content: bytes, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        loads(content)
