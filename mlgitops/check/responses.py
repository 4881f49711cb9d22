"""Rules about what the controller proposes and tells: about models that are there, and what can be seen. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from mlgitops.finding import Finding, Severity
from mlgitops.spec.document import Document
from mlgitops.spec.model import ModelSpec
from mlgitops.spec.positions import Pointer
from mlgitops.spec.project_files import did_you_mean
from mlgitops.spec.reconcile import Response
from mlgitops.spec.resolve import Resolution
from mlgitops.spec.resolved import ResolvedModel

_AT: Pointer = ("spec", "reconcile")
_NEEDS: Mapping[str, tuple[str, Callable[[ModelSpec], object]]] = {
    "drift": ("monitoring.drift", lambda spec: spec.monitoring.drift),
    "stale": ("monitoring.staleness", lambda spec: spec.monitoring.staleness),
    "sloBurn": ("monitoring.objectives", lambda spec: spec.monitoring.objectives),
    "business": ("monitoring.business", lambda spec: spec.monitoring.business),
    "errors": ("monitoring.errorBurst", lambda spec: spec.monitoring.error_burst),
    "rolloutAborted": ("rollout.steps", lambda spec: spec.rollout.steps),
    "rolloutCompleted": ("rollout.steps", lambda spec: spec.rollout.steps),
}
"""By what is seen, the field without which it never is."""


def check(resolution: Resolution, documents: Iterable[Document]) -> Iterator[Finding]:
    """Findings about ``reconcile.responses`` and ``notifications`` of one environment."""
    document = next((one for one in documents if one.data.get("kind") == "Environment"), None)
    if document is None or resolution.spec is None:
        return
    reconcile = resolution.spec.spec.reconcile
    for index, response in enumerate(reconcile.responses):
        yield from _response(document, (*_AT, "responses", index), response, resolution.models)
        yield from _shadowed(document, index, reconcile.responses)
    names: set[str] = set()
    for index, notification in enumerate(reconcile.notifications):
        at: Pointer = (*_AT, "notifications", index)
        if notification.name in names:
            yield document.finding(
                "duplicate-notification", (*at, "name"), f"'{notification.name}' is the name of another notification",
                help="give each a name of its own",
            )  # fmt: skip
        names.add(notification.name)
        yield from _visible(document, at, notification.when, resolution.models)


def _response(
    document: Document, at: Pointer, response: Response, models: Iterable[ResolvedModel]
) -> Iterator[Finding]:
    known = sorted({model.name for model in models})
    for index, name in enumerate(response.models or ()):
        if name not in known:
            yield document.finding(
                "unknown-model", (*at, "models", index), f"'{name}' is not a model of this environment",
                help=f"one of: {', '.join(known[:12]) or 'none'}", suggestion=did_you_mean(name, known),
            )  # fmt: skip
    about = [model for model in models if not response.models or model.name in response.models]
    yield from _visible(document, at, response.when, about)
    if response.open == "complete" and set(response.when) != {"rolloutCompleted"}:
        yield document.finding(
            "response-unfit", (*at, "open"), "only a rollout that completed can be ended with the new release",
            help="give it when: [rolloutCompleted] alone, or open something else",
        )  # fmt: skip


def _shadowed(document: Document, index: int, responses: Sequence[Response]) -> Iterator[Finding]:
    """What never comes to a response, since for each of its models one above it is about the same."""
    response = responses[index]
    for place, signal in enumerate(response.when):
        above = [number for number in range(index) if signal in responses[number].when]
        covered = {name for number in above for name in responses[number].models or ()}
        of_all = [number for number in above if responses[number].models is None]
        if of_all or (response.models and covered.issuperset(response.models)):
            pointer: Pointer = (*_AT, "responses", index, "when", place)
            first = (of_all or above)[0]
            yield Finding(
                "response-shadowed", f"{signal} never comes to this response: responses.{first} above it is first",
                document.locate(pointer), Severity.WARNING, pointer=".".join(map(str, pointer)),
                help=f"leave {signal} out here, or put this response above that one",
            )  # fmt: skip


def _visible(
    document: Document, at: Pointer, when: Iterable[str], models: Sequence[ResolvedModel]
) -> Iterator[Finding]:
    """What can never be seen: no model says what it would be seen by, or no target where to ask."""
    for index, signal in enumerate(when):
        field, given = _NEEDS[signal]
        able = [model for model in models if given(model.spec)]
        why = remedy = ""
        if models and not able:
            why, remedy = f"no model has {field}", f"add {field} to a model, or leave {signal} out"
        elif able and not signal.startswith("rollout") and not any(one.place.spec.prometheus for one in able):
            why, remedy = "no target names its Prometheus", "add spec.prometheus.url to the targets"
        if why:
            pointer: Pointer = (*at, "when", index)
            yield Finding(
                "response-never", f"{signal} is never seen: {why}", document.locate(pointer), Severity.WARNING,
                pointer=".".join(map(str, pointer)), help=remedy,
            )  # fmt: skip
