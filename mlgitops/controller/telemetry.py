"""Spans of what the controller does, for OpenTelemetry: ``cycle``, and in it for each target ``target``, with ``plan``
and ``apply`` in that.

They go where the usual environment variables say (``OTEL_EXPORTER_OTLP_ENDPOINT`` and the others of the SDK), if
``mlgitops[telemetry]`` is installed; else nothing happens, and nothing is imported. A span's parent is given, since the
targets of a cycle are worked at in threads.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlgitops import __version__
from mlgitops.controller.log import Log, masked

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider

SERVICE = "mlgitops-controller"
"""What it calls itself, where ``OTEL_SERVICE_NAME`` says nothing else."""

_ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")


@dataclass(frozen=True, slots=True)
class Span:
    """One span under way. Without OpenTelemetry it takes everything and does nothing."""

    held: Any = None

    def say(self, **attributes: str | float) -> None:
        """Sets attributes, as ``mlgitops.NAME``; empty ones are left out. What looks like a secret is masked."""
        if self.held is not None:
            for name, value in attributes.items():
                if value != "":
                    self.held.set_attribute(f"mlgitops.{name}", masked(value) if isinstance(value, str) else value)

    def fail(self, reason: str) -> None:
        """Says that what it is about went wrong."""
        if self.held is not None:
            from opentelemetry.trace import StatusCode

            self.held.set_status(StatusCode.ERROR, masked(reason))

    def end(self) -> None:
        """It is over."""
        if self.held is not None:
            self.held.end()


NO_SPAN = Span()


class Spans:
    """Gives spans. Without a ``provider`` they do nothing. Threads may share it."""

    def __init__(self, provider: TracerProvider | None = None) -> None:
        self._provider = provider
        self._tracer = provider.get_tracer("mlgitops", __version__) if provider else None

    def begin(self, name: str, parent: Span = NO_SPAN, **attributes: str | float) -> Span:
        """A span that lasts until it is ended."""
        if self._tracer is None:
            return NO_SPAN
        from opentelemetry.trace import set_span_in_context

        within = None if parent.held is None else set_span_in_context(parent.held)
        span = Span(self._tracer.start_span(name, within, record_exception=False, set_status_on_exception=False))
        span.say(**attributes)
        return span

    @contextmanager
    def span(self, name: str, parent: Span = NO_SPAN, **attributes: str | float) -> Iterator[Span]:
        """A span that lasts as long as the context. One that an exception leaves has failed, by that one's kind.

        An exception's words are not kept, since nobody knows what is in them.
        """
        span = self.begin(name, parent, **attributes)
        try:
            yield span
        except BaseException as error:
            span.fail(type(error).__name__)
            raise
        finally:
            span.end()

    def close(self, seconds: float = 5.0) -> None:
        """Sends what is left, for so long at most."""
        if self._provider is not None:
            self._provider.force_flush(int(seconds * 1000))
            self._provider.shutdown()


def open_spans(environment: Mapping[str, str], log: Log) -> Spans:
    """Spans that are sent where ``environment`` says; ones that do nothing where that is nowhere, or cannot be."""
    if environment.get("OTEL_SDK_DISABLED", "").lower() == "true" or not any(map(environment.get, _ENDPOINTS)):
        return Spans()
    try:
        return Spans(_provider(environment))
    except ImportError:
        log.warning("spans are asked for, but OpenTelemetry is not installed", help="install mlgitops[telemetry]")
        return Spans()


def _provider(environment: Mapping[str, str]) -> TracerProvider:
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    own = {"service.version": __version__}
    if not environment.get("OTEL_SERVICE_NAME"):
        own["service.name"] = SERVICE
    provider = TracerProvider(resource=Resource.create(own), shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return provider


class CycleSpans:
    """The spans of one controller, opened and ended as its loop tells what happens.

    A cycle in which no attempt begins has none. An attempt may outlast the cycle in which it began, and so its span.
    """

    def __init__(self, spans: Spans) -> None:
        self._spans = spans
        self._cycle: Span | None = None
        self._targets: dict[Hashable, Span] = {}

    def began(self, key: Hashable, **attributes: str | float) -> None:
        """An attempt at a target begins."""
        if self._cycle is None:
            self._cycle = self._spans.begin("cycle")
        self._targets[key] = self._spans.begin("target", self._cycle, **attributes)

    @contextmanager
    def step(self, key: Hashable, name: str) -> Iterator[None]:
        """A step of the attempt, ``plan`` or ``apply``, for as long as the context lasts; in whichever thread."""
        with self._spans.span(name, self._targets.get(key, NO_SPAN)):
            yield

    def ended(self, key: Hashable, failed: str, **attributes: str | float) -> None:
        """The attempt ended; ``failed`` says why it did not succeed, or nothing."""
        span = self._targets.pop(key, NO_SPAN)
        span.say(**attributes)
        if failed:
            span.fail(failed)
        span.end()

    def cycle_ended(self) -> None:
        """The cycle ended."""
        if self._cycle is not None:
            self._cycle.end()
        self._cycle = None

    def close(self) -> None:
        """Ends what is under way, and sends what is left."""
        for key in list(self._targets):
            self.ended(key, "it was cut off")
        self.cycle_ended()
        self._spans.close()
