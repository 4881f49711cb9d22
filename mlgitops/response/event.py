"""The Kubernetes Event of a cause, on the model's InferenceService. Its name is the cause's. Pure.

Source: Kubernetes API reference, Event v1 core; a message has at most 1,024 characters.
"""

from __future__ import annotations

from typing import Any

from mlgitops.manifest import LABEL_MODEL, MANAGED_BY, Manifest, labels
from mlgitops.response.ledger import Known
from mlgitops.response.words import at, lines, title

_LONGEST = 1000


def subject(manifests: tuple[Manifest, ...], model: str) -> Manifest | None:
    """What the Event is about: the model's InferenceService, that with its own name where there are two."""
    served = [one for one in manifests if one["kind"] == "InferenceService" and labels(one).get(LABEL_MODEL) == model]
    return min(served, key=lambda one: (one["metadata"]["name"] != model, one["metadata"]["name"]), default=None)


def event(known: Known, about: Manifest, action: str, now: float, *, ended: bool) -> dict[str, Any]:
    """The Event as it is to be, whether it is there already or not."""
    metadata, cause = about["metadata"], known.cause
    reason = f"{cause.signal[0].upper()}{cause.signal[1:]}"
    said = f"over: {title(cause)}" if ended else "; ".join([title(cause), *lines(known, action)])
    return {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"name": f"{cause.model}.{cause.id}", "namespace": metadata["namespace"]},
        "involvedObject": {
            "apiVersion": about["apiVersion"],
            "kind": about["kind"],
            "name": metadata["name"],
            "namespace": metadata["namespace"],
        },
        "reason": f"{reason}Ended" if ended else reason,
        "message": said[:_LONGEST],
        "type": "Normal" if ended or cause.signal == "rolloutCompleted" else "Warning",
        "firstTimestamp": at(known.since),
        "lastTimestamp": at(now),
        "count": known.times,
        "source": {"component": MANAGED_BY},
    }
