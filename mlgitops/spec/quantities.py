"""Durations and quantities as numbers. Pure, and light to import."""

from __future__ import annotations

import re
from decimal import Decimal

_MILLISECONDS = {"ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
_FACTORS = {
    "n": Decimal("1e-9"), "u": Decimal("1e-6"), "m": Decimal("0.001"), "": Decimal(1),
    **{unit: Decimal(1000) ** power for power, unit in enumerate("kMGTPE", start=1)},
    **{unit + "i": Decimal(1024) ** power for power, unit in enumerate("KMGTPE", start=1)},
}  # fmt: skip


def milliseconds(duration: str) -> int:
    """A ``Duration`` in milliseconds."""
    return sum(int(n) * _MILLISECONDS[unit] for n, unit in re.findall(r"([0-9]+)(ms|s|m|h|d)", duration))


def seconds(duration: str) -> int:
    """A ``Duration`` in whole seconds, rounded up, at least 1."""
    return max(1, -(-milliseconds(duration) // 1000))


def amount(quantity: str) -> Decimal:
    """A ``Quantity`` as an exact number of its base unit (cores, bytes, pieces), in any form that Kubernetes reads."""
    number, power, unit = re.fullmatch(r"([0-9.]+)(?:[eE]([+-]?[0-9]{1,2})|([A-Za-z]*))", quantity).groups()  # type: ignore[union-attr]
    return Decimal(number).scaleb(int(power)) if power else Decimal(number) * _FACTORS[unit]
