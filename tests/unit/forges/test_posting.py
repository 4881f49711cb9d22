"""Messages to a real receiver on this machine: signed, in time, and never followed elsewhere."""

from __future__ import annotations

import hashlib
import hmac
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from mlgitops.errors import ForgeError
from mlgitops.forges import posting
from mlgitops.forges.posting import LostError, post

KEY = b"a key of some length"


class Receiver:
    """``statuses`` are the answers, the last one for all that follow; ``got`` are the bodies that came."""

    def __init__(self) -> None:
        self.statuses = [200]
        self.got: list[bytes] = []
        self.headers: dict[str, str] = {}
        self.url = ""


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    monkeypatch.setattr(posting, "PAUSE", 0.01)
    one = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            one.got.append(self.rfile.read(int(self.headers["Content-Length"])))
            one.headers = dict(self.headers)
            self.send_response(one.statuses.pop(0) if len(one.statuses) > 1 else one.statuses[0])
            self.send_header("Location", f"{one.url}/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        one.url = f"http://127.0.0.1:{server.server_port}/hook/T0KEN"
        yield one
        server.shutdown()


def send(receiver: Receiver, key: bytes = b"") -> None:
    post(receiver.url, b'{"a":1}', {}, identifier="1", key=key)


def test_a_message_is_signed_over_its_body(receiver: Receiver) -> None:
    send(receiver, KEY)
    assert receiver.got == [b'{"a":1}']
    assert (
        receiver.headers["X-Hub-Signature-256"]
        == f"sha256={hmac.new(KEY, receiver.got[0], hashlib.sha256).hexdigest()}"
    )
    assert receiver.headers["Idempotency-Key"] == "1"


def test_without_a_key_nothing_is_signed(receiver: Receiver) -> None:
    send(receiver)
    assert "X-Hub-Signature-256" not in receiver.headers


def test_what_fails_for_now_is_sent_again(receiver: Receiver) -> None:
    receiver.statuses = [503, 429, 200]
    send(receiver)
    assert len(receiver.got) == 3


def test_what_keeps_failing_may_be_tried_later(receiver: Receiver) -> None:
    receiver.statuses = [500]
    with pytest.raises(LostError):
        send(receiver)
    assert len(receiver.got) == posting.TRIES


@pytest.mark.parametrize("status", [302, 307, 400, 404])
def test_what_is_refused_or_leads_elsewhere_is_not_sent_again(receiver: Receiver, status: int) -> None:
    receiver.statuses = [status]
    with pytest.raises(ForgeError) as raised:
        send(receiver)
    assert not isinstance(raised.value, LostError)
    assert len(receiver.got) == 1
    assert "T0KEN" not in str(raised.value)


@pytest.mark.parametrize(
    "url",
    ["http://chat.example.com/T0KEN", "https://u:p@chat.example.com/T0KEN", "file:///T0KEN", "https:///T0KEN", ""],
)
def test_an_address_in_the_clear_is_refused_and_never_shown(url: str) -> None:
    with pytest.raises(ForgeError) as raised:
        post(url, b"{}", {}, identifier="1")
    assert "T0KEN" not in str(raised.value)


def test_nobody_there_is_told_without_the_address(receiver: Receiver) -> None:
    with pytest.raises(LostError) as raised:
        post("http://127.0.0.1:9/T0KEN", b"{}", {}, identifier="1")
    assert "T0KEN" not in str(raised.value)
