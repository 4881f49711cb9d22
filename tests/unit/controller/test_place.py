from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from mlgitops.controller import stored
from mlgitops.controller.place import ask
from mlgitops.controller.state import Key, Result, State, TargetState, Word
from mlgitops.controller.store import DirectoryStore
from mlgitops.errors import MlgitopsError
from mlgitops.plan.problem import Place

NOW = 1_767_268_800.0
STATE = State("abc", NOW, targets={Key("prod", "aws"): TargetState(result=Result(Word.FAILED, "no"), next_attempt=NOW)})


@contextmanager
def serving(status: int, body: bytes, **headers: str) -> Iterator[tuple[str, list[str]]]:
    """A server's address, and the paths that it was asked for."""
    paths: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            paths.append(self.path)
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", paths
        finally:
            server.shutdown()
            thread.join()


def test_a_state_directory_is_read(tmp_path: Path) -> None:
    DirectoryStore(tmp_path).write(STATE)
    assert ask(str(tmp_path), NOW).targets[Place("prod", "aws")].word == "failed"


def test_a_directory_without_a_state_says_what_else_to_name(tmp_path: Path) -> None:
    with pytest.raises(MlgitopsError, match="no controller keeps its state in") as caught:
        ask(str(tmp_path), NOW)
    assert "kubernetes:" in caught.value.help


@pytest.mark.parametrize("path", ["", "/", "/status", "/status/"])
def test_an_address_is_asked_for_its_status(path: str) -> None:
    with serving(200, stored.dumps(STATE)) as (address, paths):
        assert ask(address + path, NOW).targets[Place("prod", "aws")].reason == "no"
    assert paths == ["/status"]


def test_a_redirect_is_not_followed() -> None:
    with (
        serving(302, b"", Location="http://127.0.0.1:1/") as (address, paths),
        pytest.raises(MlgitopsError, match="answers with 302"),
    ):
        ask(address, NOW)
    assert paths == ["/status"]


@pytest.mark.parametrize("body", [b"<html>", b"[]", b"{}", b'{"formatVersion": "9.0"}', b'{"formatVersion": 1}', b""])
def test_what_is_no_state_is_an_error(body: bytes) -> None:
    with serving(200, body) as (address, _), pytest.raises(MlgitopsError, match="cannot be used"):
        ask(address, NOW)


def test_nobody_at_an_address_is_an_error_that_says_what_to_see_to() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(MlgitopsError, match="does not answer") as caught:
            ask(f"http://127.0.0.1:{taken.getsockname()[1]}", NOW)
    assert "--listen" in caught.value.help


@pytest.mark.parametrize(
    "address", ["http://", "http://user:secret@host:1", "http://host:x", "http://h:1/?token=secret"]
)
def test_an_address_with_a_login_or_without_a_host_is_refused_and_not_shown(address: str) -> None:
    with pytest.raises(MlgitopsError) as caught:
        ask(address, NOW)
    assert "secret" not in caught.value.message + caught.value.help


@pytest.mark.parametrize("place", ["kubernetes:", "kubernetes:context/", "kubernetes:Up", "kubernetes:a b"])
def test_a_place_without_a_namespace_is_refused(place: str) -> None:
    with pytest.raises(MlgitopsError, match="names no namespace"):
        ask(place, NOW)
