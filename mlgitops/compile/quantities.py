"""Lengths of time and resources of other tools as a Pipeline writes them. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from mlgitops.compile.notes import Notes
from mlgitops.compile.written import Where

_UNITS = ((86400, "d"), (3600, "h"), (60, "m"))
_SECONDS = re.compile(r"(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?")
_KNOWN = ("cpu", "memory")


def duration(seconds: int) -> str:
    """A number of seconds in the largest unit that holds it in whole: ``1h`` for 3600."""
    for size, unit in _UNITS:
        if seconds % size == 0 and seconds >= size:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"


def seconds_of(value: Any) -> int | None:
    """A number of seconds, also written as text (``"90"``) or as Go writes it (``1h30m``); None for anything else."""
    text = str(value)
    if text.isdecimal():
        return int(text)
    match = _SECONDS.fullmatch(text)
    if match is None or not any(match.groups()):
        return None
    hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return hours * 3600 + minutes * 60 + seconds


def resources(data: Mapping[str, Any], classes: Mapping[str, str], notes: Notes, where: Where) -> dict[str, Any]:
    """The ``resources`` of a step from a container's requests and limits; empty where there are none.

    ``classes`` has for a resource such as ``nvidia.com/gpu`` the accelerator class of the Targets that is meant.
    """
    notes.without(where, data, ("requests", "limits"))
    requests, limits = dict(data.get("requests") or {}), dict(data.get("limits") or {})
    made: dict[str, Any] = {}
    cpu = requests.get("cpu", limits.get("cpu"))
    if cpu is not None:
        made["cpu"] = str(cpu)
    if "cpu" in limits and str(limits["cpu"]) != str(cpu):
        made["cpuLimit"] = str(limits["cpu"])
    memory = limits.get("memory", requests.get("memory"))
    if memory is not None:
        made["memory"] = str(memory)
    if "memory" in requests and str(requests["memory"]) != str(memory):
        notes.otherwise(where.at("requests", "memory"), f"{where.named} gets its {memory} of memory reserved in full",
                        "a step's memory is reserved and limited by one number")  # fmt: skip
    others = {name: count for name, count in {**requests, **limits}.items()
              if name not in _KNOWN and count is not None}  # fmt: skip
    return {**made, **_accelerator(others, classes, notes, where)}


def _accelerator(
    others: Mapping[str, Any], classes: Mapping[str, str], notes: Notes, where: Where
) -> dict[str, dict[str, Any]]:
    known = {name: count for name, count in others.items() if name in classes}
    for name in others.keys() - known.keys():
        notes.refuse(where, f"{where.named} asks for {name}, and nobody says which accelerator class that is",
                     f"add --accelerator {name}=CLASS, with a class of the Targets' accelerators")  # fmt: skip
    if len(known) > 1:
        notes.refuse(where, f"{where.named} asks for several accelerators: {', '.join(sorted(known))}")
    for name, count in known.items():
        if str(count).isdecimal():
            return {"accelerator": {"class": classes[name], "count": int(count)}}
        notes.refuse(where, f"{where.named} asks for {count} of {name}", "accelerators are counted in whole numbers")
    return {}
