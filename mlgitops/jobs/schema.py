"""What a logged request has to look like: features by name, their kinds and bounds. Pure.

A schema is a list of objects in JSON, as ``monitoring.payloadSink.schema`` has them: ``name``; ``type``, a number
or a text; ``required`` unless it is false; of numbers ``min`` and ``max``, of texts ``values``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from mlgitops.errors import MlgitopsError
from mlgitops.jobs.columns import Columns, Value, height_of

MISSING, TYPE, RANGE, VALUE = "missing", "type", "range", "value"
"""The rules that a value can break: it is not there, of another kind, out of bounds, or none of those that may be."""
KINDS = ("number", "text")


@dataclass(frozen=True, slots=True)
class Field:
    """One feature. Without bounds or values, any of its kind will do."""

    name: str
    kind: str
    required: bool = True
    least: float | None = None
    most: float | None = None
    values: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Violation:
    """How many rows break a rule about a feature."""

    feature: str
    rule: str
    rows: int


def fields_in(text: str) -> tuple[Field, ...]:
    """The fields of a schema as JSON. Raises ``MlgitopsError``."""
    try:
        return tuple(map(_field, orjson.loads(text)))
    except (orjson.JSONDecodeError, TypeError, KeyError, ValueError) as error:
        raise MlgitopsError(
            f"the schema is not a list of features: {type(error).__name__}",
            help="Write it as the model's data schema: a list of maps with name and type.",
        ) from error


def _field(entry: Mapping[str, Any]) -> Field:
    if entry["type"] not in KINDS:
        raise ValueError(entry["type"])
    least, most = (None if entry.get(key) is None else float(entry[key]) for key in ("min", "max"))
    values = frozenset(map(str, entry.get("values") or ()))
    return Field(str(entry["name"]), entry["type"], bool(entry.get("required", True)), least, most, values)


def violations(columns: Columns, fields: Sequence[Field]) -> Iterator[Violation]:
    """The rules that rows break, feature by feature, in the schema's order. Other features may be there, too."""
    rows = height_of(columns)
    for field in fields:
        broken = [rule for value in columns.get(field.name, [None] * rows) if (rule := _rule_broken(field, value))]
        yield from (Violation(field.name, rule, broken.count(rule)) for rule in sorted(set(broken)))


def _rule_broken(field: Field, value: Value) -> str:
    """The rule that a value breaks; empty where it breaks none."""
    if value is None:
        return MISSING if field.required else ""
    if isinstance(value, str) is (field.kind == "number"):
        return TYPE
    if isinstance(value, str):
        return VALUE if field.values and value not in field.values else ""
    too_small = field.least is not None and value < field.least
    too_large = field.most is not None and value > field.most
    return RANGE if too_small or too_large else ""
