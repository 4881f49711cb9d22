"""When two different texts of a field mean the same value, as an API server would store it.

Only for fields known by their name: everywhere else ``1`` and ``"1"`` are different. Durations in weeks or years and
quantities with exponents are compared as text.
"""

from __future__ import annotations

import re
from typing import Any

from mlgitops.plan.change import Path
from mlgitops.spec.quantities import amount, milliseconds

_QUANTITY = re.compile(r"\d+(\.\d+)?(m|k|[MGTPE]|[KMGTPE]i)?")
_DURATION = re.compile(r"(\d+(ms|s|m|h|d))+")
_QUANTITY_PARENTS = frozenset({"requests", "limits", "capacity", "hard", "default", "defaultRequest"})
_QUANTITY_FIELDS = frozenset({"sizeLimit"})
_DURATIONS = frozenset({"interval", "scrapeTimeout", "scrapeInterval", "for", "duration", "maxDuration", "timeout"})
_INT_OR_STRING = frozenset(
    {"port", "targetPort", "maxSurge", "maxUnavailable", "minAvailable", "activeDeadlineSeconds", "limit"}
)


def same_value(path: Path, one: Any, other: Any) -> bool:
    """Whether two scalars at a path are the same value. True and 1 never are."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    return bool(one == other) or _same_meaning(path, _text(one), _text(other))


def _same_meaning(path: Path, one: str, other: str) -> bool:
    field, parent = path[-1] if path else "", path[-2] if len(path) > 1 else ""
    if parent in _QUANTITY_PARENTS or field in _QUANTITY_FIELDS:
        if _QUANTITY.fullmatch(one) and _QUANTITY.fullmatch(other):
            return amount(one) == amount(other)
    elif field in _DURATIONS and _DURATION.fullmatch(one) and _DURATION.fullmatch(other):
        return milliseconds(one) == milliseconds(other)
    return field in _INT_OR_STRING and one.isdigit() and one == other


def _text(value: Any) -> str:
    return str(value) if isinstance(value, str | int | float) else ""
