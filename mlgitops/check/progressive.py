"""Rules of the strategies in which two releases run side by side: canary, shadow and blueGreen. Pure.

In Standard mode requests are shared out by an HTTPRoute: ``timeouts`` is in the Gateway API's standard channel from
v1.2 on, ``percent`` of a mirror from v1.3 on (its CHANGELOG). On Knative KServe does it, which has no mirror.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from mlgitops.check import components, serving
from mlgitops.check.runtimes import runtime_of
from mlgitops.finding import Finding, Severity
from mlgitops.spec.resolve import Resolution
from mlgitops.spec.resolved import NEW_SUFFIX, STABLE, ResolvedModel
from mlgitops.spec.rollout import PROGRESSIVE, Shadow
from mlgitops.spec.side_by_side import is_progressive, new_percent, side_by_side
from mlgitops.spec.target import ServingGateway

POLICY_CODES = frozenset({"rollout-model-name"})

OLDEST_GATEWAY_API = "1.2"
OLDEST_PERCENT = "1.3"
LONGEST_HOST = 253
"""The most characters of a host of a route (the Gateway API's ``Hostname``)."""

ROUTE_SUFFIX = "-traffic"
"""What the route is called after the model's name."""

_BLOCKS = {"canary": "canary", "shadow": "shadow", "blue_green": "blueGreen"}
_OTHER_MODES = ("batch", "streaming")
"""The modes that nobody else refuses these strategies in: ``llm`` and ``edge`` have rules of their own."""


def check(model: ResolvedModel) -> Iterator[Finding]:
    """Findings about a rollout by two releases, or about what is said of one in vain."""
    yield from _unused(model)
    rollout, mode = model.spec.rollout, model.spec.serving.mode
    if rollout.strategy in PROGRESSIVE and mode in _OTHER_MODES:
        yield model.finding(
            "rollout-needs-realtime", ("rollout", "strategy"),
            f"{rollout.strategy} is for mode realtime: in mode {mode} there are no requests to share out",
            help="set rollout.strategy to rolling",
        )  # fmt: skip
    if is_progressive(model):
        yield from _releases(model)
        if model.place.spec.serving.deployment_mode == "Knative":
            yield from _on_knative(model)
        else:
            yield from _in_standard_mode(model)


def check_environment(resolution: Resolution) -> Iterator[Finding]:
    """Findings about models that have a name which a rollout takes: KServe makes objects of each model's name, too."""
    there = {(model.place.target, model.name) for model in resolution.models}
    for model in resolution.models:
        yield from (_taken(model, name) for name in names(model) if (model.place.target, name) in there)


def names(model: ResolvedModel) -> tuple[str, ...]:
    """The names that a model's rollout takes beside the model's own."""
    if is_progressive(model) and model.place.spec.serving.deployment_mode == "Standard":
        return model.name + NEW_SUFFIX, model.name + ROUTE_SUFFIX
    return ()


def _taken(model: ResolvedModel, name: str) -> Finding:
    return model.finding(
        "rollout-name-taken", ("rollout", "strategy"),
        f"a rollout by {model.spec.rollout.strategy} takes the name {name}, and a model has it",
        help="rename one of the models",
    )  # fmt: skip


def of_stable(model: ResolvedModel, rules: Iterable[Callable[..., Iterator[Finding]]]) -> Iterator[Finding]:
    """What the rules for models say of the stable release alone, at its place in the rollout."""
    releases = side_by_side(model)
    if releases is None:
        return
    field = "." + ".".join(map(str, STABLE)) + "."
    for rule in rules:
        if rule is not check:
            yield from (found for found in rule(releases.stable) if field in f".{found.pointer}.")


def _unused(model: ResolvedModel) -> Iterator[Finding]:
    rollout = model.spec.rollout
    for field, name in _BLOCKS.items():
        if getattr(rollout, field) is not None and rollout.strategy != name:
            yield model.finding(
                "rollout-block-unused", ("rollout", name),
                f"rollout.{name} is for strategy {name}; the strategy is {_strategy(model)}",
                help=f"remove it, or set it to null in the target's profile, or set rollout.strategy to {name}",
            )  # fmt: skip
    if rollout.stable is not None and rollout.strategy not in PROGRESSIVE:
        yield model.finding(
            "rollout-stable-unused", STABLE,
            f"with strategy {_strategy(model)} one release runs, and rollout.stable would not",
            help="remove it; where this target shall have the new release at once, set it to null in its profile",
        )  # fmt: skip


def _strategy(model: ResolvedModel) -> str:
    """The strategy, with its place where the Target's profile wins over what the model itself may say."""
    said = model.provenance.origin(("rollout", "strategy")).location
    of_profile = said.path == f"targets/{model.place.target}.yaml"
    return model.spec.rollout.strategy + (f" (by {said})" if of_profile else "")


def _releases(model: ResolvedModel) -> Iterator[Finding]:
    rollout, release = model.spec.rollout, model.spec.release
    if rollout.stable is None:
        if new_percent(model):
            field = ("canary", "weight") if rollout.strategy == "canary" else ("blueGreen", "active")
            yield model.finding(
                "rollout-without-stable", ("rollout", *field),
                "there is no rollout.stable that could have the other requests; left here, this would hold for the "
                "next release from its first moment",
                help="remove it once a rollout has ended; to begin one, copy the release that runs to rollout.stable",
            )  # fmt: skip
        return
    if rollout.stable.version == release.version:
        yield model.finding(
            "rollout-stable-same", (*STABLE, "version"), f"both releases are {release.version}",
            help="name the release before in rollout.stable, or remove it: then spec.release alone runs",
        )  # fmt: skip
    if model.spec.monitoring.staleness is not None and rollout.stable.trained_at is None:
        yield model.finding(
            "trained-at-missing", STABLE, "staleness counts from trainedAt: it is missing in the stable release",
            help="add rollout.stable.trainedAt, or remove monitoring.staleness",
        )  # fmt: skip


def _on_knative(model: ResolvedModel) -> Iterator[Finding]:
    if model.spec.rollout.strategy == "shadow":
        yield model.finding(
            "rollout-needs-standard", ("rollout", "strategy"),
            f"target {model.place.target} runs models on Knative, which copies no requests",
            help="set rollout.strategy to canary or rolling, in the target's profile where it is for this target alone",
        )  # fmt: skip


def _in_standard_mode(model: ResolvedModel) -> Iterator[Finding]:
    strategy, gateway = model.spec.rollout.strategy, model.place.spec.serving.gateway
    at = ("rollout", "strategy")
    share = strategy == "shadow" and (model.spec.rollout.shadow or Shadow()).percent < 100
    oldest, need = (OLDEST_PERCENT, "a share of copied requests") if share else (OLDEST_GATEWAY_API, strategy)
    yield from components.check(model, at, "gatewayApi", oldest, f"{need} in Standard mode")
    if gateway is None:
        yield model.finding(
            "rollout-gateway-missing", at,
            f"target {model.place.target} names no gateway that could share requests out",
            help=f"add serving.gateway with name, namespace and hostname to targets/{model.place.target}.yaml, or set "
            "rollout.strategy to rolling in its profile",
        )  # fmt: skip
    else:
        yield from _host(model, gateway)
    if model.spec.serving.graph is not None:
        yield model.finding(
            "rollout-with-graph", ("serving", "graph"),
            f"a graph calls models by their InferenceService, so that {strategy} would not share out what it asks",
            help="set rollout.strategy to rolling",
        )  # fmt: skip
    yield from serving.names(replace(model, part="new"))
    yield from _model_name(model)


def _host(model: ResolvedModel, gateway: ServingGateway) -> Iterator[Finding]:
    host = gateway.host(model.name, model.place.namespace, model.place.environment)
    labels = host.split(".")
    good = all(label and len(label) <= serving.LONGEST_LABEL and label.strip("-") == label for label in labels)
    if not good or len(host) > LONGEST_HOST:
        yield model.finding(
            "rollout-host-invalid", ("rollout", "strategy"),
            f"the gateway's hostname makes '{host}' of the model, of which no host can be",
            help=f"change serving.gateway.hostname in targets/{model.place.target}.yaml, or shorten the model's name: "
            f"each part between dots has 1 to {serving.LONGEST_LABEL} characters and neither begins nor ends with '-'",
        )  # fmt: skip


def _model_name(model: ResolvedModel) -> Iterator[Finding]:
    """KServe's own runtimes are told the model's name; of another, nobody knows where it takes it from."""
    runtime = runtime_of(model.spec.serving)
    if runtime is not None and runtime.named_by is None:
        yield model.finding(
            "rollout-model-name", ("serving", "runtime"),
            f"it is not known how runtime {runtime.name} learns what requests call the model: the new release runs as "
            f"{model.name}-canary, and has to answer to the same requests as the stable one",
            help="give the name in serving.args or serving.env; once it does, set policy.rules.rollout-model-name to "
            "'off'", severity=Severity.WARNING,
        )  # fmt: skip
