"""The copies of artifacts that have to be there before a plan is applied: told by the manifests themselves. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from mlgitops.manifest import ANNOTATION_COPIES
from mlgitops.plan.change import Action, Change, TargetPlan


class Copy(NamedTuple):
    """An artifact of which a target reads a copy: the URI of the original and of the copy."""

    source: str
    destination: str


def copies(target: TargetPlan) -> tuple[Copy, ...]:
    """What a target is to read from a mirror from now on, each once, in order.

    Whether the copy is there nobody has looked; what does not change was read before, and so is.
    """
    return tuple(sorted({copy for change in target.pending if _is_new(change) for copy in _of(change)}))


def _is_new(change: Change) -> bool:
    """Whether what the object reads from a mirror differs from what it read before."""
    if change.action is Action.UPDATE:
        return any(ANNOTATION_COPIES in field.path or _holds(field.new) for field in change.fields)
    return change.writes


def _holds(value: object) -> bool:
    """Whether a field that is new as a whole, such as all annotations, brings the copies with it."""
    return isinstance(value, dict) and ANNOTATION_COPIES in value


def _of(change: Change) -> Iterator[Copy]:
    annotations = ((change.desired or {}).get("metadata") or {}).get("annotations") or {}
    for one in str(annotations.get(ANNOTATION_COPIES, "")).splitlines():
        source, _, destination = one.partition(" ")
        if destination:
            yield Copy(source, destination)
