"""Log lines are found by what they are about, and never hold a secret."""

from __future__ import annotations

import base64
import io
import json
import logging
import threading
import warnings
from collections.abc import Iterator
from typing import Any

import pytest

from mlgitops.controller.log import LONGEST, Log, masked

CANARY = "Canary0123456789abcdef"


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().split("\n")[:-1]]


@pytest.fixture
def stream() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def log(stream: io.StringIO) -> Log:
    return Log(stream, lambda: 1_800_000_000.25)


def test_a_line_says_when_how_grave_what_and_about_what(log: Log, stream: io.StringIO) -> None:
    about = log.bind(cycle="c1", commit="abc").bind(environment="prod", target="aws-prod")
    about.info("applied", written=3, seconds=1.5, reason="", models=("iris", "fraud"))
    assert stream.getvalue() == (
        '{"time":"2027-01-15T08:00:00.250Z","level":"info","message":"applied","cycle":"c1","commit":"abc",'
        '"environment":"prod","target":"aws-prod","written":3,"seconds":1.5,"models":["iris","fraud"]}\n'
    )


def test_levels_and_other_kinds_of_values(log: Log, stream: io.StringIO) -> None:
    log.warning("w", value={"a": {1}}, big=2**70, nothing=None, level="forged", time="forged")
    log.error("e", error=ValueError("bad"))
    first, second = lines(stream)
    assert (first["level"], first["value"], first["big"], first["nothing"]) == ("warning", {"a": [1]}, str(2**70), None)
    assert first["time"].startswith("2027")
    assert (second["level"], second["error"]) == ("error", "bad")


def test_a_message_stays_one_line_of_valid_json_whatever_it_holds(log: Log, stream: io.StringIO) -> None:
    message = 'a\nb\r{"level":"error"}\u2028\x00\ud800 "'
    log.info(message)
    assert len(stream.getvalue().split("\n")) == 2
    (line,) = lines(stream)
    assert line["message"] == message.replace("\ud800", "\\ud800")


def test_a_long_value_is_cut(log: Log, stream: io.StringIO) -> None:
    log.info("x" * 100_000, reason="y" * 100_000)
    (line,) = lines(stream)
    assert len(line["message"]) == len(line["reason"]) == LONGEST + 3


@pytest.mark.parametrize(
    "text",
    [
        f"fatal: could not read https://bot:{CANARY}@example.com/shop.git",
        f"https://{CANARY}@example.com/shop.git",
        f"ssh://git:{CANARY}@example.com/x",
        f"GET /x?private_token={CANARY}&page=2",
        f"GET /x?page=1&access_token={CANARY}",
        f"https://store/x?X-Amz-Signature={CANARY}&X-Amz-Credential={CANARY}&x-goog-signature={CANARY}",
        f"https://store/x?sv=1&sig={CANARY}",
        f"Authorization: Bearer {CANARY}",
        f"authorization: Basic {base64.b64encode(CANARY.encode()).decode()}",
        f'{{"Authorization": "token {CANARY}"}}',
        f"PRIVATE-TOKEN: {CANARY}",
        f"X-Gitlab-Token: {CANARY}",
        f"curl failed: Bearer {CANARY}",
        f"token ghp_{CANARY} was refused",
        f"glpat-{CANARY}",
        f"github_pat_{CANARY}",
        f"eyJhbGciOi{CANARY}.eyJzdWIiOi{CANARY}.{CANARY}",
    ],
)
def test_a_secret_is_never_shown(log: Log, stream: io.StringIO, text: str) -> None:
    plain = io.StringIO()
    for one in (log, Log(plain, lambda: 0.0, text=True)):
        one.bind(reason=text).error(text, error=RuntimeError(text), nested={"a": [text], text: 1})
    for shape in (CANARY, base64.b64encode(CANARY.encode()).decode()):
        assert shape not in stream.getvalue() + plain.getvalue()
    assert "***" in stream.getvalue()


@pytest.mark.parametrize(
    "text",
    [
        "commit 0123456789abcdef0123456789abcdef01234567 was applied",
        "the API said no: Unauthorized (401)",
        "https://example.com/shop.git has no branch main",
        "git@example.com:shop.git cannot be read",
        "InferenceService models/fraud: spec.predictor.tokenizer: expected 2, found 3",
        "a token expires in 20 minutes",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert masked(text) == text


def test_text_on_a_terminal_is_one_line_without_control_characters(stream: io.StringIO) -> None:
    Log(stream, lambda: 0.0, text=True).bind(target="aws").warning("a\x1b[31m\nb", written=2)
    assert stream.getvalue() == "1970-01-01T00:00:00.000Z warning a [31m b  target=aws written=2\n"


def test_a_broken_or_closed_stream_stops_nothing(log: Log, stream: io.StringIO) -> None:
    class Full(io.StringIO):
        def write(self, text: str) -> int:
            raise OSError(28, "No space left on device")

    Log(Full(), lambda: 0.0).info("x")
    stream.close()
    log.info("x")


def test_threads_do_not_mix_their_lines(log: Log, stream: io.StringIO) -> None:
    def write(name: str) -> None:
        for _ in range(50):
            log.bind(target=name).info("m" * 500)

    threads = [threading.Thread(target=write, args=(str(number),)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(lines(stream)) == 200


@pytest.fixture
def restored() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    logging.captureWarnings(False)  # which a command that another test ran in this process may have left on
    yield
    logging.captureWarnings(False)
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.mark.usefixtures("restored")
def test_what_libraries_tell_comes_out_as_lines_too(log: Log, stream: io.StringIO) -> None:
    log.capture()
    logging.getLogger("urllib3.connectionpool").warning("Retrying: /x?access_token=%s", CANARY)
    logging.getLogger("urllib3").debug("not this")
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn("old", DeprecationWarning, stacklevel=1)
    first, second = lines(stream)
    assert (first["level"], first["message"], first["logger"]) == (
        "warning",
        "Retrying: /x?access_token=***",
        "urllib3.connectionpool",
    )
    assert "DeprecationWarning: old" in second["message"]
