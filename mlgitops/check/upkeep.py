"""Rules of the upkeep of logged requests: what it does must make sense, and be possible at the Target. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from mlgitops.check import braces, components, images, schedule
from mlgitops.check.batch import OLDEST_ARGO
from mlgitops.check.references import unknown_identity
from mlgitops.finding import Finding
from mlgitops.spec.cron import problem
from mlgitops.spec.monitoring import PayloadFeature, Upkeep
from mlgitops.spec.positions import Pointer
from mlgitops.spec.resolved import ResolvedModel

LONGEST_NAME = 52 - len("-upkeep")
"""Argo takes 52 characters for a CronWorkflow, whose name ends in -upkeep."""
_UPKEEP: Pointer = ("monitoring", "payloadSink", "upkeep")


def check(model: ResolvedModel) -> Iterator[Finding]:
    """Findings about monitoring.payloadSink.upkeep."""
    sink = model.spec.monitoring.payload_sink
    if sink is None or sink.upkeep is None:
        return
    upkeep = sink.upkeep
    if upkeep.retention is None and not upkeep.features:
        yield model.finding(
            "upkeep-empty", _UPKEEP, "neither a retention nor features are given, so that there is nothing to see to",
            help="add retention: 30d or features, or remove upkeep",
        )  # fmt: skip
    for index, feature in enumerate(upkeep.features):
        yield from _feature(model, (*_UPKEEP, "features", index), feature)
    yield from _job(model, upkeep)


def _feature(model: ResolvedModel, pointer: Pointer, feature: PayloadFeature) -> Iterator[Finding]:
    """A rule that no value could break, or none keep."""
    of_numbers = feature.min is not None or feature.max is not None
    if feature.type == "text" and of_numbers:
        yield model.finding(
            "feature-rule", pointer, f"{feature.name} is a text, which has no min and max", help="use values, or number"
        )
    if feature.type == "number" and feature.values:
        yield model.finding(
            "feature-rule", pointer, f"{feature.name} is a number, which has no list of values",
            help="use min and max, or text",
        )  # fmt: skip
    if feature.min is not None and feature.max is not None and feature.min > feature.max:
        yield model.finding(
            "feature-rule", pointer, f"no number is both at least {feature.min:g} and at most {feature.max:g}",
            help="exchange min and max",
        )  # fmt: skip


def _job(model: ResolvedModel, upkeep: Upkeep) -> Iterator[Finding]:
    yield from components.check(model, _UPKEEP, "argoWorkflows", OLDEST_ARGO, "the upkeep of logged requests")
    if upkeep.features and model.place.spec.components.prometheus_operator is None:
        yield model.finding(
            "component-missing", (*_UPKEEP, "features"),
            f"target {model.place.target} has no Prometheus operator, so that no alert can be raised",
            help=f"declare components.prometheusOperator in targets/{model.place.target}.yaml",
        )  # fmt: skip
    yield from images.check(model, (*_UPKEEP, "image"), upkeep.image)
    if wrong := problem(upkeep.schedule):
        yield model.finding(
            "invalid-cron", (*_UPKEEP, "schedule"), f"'{upkeep.schedule}': {wrong}",
            help="five fields: minute hour day month weekday, such as 30 3 * * 1-5",
        )  # fmt: skip
    yield from schedule.check(model, _UPKEEP, (), (*_UPKEEP, "timezone"), upkeep.timezone)
    yield from unknown_identity(model, (*_UPKEEP, "identity"), upkeep.identity)
    yield from braces.check(model, _texts(upkeep))
    if model.place.spec.pushgateway is None:
        yield model.finding(
            "pushgateway-missing", _UPKEEP,
            f"target {model.place.target} has no Pushgateway, so that no alert can come",
            help=f"add pushgateway: http://HOST:PORT to targets/{model.place.target}.yaml",
        )  # fmt: skip
    if len(model.name) > LONGEST_NAME:
        yield model.finding(
            "name-too-long", _UPKEEP, "the name of the job would be longer than the 52 characters that Argo takes",
            help=f"a model whose logged requests are kept up has a name of at most {LONGEST_NAME} characters",
        )  # fmt: skip


def _texts(upkeep: Upkeep) -> Iterator[tuple[Pointer, str]]:
    for index, feature in enumerate(upkeep.features):
        pointer = (*_UPKEEP, "features", index)
        yield from ((pointer, text) for text in (feature.name, *feature.values))
