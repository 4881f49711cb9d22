from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest

from mlgitops.errors import TargetError
from mlgitops.targets import audit


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "audit.jsonl"
    for number in range(4):
        audit.append(path, {"number": number})
    return path


def test_lines_follow_each_other(log: Path) -> None:
    numbers = [orjson.loads(line)["number"] for line in log.read_bytes().splitlines()]
    assert numbers == [0, 1, 2, 3]
    assert audit.problems(log, audit.head(log)) == ()


def test_a_log_that_went_on_after_its_head_was_kept_is_fine(log: Path) -> None:
    kept = audit.head(log)
    audit.append(log, {"number": 4})
    assert audit.problems(log, kept) == ()


@pytest.mark.parametrize(
    ("tamper", "message"),
    [
        (lambda lines: [lines[0], lines[1].replace(b"1", b"7"), *lines[2:]], "line 3: does not follow"),
        (lambda lines: [lines[0], lines[2], lines[1], lines[3]], "line 2: does not follow"),
        (lambda lines: [lines[0], *lines[2:]], "line 2: does not follow"),
        (lambda lines: lines[1:], "line 1: does not follow"),
        (lambda lines: [*lines[:3], lines[3].replace(b"3", b"7")], "cut off or changed at its end"),
        (lambda lines: lines[:3], "cut off or changed at its end; it has 3 lines"),
        (lambda lines: [], "cut off or changed at its end; it has 0 lines"),
        (lambda lines: [*lines[:3], b"not JSON\n"], "line 4"),
    ],
)
def test_tampering_is_named(log: Path, tamper: Callable[[list[bytes]], list[bytes]], message: str) -> None:
    kept = audit.head(log)
    log.write_bytes(b"".join(tamper(log.read_bytes().splitlines(keepends=True))))
    assert message in "\n".join(audit.problems(log, kept))


def test_what_a_crash_left_of_a_line_is_dropped(log: Path) -> None:
    whole = log.read_bytes()
    log.write_bytes(whole + b'{"previous":"sha256:')
    audit.append(log, {"number": 4})
    assert log.read_bytes().startswith(whole)
    assert log.read_bytes().count(b"\n") == 5
    assert audit.problems(log, audit.head(log)) == ()


def test_lines_longer_than_one_read_are_chained_too(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    for size in (10, 200_000, 70_000, 65_536 - 20):
        audit.append(path, {"text": "x" * size})
        assert audit.problems(path, audit.head(path)) == ()


def test_a_line_that_cannot_be_written_leaves_the_log_as_it_was(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any) -> int:
        raise OSError(28, "No space left on device")

    whole = log.read_bytes()
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(TargetError, match="No space left"):
        audit.append(log, {"number": 4})
    assert log.read_bytes() == whole


def test_no_log_has_no_head(tmp_path: Path) -> None:
    assert audit.head(tmp_path / "audit.jsonl") == ""
    assert audit.problems(tmp_path / "audit.jsonl", "") == ()
