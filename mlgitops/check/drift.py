"""Rules of drift and of logged requests: what is compared must be there, and what tells of it. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from mlgitops.check import braces, components, images, schedule, storage
from mlgitops.check.batch import OLDEST_ARGO
from mlgitops.check.references import unknown_identity
from mlgitops.finding import Finding
from mlgitops.spec.cron import problem
from mlgitops.spec.monitoring import Drift
from mlgitops.spec.positions import Pointer
from mlgitops.spec.resolved import ResolvedModel
from mlgitops.spec.serving import ONLINE

LONGEST_NAME = 52 - len("-drift")
"""Argo takes 52 characters for a CronWorkflow, whose name ends in -drift."""
_DRIFT: Pointer = ("monitoring", "drift")
_SINK: Pointer = ("monitoring", "payloadSink")


def check(model: ResolvedModel) -> Iterator[Finding]:
    """Findings about monitoring.payloadSink and monitoring.drift."""
    yield from _sink(model)
    drift = model.spec.monitoring.drift
    if drift is not None:
        yield from _inputs(model)
        yield from _job(model, drift)


def _sink(model: ResolvedModel) -> Iterator[Finding]:
    sink, serving = model.spec.monitoring.payload_sink, model.spec.serving
    if sink is None:
        return
    if serving.mode not in ONLINE:
        yield model.finding(
            "payload-sink-not-used", _SINK, f"KServe logs no requests in mode {serving.mode}",
            help="remove monitoring.payloadSink; it is for realtime and edge",
        )  # fmt: skip
    if serving.logger is not None:
        yield model.finding(
            "logger-twice", ("serving", "logger"), "monitoring.payloadSink is the one logger",
            help="remove serving.logger",
        )  # fmt: skip
    yield from storage.check(model, (*_SINK, "location"), sink.location)


def _inputs(model: ResolvedModel) -> Iterator[Finding]:
    """Requests and reference data, each of which may be missing."""
    sink = model.spec.monitoring.payload_sink
    if sink is None:
        yield model.finding(
            "drift-not-measurable", _DRIFT, "no requests are logged that could be compared",
            help="add monitoring.payloadSink, with url and location",
        )  # fmt: skip
    elif sink.mode == "response":
        yield model.finding(
            "drift-not-measurable", (*_SINK, "mode"), "only responses are logged, and drift is of requests",
            help="write mode: request, or all",
        )  # fmt: skip
    reference = model.spec.release.reference
    if reference is None:
        yield model.finding(
            "drift-not-measurable", _DRIFT, "the release names no reference data to compare requests with",
            help="add release.reference; mlgitops release sets it by --reference",
        )  # fmt: skip
        return
    yield from storage.check(model, ("release", "reference"), reference)
    for pointer, uri in ((("release", "reference"), reference), ((*_SINK, "location"), sink.location if sink else "")):
        if uri.startswith("oci://"):
            yield model.finding(
                "drift-not-measurable", pointer, "the drift job reads files and objects, and no images",
                help="put the data into storage",
            )  # fmt: skip


def _job(model: ResolvedModel, drift: Drift) -> Iterator[Finding]:
    yield from components.check(model, _DRIFT, "argoWorkflows", OLDEST_ARGO, "the drift job")
    yield from images.check(model, (*_DRIFT, "image"), drift.image)
    if drift.evidence is not None:
        yield from images.check(model, (*_DRIFT, "evidence", "image"), drift.evidence.image)
    yield from _schedule(model, drift)
    yield from braces.check(model, [(("release", "reference"), model.spec.release.reference)])
    if model.place.spec.pushgateway is None:
        yield model.finding(
            "pushgateway-missing", _DRIFT, f"target {model.place.target} has no Pushgateway, so that no alert can come",
            help=f"add spec.pushgateway: http://HOST:PORT to targets/{model.place.target}.yaml",
        )  # fmt: skip
    yield from unknown_identity(model, (*_DRIFT, "identity"), drift.identity)
    if len(model.name) > LONGEST_NAME:
        yield model.finding(
            "drift-name-too-long", _DRIFT, "the drift job's name would have more than 52 characters",
            help=f"a model that is watched for drift has a name of at most {LONGEST_NAME} characters",
        )  # fmt: skip


def _schedule(model: ResolvedModel, drift: Drift) -> Iterator[Finding]:
    if wrong := problem(drift.schedule):
        yield model.finding(
            "invalid-cron", (*_DRIFT, "schedule"), f"'{drift.schedule}': {wrong}",
            help="five fields: minute hour day month weekday, such as 30 3 * * 1-5",
        )  # fmt: skip
    yield from schedule.check(model, _DRIFT, (), (*_DRIFT, "timezone"), drift.timezone)
