"""A golden set: requests with the answers that are right, one JSON object a line, and whether an answer agrees. Pure.

A line has ``inputs`` and ``outputs`` (Open Inference Protocol, version 2) or ``instances`` and ``predictions``
(version 1), as they are sent and as they come back. All lines are of one version.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

MOST_ITEMS = 10_000
PROTOCOLS: Mapping[str, tuple[str, str]] = {"v2": ("inputs", "outputs"), "v1": ("instances", "predictions")}
"""What is sent and what comes back, by protocol."""


@dataclass(frozen=True, slots=True)
class Item:
    """One request: its line in the file, its body, and what must come back."""

    line: int
    body: bytes
    expected: Any


@dataclass(frozen=True, slots=True)
class Golden:
    """A golden set and the protocol that it is of, ``v2`` or ``v1``."""

    protocol: str
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How far a number may be off: ``absolute``, plus ``relative`` times the expected number."""

    absolute: float = 1e-6
    relative: float = 1e-4

    def allows(self, expected: float, given: float) -> bool:
        """Whether the given number is near enough. What is no number is near to nothing."""
        return abs(expected - given) <= self.absolute + self.relative * abs(expected)


def read(content: bytes) -> Golden:
    """The golden set of a file. Raises ``ValueError`` naming the line."""
    items, protocols = [], set()
    for number, text in enumerate(content.splitlines(), start=1):
        if text.strip():
            protocol, item = _item(number, text)
            protocols.add(protocol)
            items.append(item)
    if not items:
        raise ValueError("there is no request in it")
    if len(items) > MOST_ITEMS:
        raise ValueError(f"it has {len(items):,} requests, of at most {MOST_ITEMS:,}")
    if len(protocols) > 1:
        raise ValueError("some lines have inputs and some instances: make two files of it")
    return Golden(protocols.pop(), tuple(items))


def disagreement(item: Item, protocol: str, answer: Any, tolerance: Tolerance) -> str:
    """How an answer differs from what is right, the first difference in words; empty where it agrees."""
    name = PROTOCOLS[protocol][1]
    given = answer.get(name) if isinstance(answer, Mapping) else None
    if given is None:
        return f"the answer has no {name}"
    if protocol == "v1":
        return next(_differing(name, item.expected, given, tolerance), "")
    return next(_tensors(item.expected, given, tolerance), "")


def _item(number: int, text: bytes) -> tuple[str, Item]:
    try:
        data = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise ValueError(f"line {number} is no JSON: {error}") from error
    for protocol, (sent, expected) in PROTOCOLS.items():
        if isinstance(data, dict) and sent in data:
            if not isinstance(data.get(expected), list) or not data[expected]:
                raise ValueError(f"line {number} has {sent}, and no {expected} to compare with")
            body = {key: value for key, value in data.items() if key != expected}
            if protocol == "v2":
                _refuse_tensors(number, data[expected])
            return protocol, Item(number, orjson.dumps(body), data[expected])
    raise ValueError(f"line {number} has neither inputs nor instances")


def _refuse_tensors(number: int, outputs: list[Any]) -> None:
    for tensor in outputs:
        if not isinstance(tensor, dict) or "name" not in tensor or not isinstance(tensor.get("data"), list):
            raise ValueError(f"line {number} has an output without name or data")


def _tensors(expected: list[Mapping[str, Any]], given: Any, tolerance: Tolerance) -> Iterator[str]:
    listed = given if isinstance(given, list) else []
    named = {tensor.get("name"): tensor for tensor in listed if isinstance(tensor, Mapping)}
    for wanted in expected:
        name = wanted["name"]
        found = named.get(name)
        if found is None:
            yield f"the output {name} is missing"
            continue
        for field in ("datatype", "shape"):
            if field in wanted and wanted[field] != found.get(field):
                yield f"the {field} of {name} is {found.get(field)}, not {wanted[field]}"
        yield from _differing(f"{name}", _flat(wanted["data"]), _flat(found.get("data")), tolerance)


def _flat(value: Any) -> Any:
    """A tensor's data as one list: the protocol allows both that and lists in lists."""
    if not isinstance(value, list):
        return value
    return [inner for item in value for inner in (_flat(item) if isinstance(item, list) else [item])]


def _differing(where: str, expected: Any, given: Any, tolerance: Tolerance) -> Iterator[str]:
    if isinstance(expected, list) and isinstance(given, list):
        if len(expected) != len(given):
            yield f"{where} has {len(given)} items, not {len(expected)}"
            return
        for index, (one, other) in enumerate(zip(expected, given, strict=True)):
            yield from _differing(f"{where}[{index}]", one, other, tolerance)
    elif isinstance(expected, dict) and isinstance(given, dict):
        for key in expected:
            yield from _differing(f"{where}.{key}", expected[key], given.get(key), tolerance)
    elif _is_number(expected) and _is_number(given):
        if not (math.isfinite(given) and tolerance.allows(expected, given)):
            yield f"{where} is {given}, not {expected}"
    elif type(expected) is not type(given) or expected != given:
        yield f"{where} is {given!r}, not {expected!r}"


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
