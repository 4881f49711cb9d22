"""Spans nest as the work does, and cost nothing where nobody asks for them."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from mlgitops.controller.log import Log
from mlgitops.controller.telemetry import NO_SPAN, CycleSpans, Spans, open_spans

CANARY = "Canary0123456789abcdef"


@pytest.fixture
def exporter() -> InMemorySpanExporter:
    return InMemorySpanExporter()


@pytest.fixture
def spans(exporter: InMemorySpanExporter) -> Spans:
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    return Spans(provider)


def finished(exporter: InMemorySpanExporter) -> dict[str, ReadableSpan]:
    return {span.name: span for span in exporter.get_finished_spans()}


def test_spans_nest_also_across_threads(spans: Spans, exporter: InMemorySpanExporter) -> None:
    with spans.span("cycle", commit="abc") as cycle:

        def work() -> None:
            with spans.span("target", cycle, environment="prod", target="aws-prod", reason="") as target:
                with spans.span("plan", target):
                    pass
                with spans.span("apply", target) as apply:
                    apply.say(written=3)
                target.say(result="applied")

        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
    found = finished(exporter)
    parents = {name: span.parent and span.parent.span_id for name, span in found.items()}
    ids = {name: span.context.span_id for name, span in found.items() if span.context}
    expected = {"cycle": None, "target": ids["cycle"], "plan": ids["target"], "apply": ids["target"]}
    assert parents == expected
    assert dict(found["target"].attributes or {}) == {
        "mlgitops.environment": "prod",
        "mlgitops.target": "aws-prod",
        "mlgitops.result": "applied",
    }
    assert dict(found["apply"].attributes or {}) == {"mlgitops.written": 3}


def test_spans_follow_what_the_loop_tells(spans: Spans, exporter: InMemorySpanExporter) -> None:
    told = CycleSpans(spans)
    told.cycle_ended()
    told.began(("prod", "aws"), environment="prod", target="aws", commit="abc")
    told.cycle_ended()
    with told.step(("prod", "aws"), "plan"):
        pass
    told.ended(("prod", "aws"), "", result="applied", written=3)
    with told.step(("prod", "unknown"), "plan"):
        pass
    told.began(("prod", "gcp"))
    told.began(("prod", "azure"))
    told.ended(("prod", "gcp"), "unreachable")
    told.close()
    found = exporter.get_finished_spans()
    assert [span.name for span in found] == ["cycle", "plan", "target", "plan", "target", "target", "cycle"]
    first, plan, target, stray, gcp, azure, second = found
    ids = [span.context.span_id if span.context else None for span in found]
    parents = [span.parent.span_id if span.parent else None for span in found]
    assert parents == [None, ids[2], ids[0], None, ids[6], ids[6], None]
    assert [span.status.description for span in (target, gcp, azure)] == [None, "unreachable", "it was cut off"]
    assert dict(target.attributes or {})["mlgitops.written"] == 3
    assert {span.name for span in (first, plan, stray, second)} == {"cycle", "plan"}


def test_what_goes_wrong_is_told_without_secrets(spans: Spans, exporter: InMemorySpanExporter) -> None:
    with spans.span("target", reason=f"https://bot:{CANARY}@example.com/x") as span:
        span.fail(f"Authorization: Bearer {CANARY}")

    def fails() -> None:
        with spans.span("apply"):
            raise ValueError(CANARY)

    with pytest.raises(ValueError, match=CANARY):
        fails()
    found = finished(exporter)
    assert found["target"].status.description == "Authorization: Bearer ***"
    assert (found["apply"].status.is_ok, found["apply"].status.description) == (False, "ValueError")
    assert CANARY not in "".join(span.to_json() for span in found.values())


def test_without_opentelemetry_everything_is_taken_and_nothing_done() -> None:
    spans = Spans()
    with spans.span("cycle", commit="abc") as cycle, spans.span("target", cycle) as target:
        target.say(result="applied")
        target.fail("x")
    assert target == NO_SPAN
    spans.close()


def test_nothing_is_imported_where_nothing_is_asked_for() -> None:
    code = (
        "import sys, time; from mlgitops.controller.log import Log\n"
        "from mlgitops.controller.telemetry import open_spans\n"
        "spans = open_spans({}, Log(sys.stderr, time.time))\n"
        "with spans.span('cycle') as cycle: cycle.say(commit='x')\n"
        "assert 'opentelemetry' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_what_is_asked_for_but_not_installed_is_told() -> None:
    code = (
        "import sys, time; sys.modules['opentelemetry'] = None\n"
        "from mlgitops.controller.log import Log; from mlgitops.controller.telemetry import open_spans\n"
        "spans = open_spans({'OTEL_EXPORTER_OTLP_ENDPOINT': 'http://127.0.0.1:1'}, Log(sys.stderr, time.time))\n"
        "with spans.span('cycle') as cycle: cycle.say(commit='x')"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert json.loads(done.stderr)["help"] == "install mlgitops[telemetry]"


@pytest.fixture
def collector() -> Iterator[tuple[str, list[tuple[str, bytes]]]]:
    """A collector's address, and the path and body of each request to it."""
    received: list[tuple[str, bytes]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.append((self.path, self.rfile.read(int(self.headers["Content-Length"]))))
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


def test_spans_are_sent_where_the_environment_says(
    collector: tuple[str, list[tuple[str, bytes]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    address, received = collector
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", address)
    spans = open_spans({"OTEL_EXPORTER_OTLP_ENDPOINT": address}, Log(io.StringIO(), lambda: 0.0))
    with spans.span("cycle", commit="abc"):
        pass
    spans.close()
    ((path, body),) = received
    assert path == "/v1/traces"
    assert b"mlgitops-controller" in body
    assert b"mlgitops.commit" in body


def test_a_collector_that_is_gone_holds_nothing_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "0.3")
    spans = open_spans({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1"}, Log(io.StringIO(), lambda: 0.0))
    with spans.span("cycle"):
        pass
    spans.close(1.0)


@pytest.mark.parametrize(
    "environment",
    [
        {},
        {"OTEL_SERVICE_NAME": "x"},
        {"OTEL_EXPORTER_OTLP_ENDPOINT": ""},
        {"OTEL_SDK_DISABLED": "true", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1"},
    ],
)
def test_where_nobody_asks_for_spans_there_are_none(environment: dict[str, str]) -> None:
    with open_spans(environment, Log(io.StringIO(), lambda: 0.0)).span("cycle") as span:
        assert span == NO_SPAN
