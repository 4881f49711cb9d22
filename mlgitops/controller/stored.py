"""The controller's state as JSON: what a restart must not forget, and what ``status`` tells of it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import orjson

from mlgitops.controller.fights import Disputed, Repair
from mlgitops.controller.state import Key, ModelKey, Refusal, Result, State, TargetState, Word
from mlgitops.controller.waves import Wave
from mlgitops.progressive.analysis import Reading
from mlgitops.progressive.progress import Phase, Progress
from mlgitops.response import stored as responses

FORMAT_VERSION = "1.3"
"""Grows in its first part when a field goes or changes its meaning, in its second when one is added."""
VOLATILE = ("looked", "succeeded", "nextAttempt")
"""What moves with each look at a target, although nothing is new."""


def dumps(state: State) -> bytes:
    """The state as JSON, the same for equal states."""
    return orjson.dumps(plain(state), option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE)


def plain(state: State) -> dict[str, Any]:
    """The state as plain data."""
    return {
        "formatVersion": FORMAT_VERSION,
        "commit": state.commit,
        "committed": state.committed,
        "refused": state.refused,
        "targets": [{**key._asdict(), **_target(one)} for key, one in state.targets.items()],
        "waves": {name: _wave(wave) for name, wave in state.waves.items()},
        "approved": dict(state.approved),
        "broken": dict(state.broken),
        "refusal": _refusal(state.refusal),
        "brokenSince": dict(state.broken_since),
        "progress": [{**key._asdict(), **_progress(one)} for key, one in state.progress.items()],
        "responses": responses.plain(state.responses),
    }


def lasting(state: State) -> bytes:
    """What is new when it is written: the state without what moves with each look."""
    data = plain(state)
    targets = [{name: value for name, value in one.items() if name not in VOLATILE} for one in data["targets"]]
    return orjson.dumps({**data, "targets": targets}, option=orjson.OPT_SORT_KEYS)


def loads(content: bytes) -> State:
    """The state in a file. Raises ``ValueError`` saying what is wrong with it."""
    try:
        data = orjson.loads(content)
        if data["formatVersion"].partition(".")[0] != FORMAT_VERSION.partition(".")[0]:
            raise ValueError(f"its format version is not {FORMAT_VERSION}")
        return State(
            data["commit"],
            data["committed"],
            data["refused"],
            {Key(one["environment"], one["target"]): _read_target(one) for one in data["targets"]},
            {name: _read_wave(one) for name, one in data["waves"].items()},
            data["approved"],
            data["broken"],
            _read_refusal(data.get("refusal", {})),
            data.get("brokenSince", {}),
            {ModelKey(one["environment"], one["model"]): _read_progress(one) for one in data.get("progress", [])},
            responses.parsed(data.get("responses", [])),
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("it is not a state of the controller") from error


def _refusal(one: Refusal) -> dict[str, Any]:
    return {"since": one.since, "commit": one.commit, "help": one.help}


def _target(one: TargetState) -> dict[str, Any]:
    return {
        "digest": one.digest,
        "result": _result(one.result) if one.result else None,
        "since": one.since,
        "looked": one.looked,
        "succeeded": one.succeeded,
        "failures": one.failures,
        "nextAttempt": one.next_attempt,
        "evidence": [[*repair.what, repair.by, repair.time] for repair in one.evidence],
        "disputed": [list(what) for what in sorted(one.disputed)],
    }


def _result(one: Result) -> dict[str, Any]:
    return {
        "word": one.word,
        "reason": one.reason,
        "help": one.help,
        "commit": one.commit,
        "applied": one.applied,
        "written": one.written,
        "drifted": one.drifted,
        "pending": one.pending,
    }


def _wave(one: Wave) -> dict[str, Any]:
    return {
        "digest": one.digest,
        "commit": one.commit,
        "begun": sorted(one.begun),
        "ready": dict(one.ready),
        "settled": sorted(one.settled),
        "failures": dict(one.failures),
        "aborted": one.aborted,
        "seen": dict(one.seen),
    }


def _progress(one: Progress) -> dict[str, Any]:
    said = {name: value for name, value in asdict(one).items() if name != "readings"}
    return {**said, "readings": [[reading.name, reading.new, reading.stable] for reading in one.readings]}


def _read_refusal(one: Mapping[str, Any]) -> Refusal:
    return Refusal(one.get("since", 0.0), one.get("commit", ""), one.get("help", ""))


def _read_target(one: Mapping[str, Any]) -> TargetState:
    result = one["result"]
    return TargetState(
        one["digest"],
        Result(**{**result, "word": Word(result["word"])}) if result else None,
        one["since"],
        one["looked"],
        one["succeeded"],
        one["failures"],
        one["nextAttempt"],
        tuple(Repair(Disputed(*row[:3]), *row[3:]) for row in one["evidence"]),
        frozenset(Disputed(*row) for row in one["disputed"]),
    )


def _read_progress(one: Mapping[str, Any]) -> Progress:
    said = {name: value for name, value in one.items() if name not in ("environment", "model", "readings")}
    readings = tuple(Reading(*row) for row in one["readings"])
    return Progress(**{**said, "phase": Phase(said["phase"]), "readings": readings})


def _read_wave(one: Mapping[str, Any]) -> Wave:
    return Wave(
        one["digest"], one["commit"], frozenset(one["begun"]), one["ready"], frozenset(one["settled"]),
        one["failures"], one["aborted"], one.get("seen", {}),
    )  # fmt: skip
