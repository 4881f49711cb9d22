"""Quantities in the form that Kubernetes itself writes. Pure.

KServe's webhook reads an InferenceService into Go types and writes it back, which turns ``1.5`` into ``1500m`` and
``1024Mi`` into ``1Gi``. Rendered in another form, it would differ from what runs forever (kserve issue 2232).
"""

from __future__ import annotations

import math
import re
from decimal import ROUND_CEILING, Decimal

_DECIMAL = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_BINARY = {"Ki": 1, "Mi": 2, "Gi": 3, "Ti": 4, "Pi": 5, "Ei": 6}


def canonical(quantity: str) -> str:
    """A ``Quantity`` in canonical form, as ``k8s.io/apimachinery/pkg/api/resource`` defines it.

    No fraction, no precision lost, the largest unit that allows this; binary units stay binary where one divides it.
    Only fractions of a byte are rounded up.
    """
    number, unit = re.fullmatch(r"([\d.]+)([A-Za-z]*)", quantity).groups()  # type: ignore[union-attr]
    if unit in _BINARY:
        return _binary(math.ceil(Decimal(number) * 1024 ** _BINARY[unit]))
    return _decimal(Decimal(number).scaleb(_DECIMAL[unit]))


def _binary(size: int) -> str:
    whole = [unit for unit, power in _BINARY.items() if size and size % 1024**power == 0]
    return f"{size // 1024 ** _BINARY[whole[-1]]}{whole[-1]}" if whole else _decimal(Decimal(size))


def _decimal(value: Decimal) -> str:
    value = value.quantize(Decimal("1e-9"), rounding=ROUND_CEILING)
    if not value:
        return "0"
    unit = [unit for unit, power in _DECIMAL.items() if not value.scaleb(-power) % 1][-1]
    return f"{int(value.scaleb(-_DECIMAL[unit]))}{unit}"
