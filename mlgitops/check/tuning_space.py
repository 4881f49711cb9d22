"""Rules about what a search may choose from. Pure.

As Katib's webhook (v0.19.0, ``validateParameters``) and its algorithms do; bounds that leave no choice are refused by
none of them, and make every trial fail.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from mlgitops.finding import Finding
from mlgitops.spec.positions import Pointer
from mlgitops.spec.resolved import ResolvedPipeline
from mlgitops.spec.tuning import SearchParameter, Tuning

_BOUNDS = ("min", "max", "step")
_RANGES = ("double", "int")


def check(resolved: ResolvedPipeline, tuning: Tuning) -> Iterator[Finding]:
    """Findings about the parameters of a search, each by itself and all together."""
    found = [f for i, p in enumerate(tuning.parameters) for f in _parameter(resolved, ("tuning", "parameters", i), p)]
    yield from found
    if not found:
        yield from _enough(resolved, tuning)


def _parameter(resolved: ResolvedPipeline, at: Pointer, parameter: SearchParameter) -> Iterator[Finding]:
    if parameter.type in _RANGES:
        yield from _range(resolved, at, parameter)
    else:
        yield from _list(resolved, at, parameter)


def _wrong(resolved: ResolvedPipeline, at: Pointer, message: str, help: str) -> Finding:
    return resolved.finding("search-space", at, message, help=help)


def _range(resolved: ResolvedPipeline, at: Pointer, parameter: SearchParameter) -> Iterator[Finding]:
    if parameter.list:
        yield _wrong(resolved, (*at, "list"), f"type {parameter.type} has min and max, no list",
                     "remove list, or make the type categorical or discrete")  # fmt: skip
    if parameter.min is None or parameter.max is None:
        yield _wrong(resolved, at, f"type {parameter.type} needs min and max", "add both")
        return
    for field in _BOUNDS:
        value = getattr(parameter, field)
        if value is not None and parameter.type == "int" and not float(value).is_integer():
            yield _wrong(resolved, (*at, field), f"{value} is no whole number", "write one, or make the type double")
    if float(parameter.min) >= float(parameter.max):
        yield _wrong(resolved, (*at, "min"), f"min {parameter.min} is not less than max {parameter.max}",
                     "raise max, or lower min")  # fmt: skip
    if parameter.step is not None and float(parameter.step) <= 0:
        yield _wrong(resolved, (*at, "step"), "a step is more than 0", "write another, or remove it")
    if parameter.distribution.startswith("log") and float(parameter.min) <= 0:
        yield _wrong(resolved, (*at, "min"), f"{parameter.distribution} has logarithms of values above 0 alone",
                     "raise min, or choose another distribution")  # fmt: skip


def _list(resolved: ResolvedPipeline, at: Pointer, parameter: SearchParameter) -> Iterator[Finding]:
    for field in _BOUNDS:
        if getattr(parameter, field) is not None:
            yield _wrong(resolved, (*at, field), f"type {parameter.type} has a list, no {field}", f"remove {field}")
    if parameter.distribution != "uniform":
        yield _wrong(resolved, (*at, "distribution"), f"a list of type {parameter.type} has no distribution",
                     "remove distribution")  # fmt: skip
    if not parameter.list:
        yield _wrong(resolved, at, f"type {parameter.type} needs a list", "add list")
    if len(set(parameter.list)) < len(parameter.list):
        yield _wrong(resolved, (*at, "list"), "a value is there twice", "remove one of them")
    if parameter.type == "discrete" and not all(map(_is_number, parameter.list)):
        yield _wrong(resolved, (*at, "list"), "discrete values are numbers", "make the type categorical")


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def _enough(resolved: ResolvedPipeline, tuning: Tuning) -> Iterator[Finding]:
    """What an algorithm wants of all parameters together."""
    continuous = sum(parameter.type in _RANGES for parameter in tuning.parameters)
    if tuning.algorithm.name == "cmaes" and continuous < 2:
        yield _wrong(resolved, ("tuning", "algorithm", "name"), "cmaes needs two parameters of type double or int",
                     "add one, or choose another algorithm")  # fmt: skip
    if tuning.algorithm.name == "grid":
        yield from _grid(resolved, tuning)


def _grid(resolved: ResolvedPipeline, tuning: Tuning) -> Iterator[Finding]:
    for index, parameter in enumerate(tuning.parameters):
        if parameter.type == "double" and parameter.step is None:
            yield _wrong(resolved, ("tuning", "parameters", index), "algorithm grid needs the step of a double",
                         "add step: by how much two values of it differ")  # fmt: skip
            return
    combinations = math.prod(map(_size, tuning.parameters))
    if tuning.trials.max > combinations:
        message = f"a grid of {combinations} has no {tuning.trials.max} trials"
        yield _wrong(resolved, ("tuning", "trials", "max"), message, f"set trials.max to {combinations} or less")


def _size(parameter: SearchParameter) -> int:
    if parameter.min is None or parameter.max is None:
        return len(parameter.list)
    step = float(parameter.step or 1)
    return math.floor((float(parameter.max) - float(parameter.min)) / step + 1e-9) + 1
