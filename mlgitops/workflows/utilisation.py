"""What an environment's models use of what they ask for, by the Prometheus of each target. Reads only."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from mlgitops.capacity.cost import cost, per_hour
from mlgitops.capacity.footprint import Amounts
from mlgitops.capacity.queries import ONLINE, Queries, Watched, queries, watched
from mlgitops.capacity.terms import Terms
from mlgitops.capacity.utilisation import Asks, Found, Uses, Utilisation, proposal
from mlgitops.errors import InferenceError, MlgitopsError, NotAuthorisedError
from mlgitops.inference.prometheus import Prometheus, Sample
from mlgitops.plan.asked import Asked
from mlgitops.render.terms import terms
from mlgitops.spec.project_files import what_there_is
from mlgitops.spec.quantities import amount
from mlgitops.spec.resolve import Resolution
from mlgitops.spec.resolved import ResolvedModel
from mlgitops.targets.at_once import at_once
from mlgitops.workflows.project import Opened, choose_environments
from mlgitops.workflows.render import checked, refuse
from mlgitops.workflows.sites import WIDTH

NOT_SAID = "the target does not say where its Prometheus is: spec.prometheus"
NO_SAMPLES = "Prometheus has no samples of its pods"


@dataclass(frozen=True, slots=True)
class _Place:
    """One target with what is watched there."""

    target: str
    terms: Terms
    models: Sequence[Watched]
    queries: Queries
    server: Prometheus | None


@dataclass(frozen=True, slots=True)
class _Told:
    models: Sequence[Utilisation]
    problem: str = ""
    denied: bool = False


def utilisation(
    opened: Opened, environment: str, asked: Asked, window: str, variables: Mapping[str, str], url: str = ""
) -> Found:
    """Asks every target at once; one that gives no answer holds up no other. ``url`` goes before what targets say.

    Raises ``FindingsError`` where the specs are wrong, and ``MlgitopsError`` where what is asked for is not there.
    """
    (name,) = choose_environments(opened, (environment,))
    resolution, findings = checked(opened.source, name, opened.cache)
    refuse(findings)
    targets = _targets(resolution, asked)
    _require_models(resolution, targets, asked)
    places = [_place(resolution, target, asked, window, variables, url) for target in targets]
    told = at_once(_ask, places, WIDTH)
    models = tuple(sorted((one for each in told for one in each.models), key=lambda one: (one.model, one.target)))
    proposals = _proposals(
        models, {(one.name, one.place.target) for one in resolution.models if _is_wanted(one, asked)}
    )
    unread = {place.target: one.problem for place, one in zip(places, told, strict=True) if one.problem}
    denied = bool(unread) and all(one.denied for one in told if one.problem)
    by_target = {place.target: place.terms for place in places}
    currencies = (one.prices.currency for one in by_target.values() if one.prices)
    saved = {model: _saved(model, asks, models, by_target) for model, asks in proposals.items()}
    return Found(name, window, models, proposals, saved, next(currencies, ""), unread, denied)


def _targets(resolution: Resolution, asked: Asked) -> list[str]:
    for target in asked.targets:
        if target not in resolution.targets:
            raise MlgitopsError(
                f"environment {resolution.environment} has no target '{target}'",
                help=f"one of: {', '.join(resolution.targets)}",
            )
    return [name for name in resolution.targets if not asked.targets or name in asked.targets]


def _require_models(resolution: Resolution, targets: Sequence[str], asked: Asked) -> None:
    everything = replace(asked, models=())
    known = {one.name for one in resolution.models if one.place.target in targets and _is_wanted(one, everything)}
    for model in asked.models:
        if model not in known:
            raise MlgitopsError(
                f"no model '{model}' serves all the time in {resolution.environment}",
                help=what_there_is(model, sorted(known), "one of"),
            )


def _place(
    resolution: Resolution, target: str, asked: Asked, window: str, variables: Mapping[str, str], url: str
) -> _Place:
    assert resolution.project is not None  # it was checked
    spec = resolution.targets[target].spec
    here = [one for one in resolution.models if one.place.target == target and _is_wanted(one, asked)]
    namespace = here[0].place.namespace if here else spec.namespace
    own = spec.prometheus
    token = variables.get(own.token_from, "") if own and own.token_from else ""
    address = url or (own.url if own else "")
    server = Prometheus(address, variables, token if own and address == own.url else "") if address else None
    found = [_watched(one) for one in here]
    return _Place(target, terms(spec, resolution.project.spec.prices), found, queries(namespace, window), server)


def _is_wanted(model: ResolvedModel, asked: Asked) -> bool:
    serves = model.spec.serving.mode in ONLINE and model.spec.lifecycle.stage != "retired"
    return serves and (not asked.models or model.name in asked.models)


def _watched(model: ResolvedModel) -> Watched:
    resources, scaling = model.spec.serving.resources, model.spec.serving.scaling
    accelerator = resources.accelerator
    gpu = (accelerator.class_, accelerator.count) if accelerator else ("", 0)
    asks = Asks(amount(resources.cpu), amount(resources.memory), *gpu)
    return watched(model.name, ONLINE[model.spec.serving.mode], asks, scaling.min)


def _ask(place: _Place) -> _Told:
    if not place.models:
        return _Told(())
    if place.server is None:
        return _Told(_unknown(place, NOT_SAID), NOT_SAID)
    try:
        samples = [place.server.query(query) for query in place.queries]
    except NotAuthorisedError as error:
        return _Told(_unknown(place, error.message), error.message, denied=True)
    except InferenceError as error:
        return _Told(_unknown(place, error.message), error.message)
    return _Told([_measured(place.target, one, samples) for one in place.models])


def _unknown(place: _Place, problem: str) -> list[Utilisation]:
    return [
        Utilisation(one.model, place.target, one.asks, replicas=one.replicas, problem=problem) for one in place.models
    ]


def _measured(target: str, one: Watched, samples: Sequence[Sequence[Sample]]) -> Utilisation:
    def values(found: Iterable[Sample], container: str) -> Iterator[float]:
        own = (each for each in found if one.pods.fullmatch(each.labels.get("pod", "")))
        return (each.value for each in own if each.labels.get("container", container) == container)

    cpu, memory, gpu = (list(values(found, one.container)) for found in samples)
    uses = Uses(_of(max, cpu), _of(max, memory), _of(lambda all: sum(all) / len(all), gpu))
    found = Utilisation(one.model, target, one.asks, uses, one.replicas)
    return found if found.measured else replace(found, problem=NO_SAMPLES)


def _of(one: Callable[[list[float]], float], values: list[float]) -> float | None:
    """One number of all that are numbers; None for none."""
    numbers = [value for value in values if 0 <= value < float("inf")]
    return one(numbers) if numbers else None


def _proposals(models: Iterable[Utilisation], everywhere: Iterable[tuple[str, str]]) -> dict[str, Asks]:
    """What models should ask for, since their file is for all of their targets: those that were left out, too."""
    by_model: dict[str, list[Utilisation]] = {}
    for one in models:
        by_model.setdefault(one.model, []).append(one)
    known = {(one.model, one.target) for own in by_model.values() for one in own}
    partly = {name for name, target in everywhere if (name, target) not in known}
    found = {model: proposal(own) for model, own in by_model.items() if model not in partly}
    return {model: asks for model, asks in found.items() if asks is not None}


def _saved(model: str, asks: Asks, models: Iterable[Utilisation], by_target: Mapping[str, Terms]) -> Decimal:
    """What it saves a month with the fewest replicas, at all targets; negative where it costs more."""
    saved = Decimal(0)
    for one in models:
        if one.model == model:
            less = (("cpu", one.asks.cpu - asks.cpu), ("memory", one.asks.memory - asks.memory))
            amounts = [(name, Amounts(number * one.replicas)) for name, number in less]
            saved += cost(amounts, per_hour(by_target[one.target])).least
    return saved
