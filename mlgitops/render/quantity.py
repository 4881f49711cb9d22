"""Quantities in the one form that Kubernetes itself writes. Pure.

KServe's webhook reads an InferenceService into Go types and writes it back, and so turns ``1.5`` into ``1500m`` and
``1024Mi`` into ``1Gi``. Any other form than that would differ from what runs forever (kserve issue 2232).
"""

from __future__ import annotations

import math
import re
from decimal import ROUND_CEILING, Decimal

_DECIMAL = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_BINARY = {"": 0, "Ki": 1, "Mi": 2, "Gi": 3, "Ti": 4, "Pi": 5, "Ei": 6}


def canonical(quantity: str) -> str:
    """The canonical form (``k8s.io/apimachinery/pkg/api/resource``, ``Quantity``).

    No fraction, no precision lost, the largest unit that allows this; binary units stay binary from 1024 on.
    Fractions of a byte are rounded up.
    """
    number, unit = re.fullmatch(r"([\d.]+)([A-Za-z]*)", quantity).groups()  # type: ignore[union-attr]
    if unit in _BINARY and unit:
        value = Decimal(number) * 1024 ** _BINARY[unit]
        return _binary(math.ceil(value)) if value >= 1024 else _decimal(value)
    return _decimal(Decimal(number).scaleb(_DECIMAL[unit]))


def _binary(value: int) -> str:
    unit = max((u for u, power in _BINARY.items() if value % 1024**power == 0), key=lambda u: _BINARY[u])
    return f"{value // 1024 ** _BINARY[unit]}{unit}"


def _decimal(value: Decimal) -> str:
    value = value.quantize(Decimal("1e-9"), rounding=ROUND_CEILING)
    if not value:
        return "0"
    unit = max((u for u, power in _DECIMAL.items() if not value.scaleb(-power) % 1), key=lambda u: _DECIMAL[u])
    return f"{int(value.scaleb(-_DECIMAL[unit]))}{unit}"
