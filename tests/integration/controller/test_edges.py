"""A controller as a process of its own: what it answers, whom it believes, and what it never shows."""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.integration.controller.conftest import Site, until
from tests.testbed.signing import keygen, signing_options

pytestmark = pytest.mark.integration

CANARY = "Canary+0123456789/abcdef"


class Process:
    """``mlgitops controller`` on a loopback port, which asks Git once an hour unless it is woken."""

    def __init__(self, site: Site, folder: Path, *options: str, **environment: str) -> None:
        self.site = site
        self.secret = folder / "webhook-secret"
        self.secret.write_text(f"{CANARY}\n")
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.output = folder / "output"
        given = [f"--repository={site.settings.repository}", f"--state={site.settings.state}", "--interval=1h"]
        serving = [f"--listen=127.0.0.1:{self.port}", f"--webhook-secret={self.secret}", "--log-format=json"]
        self.command = [sys.executable, "-m", "mlgitops", "controller", *given, *serving, *options]
        self.environment = os.environ | environment

    @contextmanager
    def running(self) -> Iterator[Process]:
        with self.output.open("wb") as output:
            process = subprocess.Popen(self.command, stdout=output, stderr=output, env=self.environment)
        self.pid = process.pid
        try:
            until(lambda: process.poll() is not None or self.get("/healthz")[0] == 200)
            yield self
            process.send_signal(signal.SIGTERM)
            assert process.wait(60) == 143, self.output.read_text()
        finally:
            process.kill()
            process.wait()

    def ask(self, method: str, path: str, body: bytes = b"", **headers: str) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        with suppress(ConnectionError):
            connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
            answer = connection.getresponse()
            return answer.status, answer.read()
        return 0, b""

    def get(self, path: str) -> tuple[int, bytes]:
        return self.ask("GET", path)

    def deliver(self, id: str, secret: str = CANARY) -> int:
        body = json.dumps({"ref": "refs/heads/main", "id": id}).encode()
        signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        return self.ask("POST", "/webhook", body, X_Hub_Signature_256=f"sha256={signature}", X_GitHub_Delivery=id)[0]

    def status(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.get("/status")[1])
        return found

    def metric(self, name: str, **labels: str) -> float | None:
        families = text_string_to_metric_families(self.get("/metrics")[1].decode())
        samples = (sample for family in families for sample in family.samples)
        return next((one.value for one in samples if (one.name, one.labels) == (name, labels)), None)

    def told(self) -> list[dict[str, Any]]:
        lines = self.output.read_text().removesuffix("\nterminated\n").splitlines()
        return [json.loads(line) for line in lines]


def test_a_webhook_brings_a_commit_to_its_target_and_everything_tells_of_it(site: Site, tmp_path: Path) -> None:
    with Process(site, tmp_path).running() as process:
        until(lambda: process.get("/readyz")[0] == 200 and bool(site.manifests()))
        site.models("iris", "rose")
        head = site.commit()
        assert process.deliver("1", secret="another secret, as long as it") == 401
        assert process.ask("POST", "/webhook", b"{}")[0] == 401
        time.sleep(0.5)
        assert "InferenceService/rose" not in site.manifests()
        assert process.deliver("2") == 202
        until(lambda: "InferenceService/rose" in site.manifests())
        here = {"environment": "dev", "target": "here"}
        until(lambda: process.metric("mlgitops_target_result", **here, result="applied") == 1)
        until(lambda: process.metric("mlgitops_target_git_lag_seconds", **here) == 0)
        assert process.metric("mlgitops_target_objects", **here) == 2
        assert process.metric("mlgitops_webhook_deliveries_total", result="unsigned") == 2
        assert process.metric("mlgitops_git_fetches_total", result="advanced") == 2
        assert process.metric("mlgitops_leader") == 1
        assert process.status()["commit"] == head
    (line,) = [line for line in process.told() if line["message"] == "applied" and line["commit"] == head]
    assert (line["environment"], line["target"], line["written"]) == ("dev", "here", 1)
    assert line["cycle"] > 1


@pytest.mark.parametrize("signer", ["", "mallory", "expired"])
def test_a_commit_that_nobody_trusted_signed_is_named_and_nothing_is_written(
    site: Site, tmp_path: Path, signer: str
) -> None:
    keys = {name: keygen(tmp_path / name) for name in ("alice", "mallory", "expired")}
    trusted = tmp_path / "signers"
    trusted.write_text(f'alice@x {keys["alice"]}expired@x valid-before="20200101" {keys["expired"]}')
    site.git(*signing_options(tmp_path / "alice"), "commit", "--quiet", "--allow-empty", "-m", "signed")
    good = site.git("rev-parse", "HEAD")
    with Process(site, tmp_path, f"--allowed-signers={trusted}").running() as process:
        until(lambda: process.metric("mlgitops_target_result", environment="dev", target="here", result="applied") == 1)
        before = {path: path.stat().st_mtime_ns for path in (site.root / "clusters").rglob("*")}
        site.models("iris", "rose")
        site.git("add", "--all", "--", ":!clusters")
        options = signing_options(tmp_path / signer) if signer else []
        site.git(*options, "commit", "--quiet", "-m", "not trusted", "--date=2019-06-01T00:00:00Z")
        bad = site.git("rev-parse", "HEAD")
        assert process.deliver("1") == 202
        until(lambda: process.metric("mlgitops_git_head_refused") == 1)
        until(lambda: bad[:12] in process.status()["refused"])
        assert process.status()["commit"] == good
        assert {path: path.stat().st_mtime_ns for path in (site.root / "clusters").rglob("*")} == before
        assert process.get("/readyz")[0] == 200
    (line,) = [line for line in process.told() if line["level"] == "error"]
    assert line["reason"].startswith(f"commit {bad[:12]} is ")


def test_a_secret_is_nowhere_to_be_seen(site: Site, tmp_path: Path, home: Path) -> None:
    """Neither the forge's token, which Git was given for an address, nor what webhooks are signed with."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    token = quote(CANARY, safe="")
    with (home / ".gitconfig").open("a") as file:
        file.write(f'[url "https://bot:{token}@127.0.0.1:{port}/"]\n    insteadOf = https://git.example.com/\n')
    options = ["--repository=https://git.example.com/ml/models.git"]
    with Process(site, tmp_path, *options).running() as process:
        until(lambda: process.metric("mlgitops_git_fetches_total", result="failed") == 1)
        assert process.deliver("1") == 202
        seen = b"".join(process.get(path)[1] for path in ("/status", "/metrics", "/healthz", "/readyz"))
        assert process.get("/readyz")[0] == 503
        seen += Path(f"/proc/{process.pid}/cmdline").read_bytes()
    seen += process.output.read_bytes()
    seen += b"".join(path.read_bytes() for path in site.settings.state.rglob("*") if path.is_file())
    assert b"Git could not be read" in seen
    raw = CANARY.encode()
    for shape in (raw, base64.b64encode(raw), base64.b64encode(b"bot:" + raw), token.encode()):
        assert shape not in seen


@pytest.fixture
def collector() -> Iterator[tuple[str, list[bytes]]]:
    """A collector of spans, and the bodies that it was sent."""
    received: list[bytes] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}", received
        server.shutdown()
        thread.join()


def test_spans_of_the_cycle_and_its_steps_are_sent(
    site: Site, collector: tuple[str, list[bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    address, received = collector
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", address)
    site.once()
    sent = b"".join(received)
    commit = site.git("rev-parse", "HEAD").encode()
    for word in (b"cycle", b"target", b"plan", b"apply", b"mlgitops.environment", commit):
        assert word in sent
