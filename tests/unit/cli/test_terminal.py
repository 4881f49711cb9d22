from __future__ import annotations

import io
import os
import re
import threading
from pathlib import Path

import pytest

from mlgitops.cli.terminal import WIDE, confirm, now, show, style_for, width, write, write_file
from mlgitops.errors import MlgitopsError


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("stream", "color", "environment", "coloured"),
    [
        (Terminal(), "auto", {}, True),
        (io.StringIO(), "auto", {}, False),
        (io.StringIO(), "always", {"NO_COLOR": "1"}, True),
        (Terminal(), "never", {"CLICOLOR_FORCE": "1"}, False),
        (Terminal(), "auto", {"NO_COLOR": "1"}, False),
        (Terminal(), "auto", {"NO_COLOR": ""}, True),
        (io.StringIO(), "auto", {"CLICOLOR_FORCE": "1"}, True),
        (io.StringIO(), "auto", {"CLICOLOR_FORCE": "0"}, False),
        (io.StringIO(), "auto", {"CLICOLOR_FORCE": "1", "NO_COLOR": "1"}, False),
        (Terminal(), "auto", {"TERM": "dumb"}, False),
    ],
)
def test_colours_are_where_they_are_wanted(
    monkeypatch: pytest.MonkeyPatch, stream: io.StringIO, color: str, environment: dict[str, str], coloured: bool
) -> None:
    for name in ("NO_COLOR", "CLICOLOR_FORCE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert ("\x1b[" in style_for(stream, color).red("x")) is coloured


@pytest.mark.parametrize(
    ("answer", "agreed"), [("yes\n", True), ("no\n", False), ("\n", False), ("y\n", False), ("YES\n", False)]
)
def test_only_yes_is_yes(monkeypatch: pytest.MonkeyPatch, answer: str, agreed: bool) -> None:
    monkeypatch.setattr("sys.stdin", Terminal(answer))
    assert confirm("Apply?") is agreed


def test_where_there_is_nobody_to_ask_that_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("yes\n"))
    with pytest.raises(MlgitopsError, match="no terminal") as caught:
        confirm("Apply?")
    assert "--yes" in caught.value.help


def test_a_reader_that_goes_away_is_met_with_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as stream:
        monkeypatch.setattr("sys.stdout", stream)
        for _ in range(3):
            show("x" * 100_000)


def test_each_output_goes_where_it_is_wanted_and_is_made_only_then(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def never() -> str:
        raise AssertionError("nobody asked for it")

    write([("text", None), ("json", tmp_path / "a.json")], {"text": "hello\n\n", "json": lambda: "{}", "other": never})
    assert capsys.readouterr() == ("hello\n", "")
    assert (tmp_path / "a.json").read_text() == "{}\n"


def test_a_file_is_replaced_whole_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    path.write_text("old")
    path.chmod(0o644)
    write_file(path, "new")
    assert (path.read_text(), path.stat().st_mode & 0o777) == ("new\n", 0o600)
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_cannot_be_written_leaves_nothing_and_the_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    path = tmp_path / "plan.json"
    path.write_text("old")
    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(MlgitopsError, match="cannot be written: No space left on device"):
        write_file(path, "new")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("name", ["nowhere/plan.json", ""])
def test_a_place_that_is_none_is_an_error(tmp_path: Path, name: str) -> None:
    with pytest.raises(MlgitopsError, match="cannot be written"):
        write_file(tmp_path / name, "x")
    assert list(tmp_path.iterdir()) == []


def test_a_pipe_or_a_device_is_written_to_and_stays_one(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    got: list[str] = []
    reader = threading.Thread(target=lambda: got.append(pipe.read_text()))
    reader.start()
    write_file(pipe, "plan")
    reader.join(5)
    assert (got, pipe.is_fifo()) == (["plan\n"], True)


def test_the_width_is_the_terminal_s_and_wide_for_a_log(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "77")
    monkeypatch.setattr("sys.stdout", Terminal())
    assert width() == 77
    monkeypatch.setattr("sys.stdout", io.StringIO())
    assert width() == WIDE


def test_the_time_is_in_utc_to_the_second() -> None:
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", now())
