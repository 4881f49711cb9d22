"""The route by which requests come to a model's releases in Standard mode: an HTTPRoute of the Gateway API. Pure.

It is there as long as the strategy is one that has two releases run, so that clients keep one address before, during
and after each rollout. Its host is its own: KServe makes routes for each InferenceService, whose names and hosts are
none of ours, and where two routes had one host, the older one would win.

Facts are of KServe v0.15.2 to v0.17.0: the Service of each part is ``NAME-PART`` and takes requests on port 80, the
transformer stands before the predictor, and what ends in ``:explain`` is the explainer's
(``pkg/controller/v1beta1/inferenceservice/reconcilers/ingress/httproute_reconciler.go``, ``pkg/constants``).
"""

from __future__ import annotations

from typing import Any

from mlgitops.check.progressive import ROUTE_SUFFIX
from mlgitops.manifest import Manifest
from mlgitops.progressive.exposure import mirror
from mlgitops.render.metadata import object_metadata
from mlgitops.spec.quantities import seconds
from mlgitops.spec.resolved import NEW_SUFFIX, ResolvedModel
from mlgitops.spec.rollout import Shadow
from mlgitops.spec.side_by_side import new_percent, side_by_side

PORT = 80
EXPLAIN = r"^/v1/models/[\w-]+:explain$"
EVERYTHING = "^/.*$"

SOURCES = {
    "HTTPRoute": {
        "metadata.labels": "release.version",
        "metadata.annotations": "release",
        "spec.hostnames": "target:serving.gateway.hostname",
        "spec.parentRefs": "target:serving.gateway",
        "spec.parentRefs.name": "target:serving.gateway.name",
        "spec.parentRefs.namespace": "target:serving.gateway.namespace",
        "spec.rules": "rollout",
        "spec.rules.backendRefs.weight": "rollout.canary.weight",
        "spec.rules.filters": "rollout.strategy",
        "spec.rules.filters.requestMirror.percent": "rollout.shadow.percent",
        "spec.rules.matches": "serving.explainer",
        "spec.rules.timeouts": "serving.timeout",
    },
}


def http_route(model: ResolvedModel) -> Manifest:
    """The route to a model, whether one of its releases runs or two. The Target has a gateway, as ``check`` sees to."""
    gateway = model.place.spec.serving.gateway
    assert gateway is not None
    spec = {
        "parentRefs": [{"name": gateway.name, "namespace": gateway.namespace}],
        "hostnames": [gateway.host(model.name, model.place.namespace, model.place.environment)],
        "rules": _rules(model),
    }
    return {
        "apiVersion": "gateway.networking.k8s.io/v1",
        "kind": "HTTPRoute",
        "metadata": object_metadata(model, model.name + ROUTE_SUFFIX, component="traffic"),
        "spec": spec,
    }


def _rules(model: ResolvedModel) -> list[dict[str, Any]]:
    """One rule; before it, where there is an explainer, what is the explainer's."""
    serving = model.spec.serving
    entry = "transformer" if serving.transformer is not None else "predictor"
    if serving.explainer is None:
        return [_rule(model, entry)]
    return [_rule(model, "explainer", EXPLAIN), _rule(model, entry, EVERYTHING)]


def _rule(model: ResolvedModel, part: str, path: str = "") -> dict[str, Any]:
    matches = [{"path": {"type": "RegularExpression", "value": path}}] if path else []
    return {
        **({"matches": matches} if matches else {}),
        **_leads_to(model, part),
        "timeouts": {"request": _duration(seconds(model.spec.serving.timeout))},
    }


def _duration(whole: int) -> str:
    """Seconds as the Gateway API writes them (GEP-2257): at most five digits a unit."""
    hours, rest = divmod(whole, 3600)
    return (f"{hours}h" if hours else "") + (f"{rest}s" if rest or not hours else "")


def _leads_to(model: ResolvedModel, part: str) -> dict[str, Any]:
    """Where requests go. Both weights are there at any share, 0 and 100 too: they change, and nothing comes or goes."""
    stable, new = _service(model.name, part), _service(model.name + NEW_SUFFIX, part)
    rollout = model.spec.rollout
    if side_by_side(model) is None:
        return {"backendRefs": [stable]}
    if rollout.strategy == "shadow":
        return {"filters": [mirror(new, (rollout.shadow or Shadow()).percent)], "backendRefs": [stable]}
    percent = new_percent(model)
    return {"backendRefs": [{**stable, "weight": 100 - percent}, {**new, "weight": percent}]}


def _service(instance: str, part: str) -> dict[str, Any]:
    return {"name": f"{instance}-{part}", "port": PORT}
