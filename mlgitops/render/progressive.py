"""Real-time serving where one release takes over from another: two InferenceServices and the route to them. Pure.

On Knative one InferenceService is enough, since KServe keeps the revision before and shares requests out itself
(``pkg/controller/v1beta1/inferenceservice/reconcilers/knative/ksvc_reconciler.go`` of KServe v0.17.0). In Standard mode
it takes no notice of ``canaryTrafficPercent`` (kserve#5335), so that there is one for each release: that of the stable
release under the model's name, unchanged, and that of the new one beside it. When the rollout ends, the first becomes
what the second was.
"""

from __future__ import annotations

from dataclasses import replace

from mlgitops.check.runtimes import runtime_of
from mlgitops.manifest import Manifest
from mlgitops.render import realtime, traffic
from mlgitops.spec.resolved import ResolvedModel
from mlgitops.spec.serving import Component, Serving, Variable
from mlgitops.spec.side_by_side import is_progressive, side_by_side

MODEL_NAME = "--model_name"
"""The argument by which KServe tells a server, a transformer or an explainer how requests call the model."""
MLSERVER_NAME = "MLSERVER_MODEL_NAME"


def render(model: ResolvedModel) -> list[Manifest]:
    """The manifests of a model in real time, whatever its strategy. Raises as ``realtime.render`` does."""
    if realtime.is_knative(model) or not is_progressive(model):
        return realtime.render(model)
    route = traffic.http_route(model)
    releases = side_by_side(model)
    if releases is None:
        return [*realtime.render(model), route]
    new = under_the_models_name(releases.new)
    return [*realtime.render(releases.stable), realtime.inference_service(new), route]


def under_the_models_name(new: ResolvedModel) -> ResolvedModel:
    """The new release as it answers to the same requests as the stable one.

    They name the model in their path, and KServe calls it by the InferenceService's name unless told otherwise.
    """
    serving, runtime = new.spec.serving, runtime_of(new.spec.serving)
    named_by = runtime.named_by if runtime else None
    own = {
        "args": _named(serving.args, new.name) if named_by == "argument" else serving.args,
        "env": _variables(serving, new.name) if named_by == "variable" else serving.env,
        "transformer": _component(serving.transformer, new.name),
        "explainer": _component(serving.explainer, new.name),
    }
    spec = new.spec.model_copy(update={"serving": serving.model_copy(update=own)})
    return replace(new, spec=spec)


def _named(args: tuple[str, ...], name: str) -> tuple[str, ...]:
    """The arguments with the model's name, unless they have one. They come after KServe's own, and the last counts."""
    return args if any(arg.startswith(MODEL_NAME) for arg in args) else (*args, f"{MODEL_NAME}={name}")


def _variables(serving: Serving, name: str) -> tuple[Variable, ...]:
    """The variables with the model's name, unless they have one (``SetMlServerDefaults`` leaves it alone then)."""
    if any(variable.name == MLSERVER_NAME for variable in serving.env):
        return serving.env
    return (*serving.env, Variable(name=MLSERVER_NAME, value=name))


def _component(component: Component | None, name: str) -> Component | None:
    return component and component.model_copy(update={"args": _named(component.args, name)})
