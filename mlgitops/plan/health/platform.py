"""Health of what surrounds a workload: routes, scalers, volumes, namespaces, definitions."""

from __future__ import annotations

from mlgitops.manifest import Manifest
from mlgitops.plan.health.fields import (
    Block,
    block,
    blocks,
    conditions,
    is_false,
    is_true,
    number,
    since,
    text,
    unseen,
    words,
)
from mlgitops.plan.health.state import Health, failed, progressing, ready, suspended

_PASSING = frozenset({"Pending", "NoReadyParent"})
"""Why a route is not accepted, where that may pass by itself."""


def http_route(manifest: Manifest) -> Health:
    """A route of the Gateway API, by what each of its gateways says about its last generation."""
    parents = blocks(manifest, "status", "parents")
    if not parents:
        return progressing("no gateway has taken the route yet")
    generation = number(block(manifest, "metadata"), "generation")
    found = [_parent(parent, generation) for parent in parents]
    worst = [one for one in found if one.state != "ready"]
    return min(worst, key=lambda one: one.state != "failed") if worst else found[0]


def _parent(parent: Block, generation: int) -> Health:
    found = {text(one, "type"): one for one in blocks(parent, "conditions")}
    accepted = found.get("Accepted")
    if accepted is None or any(number(one, "observedGeneration", generation) < generation for one in found.values()):
        return progressing("a gateway has not seen the last change of the route yet")
    where = text(block(parent, "parentRef"), "name")
    if not is_true(accepted):
        make = failed if is_false(accepted) and text(accepted, "reason") not in _PASSING else progressing
        return make(f"gateway {where}: {words(accepted)}", since(accepted))
    resolved = found.get("ResolvedRefs")
    if is_false(resolved):  # the backend may still come
        return progressing(f"gateway {where}: {words(resolved or {})}", since(resolved))
    return ready(since=since(accepted))


def scaled_object(manifest: Manifest) -> Health:
    """A ScaledObject of KEDA. Its conditions have no times; paused ones are Ready as well."""
    found = conditions(manifest)
    if is_true(found.get("Paused")):
        return suspended(words(found["Paused"]))
    top = found.get("Ready")
    if is_true(top):
        fallback = found.get("Fallback")
        return ready(words(fallback or {}) if is_true(fallback) else "")
    if is_false(top):
        return failed(words(top or {}))
    return progressing("KEDA has not reported on it yet")


def external_secret(manifest: Manifest) -> Health:
    """An ExternalSecret: its Secret was made as its last generation says.

    The operator tries again when it could not, but what it says then (no such entry, no access) hardly passes by
    itself. ``syncedResourceVersion`` begins with the generation (its source, ``esutils.GetResourceVersion``).
    """
    top = conditions(manifest).get("Ready")
    if is_false(top):
        return failed(words(top or {}), since(top))
    if not is_true(top):
        return progressing("the External Secrets Operator has not reported on it yet")
    synced = text(block(manifest, "status"), "syncedResourceVersion").partition("-")[0]
    generation = number(block(manifest, "metadata"), "generation")
    if synced.isdecimal() and int(synced) < generation:
        return progressing("its Secret was not fetched again since its last change", since(top))
    return ready(since=since(top))


def definition(manifest: Manifest) -> Health:
    """A CustomResourceDefinition: established, and its names not another's."""
    found = conditions(manifest)
    if is_false(found.get("NamesAccepted")):
        return failed(words(found["NamesAccepted"]), since(found["NamesAccepted"]))
    established = found.get("Established")
    if is_true(established):
        return ready(since=since(established))
    return progressing("the API server does not serve it yet")


def namespace(manifest: Manifest) -> Health:
    """A Namespace: active."""
    phase = text(block(manifest, "status"), "phase")
    return ready() if phase == "Active" else progressing(f"its phase is {phase or 'not known'}")


def volume_claim(manifest: Manifest) -> Health:
    """A PersistentVolumeClaim: bound. One whose storage class waits for its first pod cannot be bound before that."""
    phase = text(block(manifest, "status"), "phase")
    if phase == "Bound":
        return ready()
    return failed("its volume is lost") if phase == "Lost" else progressing("it is not bound to a volume yet")


def by_ready_condition(manifest: Manifest) -> Health | None:
    """Whatever has a condition Ready, such as a Certificate; None for what has none.

    Ready: False is progress, not failure, unless the object also says Stalled (as kstatus and Flux do).
    """
    found = conditions(manifest)
    behind = unseen(manifest)
    if behind is not None:
        return behind
    if is_true(found.get("Stalled")):
        return failed(words(found["Stalled"]), since(found["Stalled"]))
    top = found.get("Ready")
    if top is None:
        return None
    return ready(since=since(top)) if is_true(top) else progressing(words(top), since(top))


def local_queue(manifest: Manifest) -> Health:
    """A queue of Kueue: active."""
    active = conditions(manifest).get("Active")
    if is_true(active):
        return ready(since=since(active))
    return progressing(words(active) if active else "Kueue has not reported on it yet", since(active))
