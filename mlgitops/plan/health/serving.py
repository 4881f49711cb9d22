"""Health of what serves: InferenceService, LLMInferenceService, InferenceGraph. Shapes read in KServe 0.15 to 0.20."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from mlgitops.manifest import Manifest
from mlgitops.plan.health.fields import Block, block, conditions, is_false, is_true, since, text, unseen, words
from mlgitops.plan.health.state import Health, failed, progressing, ready, suspended

# Ready is False also while pods start (MinimumReplicasUnavailable), so that only these reasons are a failure.
_FATAL = frozenset({"ProgressDeadlineExceeded", "RevisionFailed", "ContainerMissing"})
_BLOCKED = {
    "BlockedByFailedLoad": "the model could not be loaded",
    "InvalidSpec": "the predictor's specification is invalid",
}
_LOADED = frozenset({"Loaded", "Pending", ""})
"""States of the wanted model beside which Ready counts. Pending says that it has no pod, be it because it is scaled to
none or because the first pod is yet to come (kserve#3686); Ready: True decides."""
_WAITING = "KServe has not reported on it yet"


def inference_service(manifest: Manifest) -> Health:
    """An InferenceService, by its conditions and the state of its model.

    Never certain: ``status.observedGeneration`` is the generation of the Deployment or Knative Service beneath, which
    has nothing to do with the object's own (comparing the two never ends, kserve#3973). ``Stopped: False`` is a
    condition of every healthy service (kserve#4791).
    """
    return replace(_inference_service(manifest), certain=False)


def _inference_service(manifest: Manifest) -> Health:
    found = conditions(manifest)
    if is_true(found.get("Stopped")):
        return suspended("it is stopped", since(found["Stopped"]))
    model = block(manifest, "status", "modelStatus")
    if text(model, "transitionStatus") in _BLOCKED:
        return _blocked(model, found.get("Ready"))
    target = _unloaded(model)
    if target and is_true(found.get("Ready")):
        return progressing(f"the new version of the model is not loaded yet: {target}")
    return _by_ready(found)


def _unloaded(model: Block) -> str:
    """The state of the wanted model while it is not loaded; empty where it is, or nothing says so.

    Ready may be True meanwhile, by the version that served before.
    """
    target = text(block(model, "states"), "targetModelState")
    coming = target == "Loading" or text(model, "transitionStatus") == "InProgress"
    return target if coming and target not in _LOADED else ""


def _blocked(model: Block, ready: Block | None) -> Health:
    """A model that does not load. ``lastFailureInfo`` outlives its failure, so that it is read only here.

    Its time is optional; without it, it is since when the service is not ready.
    """
    info = block(model, "lastFailureInfo")
    what = _BLOCKED[text(model, "transitionStatus")]
    details = [part for part in (text(info, "reason"), text(info, "location"), text(info, "message")) if part]
    return failed(": ".join([what, *details]), text(info, "time") or (since(ready) if is_false(ready) else ""))


def llm_inference_service(manifest: Manifest) -> Health:
    """An LLMInferenceService, by its conditions. One that is stopped says so as the reason of a condition."""
    found = conditions(manifest)
    stopped = [one for one in found.values() if text(one, "reason") == "Stopped"]
    health = suspended("it is stopped", since(stopped[0])) if stopped else _by_ready(found)
    certain = "observedGeneration" in block(manifest, "status")
    return unseen(manifest) or replace(health, certain=certain)


def inference_graph(manifest: Manifest) -> Health:
    """An InferenceGraph. As with an InferenceService, its observed generation is that of what is beneath it."""
    return replace(_by_ready(conditions(manifest)), certain=False)


def _by_ready(found: dict[str, Block]) -> Health:
    """By the condition Ready; why it is not, by the conditions beneath."""
    top = found.get("Ready")
    if is_true(top):
        return ready(since=since(top))
    wrong = list(_wrong(found))
    fatal = [one for one in wrong if is_false(one) and text(one, "reason") in _FATAL]
    if fatal:
        return failed("; ".join(map(words, fatal)), since(fatal[0]))
    return progressing("; ".join(map(words, wrong)) or _WAITING, since(top))


def _wrong(found: dict[str, Block]) -> Iterator[Block]:
    """The conditions that are not True, Ready itself only where no other says more. ``Info`` ones do not count."""
    beneath = [one for name, one in found.items() if name not in ("Ready", "Stopped") and not is_true(one)]
    grave = [one for one in beneath if text(one, "severity") != "Info"]
    yield from grave
    if not grave and "Ready" in found:
        yield found["Ready"]
