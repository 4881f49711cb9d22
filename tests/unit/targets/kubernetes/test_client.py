from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from mlgitops.errors import TargetError
from mlgitops.targets.kubernetes import client, deadline
from mlgitops.targets.kubernetes.client import Client
from mlgitops.targets.kubernetes.plain import PlainConfiguration

LONG = 20.0
"""Far less than the patience with a server that is there, and far more than that with one that is not."""


@pytest.fixture
def in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fifth of a second for the first contact, so that the tests are not slow."""
    monkeypatch.setattr(client, "FIRST_PATIENCE", 0.2)
    monkeypatch.setattr(deadline, "CONNECT_SECONDS", 0.2)


@pytest.fixture
def silent() -> Iterator[int]:
    """The port of a server that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


@pytest.fixture
def full() -> Iterator[int]:
    """The port of a server that takes no connection any more, which looks as if packets were lost."""
    with ExitStack() as stack:
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        port: int = listener.getsockname()[1]
        for _ in range(4):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(("127.0.0.1", port))
        time.sleep(0.1)
        yield port


def tried(port: int) -> float:
    """Seconds until a request to the port was given up."""
    asking = Client(lambda: PlainConfiguration(f"https://127.0.0.1:{port}", "token", {}))
    started = time.monotonic()
    with pytest.raises(TargetError, match="cannot be reached"):
        asking.get("/api")
    return time.monotonic() - started


@pytest.mark.usefixtures("in_a_hurry")
def test_a_server_that_never_agrees_on_tls_is_given_up_at_once(silent: int) -> None:
    assert tried(silent) < LONG


@pytest.mark.usefixtures("in_a_hurry")
def test_so_is_one_that_takes_no_connection(full: int) -> None:
    assert tried(full) < LONG


@pytest.mark.usefixtures("in_a_hurry")
def test_so_is_a_port_at_which_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert tried(port) < LONG


def refusal(address: str) -> TargetError:
    """The error of a request that nobody took."""
    with pytest.raises(TargetError) as caught:
        Client(lambda: PlainConfiguration(address, "token", {})).get("/api")
    return caught.value


@pytest.mark.usefixtures("in_a_hurry")
def test_a_refused_connection_is_not_told_as_if_the_answer_were_late() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert refusal(f"https://127.0.0.1:{port}").message.endswith("cannot be reached: no connection: Connection refused")


@pytest.mark.usefixtures("in_a_hurry")
def test_a_name_that_nobody_knows_is_told_as_such(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_asked: object, **_more: object) -> list[object]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    error = refusal("https://no-such-host.example")
    assert error.message.endswith("cannot be reached: its name cannot be resolved")
    assert "server" in error.help


def test_a_server_that_resets_every_connection_is_there_and_is_tried_to_the_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(client, "FIRST_PATIENCE", 0.0)
    monkeypatch.setattr(client, "PATIENCE", 0.2)
    monkeypatch.setattr(client, "_pause", lambda attempt: 0.01)
    taken: list[int] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def reset() -> None:
            while True:
                try:
                    raw, _ = listener.accept()
                except OSError:
                    return
                taken.append(1)
                raw.recv(1)  # so that it is a reset and not an end
                raw.close()

        serving = threading.Thread(target=reset)
        serving.start()
        waited = tried(listener.getsockname()[1])
        listener.shutdown(socket.SHUT_RDWR)
        serving.join(LONG)
    assert len(taken) > 1
    assert waited >= client.PATIENCE


def test_the_time_for_a_connection_is_within_that_for_the_first_contact() -> None:
    assert deadline.CONNECT_SECONDS <= client.FIRST_PATIENCE


class Together(BaseHTTPRequestHandler):
    """Answers only once as many as ``barrier`` says ask at the same time."""

    protocol_version = "HTTP/1.1"
    barrier = threading.Barrier(40)

    def do_GET(self) -> None:
        self.barrier.wait(LONG)
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, format: str, *args: object) -> None:
        """Nobody reads it."""


def test_many_targets_in_one_cluster_keep_their_connections_and_nobody_is_warned(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), Together) as server, ThreadPoolExecutor(40) as pool:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        asking = Client(lambda: PlainConfiguration(f"http://127.0.0.1:{server.server_port}", "token", {}))
        assert list(pool.map(asking.get, ["/api"] * 40)) == [{}] * 40
        server.shutdown()
    assert caplog.messages == []
