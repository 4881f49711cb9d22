"""Health of Kubernetes' own workloads that do not end: Deployment, StatefulSet, DaemonSet, Pod."""

from __future__ import annotations

from collections.abc import Iterator

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

_UNSEEN = "its controller has not reported on it yet"
_BROKEN = frozenset({
    "CrashLoopBackOff", "CreateContainerConfigError", "CreateContainerError", "ErrImageNeverPull", "ErrImagePull",
    "ImagePullBackOff", "InvalidImageName", "RunContainerError",
})  # fmt: skip
"""Why a container waits, where it hardly starts by itself (the kubelet's names)."""


def deployment(manifest: Manifest) -> Health:
    """A Deployment, as ``kubectl rollout status`` sees it."""
    status, found = block(manifest, "status"), conditions(manifest)
    progress = found.get("Progressing")
    if block(manifest, "spec").get("paused") is True:
        return suspended("spec.paused is set", since(progress))
    behind = unseen(manifest)
    if behind is not None or not status:
        return behind or progressing(_UNSEEN)
    if is_false(progress) and text(progress or {}, "reason") == "ProgressDeadlineExceeded":
        return failed(words(progress or {}), since(progress))
    waiting = _replicas(manifest, status)
    if waiting:
        blocked = found.get("ReplicaFailure")
        return progressing(f"{waiting}; {words(blocked)}" if blocked else waiting, since(progress))
    return ready(f"{number(status, 'availableReplicas')} available", since(found.get("Available")))


def _replicas(manifest: Manifest, status: Block) -> str:
    """What a Deployment waits for; empty for nothing."""
    wanted = number(block(manifest, "spec"), "replicas", 1)
    updated, available = number(status, "updatedReplicas"), number(status, "availableReplicas")
    if updated < wanted:
        return f"{updated} of {wanted} replicas updated"
    if number(status, "replicas") > updated:
        return f"{number(status, 'replicas') - updated} old replicas to go"
    return f"{available} of {wanted} replicas available" if available < updated else ""


def stateful_set(manifest: Manifest) -> Health:
    """A StatefulSet. With OnDelete and beyond a partition, pods stay as they are until somebody removes them."""
    status, spec = block(manifest, "status"), block(manifest, "spec")
    behind = unseen(manifest)
    if behind is not None or not status:
        return behind or progressing(_UNSEEN)
    wanted, up = number(spec, "replicas", 1), number(status, "readyReplicas")
    if up < wanted:
        return progressing(f"{up} of {wanted} replicas ready")
    strategy = block(spec, "updateStrategy")
    rolls = text(strategy, "type") != "OnDelete"
    moved = wanted - number(block(strategy, "rollingUpdate"), "partition")
    updated = number(status, "updatedReplicas")
    revised = text(status, "updateRevision") != text(status, "currentRevision")
    if rolls and revised and updated < moved:
        return progressing(f"{updated} of {moved} replicas updated")
    return ready(f"{up} ready")


def daemon_set(manifest: Manifest) -> Health:
    """A DaemonSet, on the nodes that it is for."""
    status = block(manifest, "status")
    behind = unseen(manifest)
    if behind is not None or not status:
        return behind or progressing(_UNSEEN)
    wanted = number(status, "desiredNumberScheduled")
    on_delete = text(block(manifest, "spec", "updateStrategy"), "type") == "OnDelete"
    updated = wanted if on_delete else number(status, "updatedNumberScheduled")
    available = number(status, "numberAvailable")
    if updated < wanted:
        return progressing(f"{updated} of {wanted} pods updated")
    return progressing(f"{available} of {wanted} pods available") if available < wanted else ready(f"{available} pods")


def pod(manifest: Manifest) -> Health:
    """A Pod, by its phase, its conditions and what its containers wait for."""
    status, found = block(manifest, "status"), conditions(manifest)
    match text(status, "phase"):
        case "Succeeded":
            return ready("it completed")
        case "Failed":
            return failed(text(status, "message") or text(status, "reason") or "it failed")
    broken = next(_broken(status), "")
    if broken:
        return failed(broken)
    if is_true(found.get("Ready")):
        return ready(since=since(found["Ready"]))
    late = next((found[name] for name in ("PodScheduled", "Initialized", "Ready") if is_false(found.get(name))), None)
    return progressing(words(late) if late else _UNSEEN, since(late))


def _broken(status: Block) -> Iterator[str]:
    for container in (*blocks(status, "initContainerStatuses"), *blocks(status, "containerStatuses")):
        waiting = block(container, "state", "waiting")
        if text(waiting, "reason") in _BROKEN:
            said = ": ".join(part for part in (text(waiting, "reason"), text(waiting, "message")) if part)
            yield f"container {text(container, 'name')}: {said}"
