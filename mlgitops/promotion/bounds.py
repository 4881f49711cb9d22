"""What a training run itself asks of its metrics, before there is any release that gates could judge. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Bounds:
    """By a metric's name, the least and the most that it may be; both may be asked of one metric."""

    at_least: Mapping[str, float] = field(default_factory=dict)
    at_most: Mapping[str, float] = field(default_factory=dict)


def with_bounds(metrics: Iterable[Mapping[str, Any]], bounds: Bounds) -> list[dict[str, Any]]:
    """Metrics as evidence lists them, each with its bound as ``threshold``.

    Of a metric that has only an upper bound, a smaller value is the better one, whatever the metric says.
    """
    return [{**metric, **_threshold(str(metric["name"]), bounds)} for metric in metrics]


def _threshold(name: str, bounds: Bounds) -> dict[str, Any]:
    if name in bounds.at_least:
        return {"threshold": bounds.at_least[name], "higherIsBetter": True}
    if name in bounds.at_most:
        return {"threshold": bounds.at_most[name], "higherIsBetter": False}
    return {}


def broken(metrics: Iterable[Mapping[str, Any]], bounds: Bounds) -> Iterator[str]:
    """The bounds that are not held, in words. A metric that was not measured holds none."""
    values = {str(metric["name"]): metric["value"] for metric in metrics}
    for name in sorted({*bounds.at_least, *bounds.at_most}):
        value = values.get(name)
        least, most = bounds.at_least.get(name), bounds.at_most.get(name)
        if value is None:
            yield f"{name} was not measured"
        elif least is not None and value < least:
            yield f"{name} is {value:g}, and must be at least {least:g}"
        elif most is not None and value > most:
            yield f"{name} is {value:g}, and must be at most {most:g}"
