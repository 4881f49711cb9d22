from __future__ import annotations

import os
from pathlib import Path

import pytest

from mlgitops.controller.requests import Request, Verb, request_from, request_text
from mlgitops.controller.state import Key, Result, State, TargetState, Word
from mlgitops.controller.store import DirectoryStore
from mlgitops.controller.stores import store_at
from mlgitops.errors import MlgitopsError

STATE = State("c1", targets={Key("prod", "aws"): TargetState("d", Result(Word.IN_SYNC))})
REQUEST = Request(Verb.RESUME, "prod")


def test_what_is_kept_is_read_by_the_next_one(tmp_path: Path) -> None:
    DirectoryStore(tmp_path / "made").write(STATE)
    assert DirectoryStore(tmp_path / "made").read() == STATE
    assert (tmp_path / "made/state.json").stat().st_mode & 0o077 == 0


def test_there_is_nothing_before_the_first_time(tmp_path: Path) -> None:
    assert DirectoryStore(tmp_path / "nowhere").read() == State()
    assert not (tmp_path / "nowhere").exists()


def test_what_is_not_new_is_not_written(tmp_path: Path) -> None:
    store = DirectoryStore(tmp_path)
    store.write(STATE)
    (tmp_path / "state.json").unlink()
    store.write(STATE)
    assert not (tmp_path / "state.json").exists()


def test_a_damaged_state_is_told(tmp_path: Path) -> None:
    (tmp_path / "state.json").write_text("{")
    with pytest.raises(MlgitopsError, match=r"state\.json cannot be used"):
        DirectoryStore(tmp_path).read()


def test_a_request_is_given_once(tmp_path: Path) -> None:
    DirectoryStore(tmp_path).ask(REQUEST)
    DirectoryStore(tmp_path).ask(Request(Verb.ABORT, "dev"))
    found = DirectoryStore(tmp_path).requests()
    assert sorted(found, key=lambda one: one.environment) == [Request(Verb.ABORT, "dev"), REQUEST]
    assert DirectoryStore(tmp_path).requests() == []


def test_what_is_no_request_is_removed_and_nothing_outside_is_read(tmp_path: Path) -> None:
    folder = tmp_path / "requests"
    folder.mkdir()
    (folder / "a.json").write_text("{}")
    (folder / "b.json").write_text('{"verb": "delete", "environment": "prod"}')
    secret = tmp_path / "secret"
    secret.write_bytes(request_text(REQUEST))
    (folder / "c.json").symlink_to(secret)
    os.mkfifo(folder / "d.json")
    assert DirectoryStore(tmp_path).requests() == []
    assert not (folder / "a.json").exists()


@pytest.mark.parametrize("verb", Verb)
def test_a_request_is_read_back(verb: Verb) -> None:
    assert request_from(request_text(Request(verb, "prod"))) == Request(verb, "prod")


def test_a_request_that_is_too_long_is_none() -> None:
    assert request_from(request_text(Request(Verb.ABORT, "x" * 10_000))) is None


def test_nothing_can_be_asked_by_an_address() -> None:
    with pytest.raises(MlgitopsError, match="by its address"):
        store_at("http://127.0.0.1:8080")
