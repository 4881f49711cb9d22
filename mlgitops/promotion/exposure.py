"""How a model's file follows when its release changes while two can run side by side. Pure edits of its text.

The release that ran stays as the stable one, and how far the one before was exposed to requests is forgotten: no new
release is ever exposed to more of them than somebody has said for this very release.
"""

from __future__ import annotations

from typing import Any

from mlgitops.promotion.splice import remove, set_value
from mlgitops.spec.document import load
from mlgitops.spec.positions import Pointer, value_of

ROLLOUT: Pointer = ("spec", "rollout")
STABLE: Pointer = (*ROLLOUT, "stable")
EXPOSURE = ((*ROLLOUT, "canary"), (*ROLLOUT, "blueGreen"))
"""What says how many requests the new release answers; without them it is none."""


def begun(path: str, content: bytes, old: Any, version: str) -> bytes:
    """The file with a new release in it (``version``), as its rollout begins: ``old``, as JSON data, is the stable one.

    In the midst of a rollout the stable release stays, but for one that answers nothing any more; and where it is what
    comes back, the rollout ends. Raises ``FindingsError`` where the file cannot be edited.
    """
    data = load(path, content).data
    stable = old if answers_all(data) else value_of(data, STABLE) or old
    if value_of(stable, ("version",)) == version:
        return ended(path, content)
    return _without(path, set_value(path, content, STABLE, stable), EXPOSURE)


def answers_all(data: Any) -> bool:
    """Whether a model's file has its new release answer all requests, so that the stable one could as well be gone."""
    weight, active = (value_of(data, (*ROLLOUT, *field)) for field in (("canary", "weight"), ("blueGreen", "active")))
    return bool(weight == 100 or active == "new")


def ended(path: str, content: bytes) -> bytes:
    """The file without what there is only during a rollout. Raises ``FindingsError`` where it cannot be edited."""
    there, passing = set(value_of(load(path, content).data, ROLLOUT) or ()), {"stable", "canary", "blueGreen"}
    if not there & passing:
        return content
    # An empty block would delete what the files beneath say of the rollout.
    return _without(path, content, (STABLE, *EXPOSURE) if there - passing else (ROLLOUT,))


def _without(path: str, content: bytes, pointers: tuple[Pointer, ...]) -> bytes:
    """The file without the entries that it has."""
    for pointer in pointers:
        if value_of(load(path, content).data, pointer) is not None:
            content = remove(path, content, pointer)
    return content
