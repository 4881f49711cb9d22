"""An InferenceService of KServe as a Model. Pure.

What a Model has no word for is left to the comparison with what is rendered from it (``round_trip``). Source of the
fields: ``pkg/apis/serving/v1beta1`` of KServe v0.17.0.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from mlgitops.compile.imported import Spec, metadata_of, variables
from mlgitops.compile.notes import Notes
from mlgitops.compile.quantities import resources
from mlgitops.compile.written import Where

OLD_PREDICTORS = ("sklearn", "xgboost", "tensorflow", "pytorch", "triton", "onnx", "huggingface", "pmml", "lightgbm",
                  "paddle")  # fmt: skip
"""Names of frameworks that stand in the place of ``model`` in objects of KServe's first v1beta1."""
_VERSION = re.compile(r"[A-Za-z0-9]([-._A-Za-z0-9]{0,61}[A-Za-z0-9])?")
_MODEL = ("runtime", "args")


def is_inference_service(data: Any) -> bool:
    """Whether this is an InferenceService."""
    return (
        isinstance(data, Mapping)
        and str(data.get("apiVersion")).startswith("serving.kserve.io/")
        and data.get("kind") == "InferenceService"
    )


def in_new_words(data: Mapping[str, Any]) -> dict[str, Any]:
    """The same with ``predictor.model`` for ``predictor.sklearn`` and its like, which KServe itself rewrites so."""
    spec = data.get("spec") or {}
    predictor = dict(spec.get("predictor") or {})
    for name in [name for name in OLD_PREDICTORS if name in predictor]:
        predictor["model"] = {"modelFormat": {"name": name}, **(predictor.pop(name) or {})}
    return {**data, "spec": {**spec, "predictor": predictor}}


def model(data: Mapping[str, Any], release: str, classes: Mapping[str, str], notes: Notes, where: Where) -> Spec:
    """The Model of an InferenceService ``in_new_words``; ``release`` is its release's version, guessed where empty."""
    name = str((data.get("metadata") or {}).get("name") or "")
    predictor = (data.get("spec") or {}).get("predictor") or {}
    served = predictor.get("model") or {}
    uri = str(served.get("storageUri") or "")
    if not uri:
        notes.refuse(
            where.at("spec", "predictor"),
            f"InferenceService {name} names no storageUri of a model",
            "a Model serves an artifact with one of KServe's runtimes; give spec.predictor.model.storageUri",
        )
    spec = {
        "release": {
            "version": release or _version(uri), "artifact": {"uri": uri}, "image": served.get("image"),
        },
        "serving": _serving(data, served, predictor, classes, notes, where),
        "rollout": _rollout(predictor.get("deploymentStrategy") or {}),
    }  # fmt: skip
    return Spec("Model", name, spec, metadata_of(data))


def _serving(
    data: Mapping[str, Any], served: Mapping[str, Any], predictor: Mapping[str, Any], classes: Mapping[str, str],
    notes: Notes, where: Where,
) -> dict[str, Any]:  # fmt: skip
    ports = served.get("ports") or [{}]
    timeout = predictor.get("timeout")
    parts = data.get("spec") or {}
    place = where.at("spec", "predictor", "model", "resources")
    return {
        "format": (served.get("modelFormat") or {}).get("name"),
        **{field: served.get(field) for field in _MODEL},
        "protocol": served.get("protocolVersion"),
        "port": ports[0].get("containerPort"),
        "env": variables(served),
        "resources": resources(served.get("resources") or {}, classes, notes, place),
        "scaling": _scaling(predictor),
        "timeout": f"{timeout}s" if timeout else None,
        "maxConcurrency": predictor.get("containerConcurrency") or None,
        "batcher": _batcher(predictor.get("batcher")),
        "logger": predictor.get("logger"),
        "spreadZones": any(one.get("topologyKey") == "topology.kubernetes.io/zone"
                           for one in predictor.get("topologySpreadConstraints") or ()) or None,
        **{part: _component(parts[part], classes, notes, where.at("spec", part))
           for part in ("transformer", "explainer") if parts.get(part)},
    }  # fmt: skip


def _scaling(part: Mapping[str, Any]) -> dict[str, Any]:
    """KServe takes 1 for the fewest where it is left out, and as many as the fewest for the most (``0``)."""
    fewest = part.get("minReplicas")
    most = part.get("maxReplicas") or None
    bounds = {"min": fewest, "max": max(most or 1, fewest or 0, 1) if (most or fewest) else None}
    return {**bounds, "metric": part.get("scaleMetric"), "target": part.get("scaleTarget")}


def _batcher(batcher: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if batcher is None:
        return None
    latency = batcher.get("maxLatency")
    return {"maxBatchSize": batcher.get("maxBatchSize"), "maxLatency": f"{latency}ms" if latency else None}


def _rollout(strategy: Mapping[str, Any]) -> dict[str, Any]:
    bounds = strategy.get("rollingUpdate") or {}
    recreate = "recreate" if strategy.get("type") == "Recreate" else None
    return {"strategy": recreate, "maxSurge": bounds.get("maxSurge"), "maxUnavailable": bounds.get("maxUnavailable")}


def _component(part: Mapping[str, Any], classes: Mapping[str, str], notes: Notes, where: Where) -> dict[str, Any]:
    container = (part.get("containers") or [{}])[0]
    place = where.at("containers", 0, "resources")
    bounds = _scaling(part)
    return {
        **{field: container.get(field) for field in ("image", "command", "args")},
        "env": variables(container),
        "resources": resources(container.get("resources") or {}, classes, notes, place),
        "min": bounds["min"],
        "max": bounds["max"],
    }


def _version(uri: str) -> str:
    """The last part of the artifact's address that looks like a version, as in ``…/iris/1.0``; else ``imported``."""
    parts = [part for part in uri.split("/")[3:] if _VERSION.fullmatch(part) and re.match(r"v?\d", part)]
    return parts[-1] if parts else "imported"
