"""The server answers what it should, over real sockets, and nothing that is sent to it does any harm."""

from __future__ import annotations

import hashlib
import hmac
import http.client
import io
import json
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from mlgitops.controller import connections
from mlgitops.controller.log import Log
from mlgitops.controller.metrics import Metrics
from mlgitops.controller.server import Pages, Server, Webhook
from mlgitops.controller.webhook import MAX_BODY, Verdict
from mlgitops.errors import MlgitopsError

SECRET = "0123456789abcdef0123456789abcdef"
NOW = 1_800_000_000.0


@dataclass
class Running:
    """A server on a loopback port, and what it was told."""

    secrets: Path
    not_alive: str = ""
    not_ready: str = ""
    status: Callable[[], dict[str, Any]] = dict
    woken: int = 0
    counted: list[Verdict] = field(default_factory=list)
    log: io.StringIO = field(default_factory=io.StringIO)
    port: int = 0

    def shown(self) -> dict[str, Any]:
        return self.status()

    def wake(self) -> None:
        self.woken += 1

    def ask(
        self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> tuple[int, dict[str, str], bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request(method, path, body or None, headers or {})
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, content

    def status_of(self, method: str, path: str, **rest: Any) -> int:
        return self.ask(method, path, **rest)[0]

    def deliver(self, body: bytes, secret: str = SECRET, id: str = "1") -> int:
        signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        headers = {"X-Hub-Signature-256": f"sha256={signature}", "X-GitHub-Delivery": id}
        return self.status_of("POST", "/webhook", body=body, headers=headers)

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=30)

    def raw(self, request: bytes) -> bytes:
        with self.connect() as connection:
            connection.sendall(request)
            return received(connection)


def received(connection: socket.socket) -> bytes:
    content = b""
    with suppress(ConnectionResetError):
        while chunk := connection.recv(65536):
            content += chunk
    return content


@pytest.fixture
def running(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    monkeypatch.setattr("mlgitops.controller.server.NOTICED_SECONDS", 0.01)
    (tmp_path / "secret").write_text(f"{SECRET}\n")
    held = Running(tmp_path / "secret")
    pages = Pages(lambda: held.not_alive, lambda: held.not_ready, held.shown, Metrics(lambda: NOW).exposition)
    webhook = Webhook(held.secrets, held.wake, held.counted.append, lambda: NOW)
    with Server("127.0.0.1:0", Log(held.log, lambda: NOW), pages, webhook) as server:
        held.port = server.port
        yield held


def test_probes_say_why_not(running: Running) -> None:
    assert running.ask("GET", "/healthz")[::2] == (200, b"ok\n")
    assert running.ask("GET", "/readyz?verbose=1")[::2] == (200, b"ok\n")
    running.not_alive, running.not_ready = "no cycle began", "Git was not followed yet"
    assert running.ask("GET", "/healthz")[::2] == (503, b"no cycle began\n")
    assert running.ask("GET", "/readyz")[::2] == (503, b"Git was not followed yet\n")


def test_metrics_are_in_the_format_that_is_asked_for(running: Running) -> None:
    _, headers, body = running.ask("GET", "/metrics")
    assert headers["content-type"].startswith("text/plain; version=")
    assert b"\nmlgitops_build_info{version=" in body
    accept = {"Accept": "application/openmetrics-text; version=1.0.0"}
    _, headers, body = running.ask("GET", "/metrics", headers=accept)
    assert headers["content-type"].startswith("application/openmetrics-text")
    assert body.endswith(b"# EOF\n")


def test_the_status_is_json_without_secrets(running: Running) -> None:
    running.status = lambda: {"commit": "abc", "reason": "https://bot:canary@example.com/x", "at": 1.5, ("a", "b"): {1}}  # type: ignore[dict-item]
    status, headers, body = running.ask("GET", "/status")
    assert (status, headers["content-type"]) == (200, "application/json")
    assert json.loads(body) == {
        "commit": "abc", "reason": "https://***@example.com/x", "at": 1.5, "('a', 'b')": [1],
    }  # fmt: skip


def test_a_page_that_fails_is_told_in_the_log_alone(running: Running) -> None:
    def broken() -> dict[str, Any]:
        raise RuntimeError("https://bot:canary@example.com/x")

    running.status = broken
    assert running.ask("GET", "/status")[::2] == (500, b"Internal Server Error\n")
    (line,) = running.log.getvalue().splitlines()
    assert json.loads(line)["error"] == "RuntimeError: https://***@example.com/x"
    assert running.status_of("GET", "/healthz") == 200


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics", "/status", "/nothing", "/webhook"])
def test_head_is_get_without_the_body(running: Running, path: str) -> None:
    expected, headers, _ = running.ask("GET", path)
    status, same, body = running.ask("HEAD", path)
    assert (status, body) == (expected, b"")
    assert same["content-type"] == headers["content-type"]
    assert same["content-length"].isdigit()


@pytest.mark.parametrize(
    ("method", "path", "status", "allow"),
    [
        ("POST", "/status", 405, "GET, HEAD"),
        ("PUT", "/healthz", 405, "GET, HEAD"),
        ("DELETE", "/webhook", 405, "POST"),
        ("GET", "/webhook", 405, "POST"),
        ("OPTIONS", "/metrics", 405, "GET, HEAD"),
        ("TRACE", "/healthz", 405, "GET, HEAD"),
        ("PATCH", "/nothing", 404, None),
        ("GET", "/", 404, None),
        ("GET", "/metrics/../status", 404, None),
        ("BREW", "/healthz", 501, None),
    ],
)
def test_other_methods_and_paths_are_refused(
    running: Running, method: str, path: str, status: int, allow: str | None
) -> None:
    found, headers, _ = running.ask(method, path)
    assert (found, headers.get("allow")) == (status, allow)


@pytest.mark.parametrize(
    "request_", [b"GET /healthz HTTP/1.1\r\n\r\n", b"GET /canary<script> HTTP/1.1\r\n\r\n", b"canary\r\n\r\n", b"\r\n"]
)
def test_nothing_tells_what_it_runs_on_or_what_was_sent(running: Running, request_: bytes) -> None:
    answer = running.raw(request_).lower()
    assert b"server:" not in answer
    assert b"python" not in answer
    assert b"mlgitops" not in answer
    assert b"canary" not in answer
    assert b"traceback" not in answer


def test_a_signed_delivery_wakes_the_loop_once(running: Running) -> None:
    assert running.deliver(b'{"ref": "x"}') == 202
    assert running.deliver(b'{"ref": "x"}') == 202
    assert running.deliver(b'{"ref": "x"}', id="another") == 202
    assert running.woken == 1
    assert running.counted == [Verdict.ACCEPTED, Verdict.REPEATED, Verdict.REPEATED]


@pytest.mark.parametrize("body", [b"", b"\x00\xff", b"[" * 100_000, b"x" * MAX_BODY])
def test_a_signed_delivery_is_never_parsed(running: Running, body: bytes) -> None:
    assert running.deliver(body) == 202
    assert running.woken == 1


def test_what_is_not_signed_wakes_nobody(running: Running) -> None:
    assert running.deliver(b"[" * 100_000, secret="another secret, as long as it") == 401
    assert running.status_of("POST", "/webhook", body=b"{}") == 401
    assert running.woken == 0
    assert running.counted == [Verdict.UNSIGNED, Verdict.UNSIGNED]


def test_a_delivery_that_wakes_nobody_is_answered_as_such_and_may_come_again(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(f"{SECRET}\n")
    held = Running(tmp_path / "secret")
    reachable: list[bool] = []

    def wake() -> None:
        if not reachable:
            raise MlgitopsError("the cluster does not answer")
        held.wake()

    webhook = Webhook(held.secrets, wake, held.counted.append, lambda: NOW)
    with Server("127.0.0.1:0", Log(held.log, lambda: NOW), webhook=webhook) as server:
        held.port = server.port
        assert held.deliver(b"{}") == 503
        assert "a webhook could not be passed on" in held.log.getvalue()
        reachable.append(True)
        assert (held.deliver(b"{}"), held.woken) == (202, 1)


def test_a_large_body_is_refused_before_it_is_read(running: Running) -> None:
    with running.connect() as connection:
        connection.sendall(b"POST /webhook HTTP/1.1\r\nHost: x\r\nContent-Length: 62914560\r\n\r\n")
        assert received(connection).startswith(b"HTTP/1.0 413 ")
    assert running.counted == [Verdict.TOO_LARGE]


def test_whoever_sends_a_large_body_all_the_same_reads_the_refusal(running: Running) -> None:
    with running.connect() as connection:
        connection.sendall(b"POST /webhook HTTP/1.1\r\nHost: x\r\nContent-Length: 62914560\r\n\r\n")
        with suppress(OSError):
            for _ in range(60):
                connection.sendall(b"x" * 2**20)
        assert received(connection).startswith(b"HTTP/1.0 413 ")
    assert running.woken == 0


def test_no_body_is_asked_for_before_its_size_is_known_to_be_small(running: Running) -> None:
    head = b"POST /webhook HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 62914560\r\n\r\n"
    assert running.raw(head).startswith(b"HTTP/1.0 413 ")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        (b"", 411),
        (b"Transfer-Encoding: chunked\r\n", 411),
        (b"Transfer-Encoding: chunked\r\nContent-Length: 2\r\n", 411),
        (b"Content-Length: -1\r\n", 400),
        (b"Content-Length: +2\r\n", 400),
        (b"Content-Length: 1e3\r\n", 400),
        (b"Content-Length: \xb2\r\n", 400),
        (b"Content-Length: 0x10\r\n", 400),
        (b"Content-Length: 99999999999999999999999999\r\n", 413),
        (b"Content-Length: 2\r\nContent-Length: 62914560\r\n", 400),
    ],
)
def test_a_body_of_unclear_size_is_refused(running: Running, headers: bytes, status: int) -> None:
    answer = running.raw(b"POST /webhook HTTP/1.1\r\nHost: x\r\n" + headers + b"\r\n{}")
    assert answer.startswith(b"HTTP/1.0 %d " % status)
    assert running.woken == 0


@pytest.mark.parametrize(
    "request_",
    [
        b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nX: " + b"a" * 200_000 + b"\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\n" + b"X: y\r\n" * 5_000 + b"\r\n",
        b"GET /healthz HTTP/9.9\r\n\r\n",
        b"GET /healthz\x00 HTTP/1.1\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00" * 20 + b"\r\n\r\n",
        b"\n" * 1000,
        b"GET /healthz HTTP/1.1\r\n: x\r\n\r\n",
        b"GET http://evil/healthz HTTP/1.1\r\n\r\n",
    ],
    ids=["line", "header", "headers", "version", "nul", "tls", "newlines", "nameless", "absolute"],
)
def test_odd_requests_are_refused_and_hurt_nobody(running: Running, request_: bytes) -> None:
    with running.connect() as connection:
        with suppress(OSError):
            connection.sendall(request_)
        received(connection)
    assert running.status_of("GET", "/healthz") == 200
    assert running.woken == 0


def test_the_secret_may_be_changed_while_it_runs(running: Running) -> None:
    other = "a new secret that is long enough"
    running.secrets.write_text(f"{SECRET}\n{other}\n")
    assert running.deliver(b"1", id="1") == 202
    running.secrets.write_text(f"{other}\n")
    assert running.deliver(b"2", id="2") == 401
    assert running.deliver(b"3", secret=other, id="3") == 202


def test_without_a_readable_secret_nothing_is_accepted(running: Running) -> None:
    running.secrets.write_text("short")
    assert running.deliver(b"1") == 503
    running.secrets.unlink()
    assert running.deliver(b"1") == 503
    assert running.woken == 0
    assert SECRET not in running.log.getvalue()
    assert len(running.log.getvalue().splitlines()) == 2


@pytest.mark.parametrize("content", [None, "", "short"])
def test_it_does_not_start_without_a_good_secret(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "secret"
    if content is not None:
        path.write_text(content)
    webhook = Webhook(path, lambda: None, lambda _: None)
    with pytest.raises(MlgitopsError, match="secret"):
        Server("127.0.0.1:0", Log(io.StringIO(), lambda: NOW), webhook=webhook)


def test_pages_and_webhook_may_have_addresses_of_their_own(running: Running, tmp_path: Path) -> None:
    (tmp_path / "other").write_text(SECRET)
    log = Log(io.StringIO(), lambda: NOW)
    with Server(
        "127.0.0.1:0", log, webhook=Webhook(tmp_path / "other", running.wake, running.counted.append)
    ) as server:
        running.port = server.port
        assert running.deliver(b"1") == 202
        assert [running.status_of("GET", path) for path in ("/status", "/metrics", "/healthz")] == [404] * 3


def test_without_a_webhook_there_is_none(running: Running) -> None:
    pages = Pages(lambda: "", lambda: "", dict, lambda _: (b"", "text/plain"))
    with Server("127.0.0.1:0", Log(io.StringIO(), lambda: NOW), pages) as server:
        running.port = server.port
        assert running.deliver(b"1") == 404


def test_whoever_is_slow_is_cut_off_at_the_deadline(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "DEADLINE", 0.5)
    started = time.monotonic()
    with running.connect() as connection:
        with suppress(OSError):
            for byte in b"GET /healthz HTTP/1.1\r\nX: " + b"a" * 1000:
                connection.sendall(bytes([byte]))
                time.sleep(0.05)
        assert b"200" not in received(connection)
    assert time.monotonic() - started < 20


def test_a_body_that_does_not_come_is_not_waited_for(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "DEADLINE", 0.3)
    with running.connect() as connection:
        connection.sendall(b"POST /webhook HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{}")
        received(connection)
    monkeypatch.setattr(connections, "DEADLINE", 20.0)
    with running.connect() as connection:
        connection.sendall(b"POST /webhook HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{}")
        connection.shutdown(socket.SHUT_WR)
        assert received(connection).startswith(b"HTTP/1.0 408 ")
    assert running.counted[-1] is Verdict.MALFORMED
    assert running.woken == 0


def test_whoever_does_not_read_is_cut_off(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "DEADLINE", 0.5)
    running.status = lambda: {"x": "y" * 12_000_000}
    with running.connect() as connection:
        connection.sendall(b"GET /status HTTP/1.1\r\n\r\n")
        assert ended(lambda: not workers())


def workers() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if "process_request_thread" in thread.name]


def ended(condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.02)
    return False


def test_many_slow_connections_neither_pile_up_nor_keep_others_out(running: Running) -> None:
    slow = [running.connect() for _ in range(connections.MOST_CONNECTIONS * 3)]
    try:
        for connection in slow:
            connection.sendall(b"GET /healthz HTTP/1.1\r\nX: ")
        assert [running.status_of("GET", "/healthz") for _ in range(5)] == [200] * 5
        assert len(workers()) <= connections.MOST_CONNECTIONS
    finally:
        for connection in slow:
            connection.close()
    assert ended(lambda: not workers())


def test_many_at_once_are_answered(running: Running) -> None:
    statuses: list[int] = []

    def ask() -> None:
        statuses.extend(running.status_of("GET", "/healthz") for _ in range(5))

    askers = [threading.Thread(target=ask) for _ in range(8)]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join()
    assert statuses == [200] * 40


def test_a_connection_that_breaks_is_no_trouble(running: Running, capfd: pytest.CaptureFixture[str]) -> None:
    for request in (b"", b"GET /healthz HTTP/1.1\r\n", b"GET /metrics HTTP/1.1\r\n\r\n"):
        connection = running.connect()
        connection.sendall(request)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()
    assert running.status_of("GET", "/healthz") == 200
    assert ended(lambda: not workers())
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("address", ["", "8080", ":", ":x", "127.0.0.1:99999", "127.0.0.1:-1"])
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(MlgitopsError, match="not an address"):
        Server(address, Log(io.StringIO(), lambda: NOW))


def test_an_address_that_is_taken_is_an_error(running: Running) -> None:
    with pytest.raises(MlgitopsError, match="cannot listen at 127"):
        Server(f"127.0.0.1:{running.port}", Log(io.StringIO(), lambda: NOW))


def test_without_a_host_it_listens_at_all(running: Running) -> None:
    pages = Pages(lambda: "", lambda: "", dict, lambda _: (b"", "text/plain"))
    with Server(":0", Log(io.StringIO(), lambda: NOW), pages) as server:
        running.port = server.port
        assert running.status_of("GET", "/healthz") == 200
